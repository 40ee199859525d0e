"""Errors of the streaming app.

PortalError
├── StreamKeyUnknown     stream-key-unknown   403
├── StreamKeyExpired     stream-key-expired   403
├── ChannelIsLive        channel-is-live      409
├── StreamIsOver         stream-is-over       409
├── SourceIsGone         source-is-gone       409
├── JobIsUnderWay        job-is-under-way     409
├── JobIsOver            job-is-over          409
├── JobHasSucceeded      job-has-succeeded    409
├── QualityLevelExists   quality-level-exists 409
├── QualityLevelChangedMeanwhile  quality-level-changed-meanwhile  412
├── PackageStorageUnreachable  package-storage-unreachable  503  Transient
├── PackageStorageRefused      package-storage-refused      502
└── PackageStorageFull   package-storage-full 507   Transient
"""

from http import HTTPStatus
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from portal.errors import PortalError, Transient


class StreamKeyUnknown(PortalError):
    """No channel has this stream key, or the key was revoked.

    Copy the key again, whole and without spaces, or have a new one issued.
    """

    code = "stream-key-unknown"
    title = _("Unknown stream key")
    status = HTTPStatus.FORBIDDEN


class StreamKeyExpired(PortalError):
    """The stream key was valid until its expiry date, which has passed. Have a new one issued."""

    code = "stream-key-expired"
    title = _("The stream key has expired")
    status = HTTPStatus.FORBIDDEN


class ChannelIsLive(PortalError):
    """Another encoder publishes to this channel at the moment; stop it first."""

    code = "channel-is-live"
    title = _("The channel is live already")
    status = HTTPStatus.CONFLICT


class StreamIsOver(PortalError):
    """The stream has ended; what was asked for is possible only while it is live. `state` is the one it is in."""

    code = "stream-is-over"
    title = _("The stream is over")
    status = HTTPStatus.CONFLICT


class SourceIsGone(PortalError):
    """The file was found damaged, expired or was deleted, so there is nothing to package. Upload it again."""

    code = "source-is-gone"
    title = _("The source file is gone")
    status = HTTPStatus.CONFLICT


class JobIsUnderWay(PortalError):
    """This source is being packaged, or waits for it, already. Wait for that job, or cancel it first.

    `job` is its id.
    """

    code = "job-is-under-way"
    title = _("The source is being packaged already")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, job_id: UUID) -> None:
        super().__init__(_("Wait for that job, or cancel it first."), job=str(job_id))


class JobIsOver(PortalError):
    """The job has ended; what was asked for is possible only before that. `state` is the one it is in."""

    code = "job-is-over"
    title = _("The job is over")
    status = HTTPStatus.CONFLICT


class JobHasSucceeded(PortalError):
    """The job has made its package, so there is nothing to retry. To package the source anew, add another job."""

    code = "job-has-succeeded"
    title = _("The job has made its package")
    status = HTTPStatus.CONFLICT


class QualityLevelExists(PortalError):
    """Another quality level has this name, or this codec and size, already. Nothing was saved."""

    code = "quality-level-exists"
    title = _("There is such a quality level already")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, is_name: bool) -> None:
        detail = _("Another one has this name.") if is_name else _("Another one has this codec and size.")
        fields = ("name",) if is_name else ("codec", "width_px", "height_px")
        super().__init__(
            detail, errors=[{"pointer": f"/{name}", "code": self.code, "detail": str(detail)} for name in fields]
        )


class QualityLevelChangedMeanwhile(PortalError):
    """Somebody else changed the quality level after you read it. Nothing was saved.

    Read it again, then repeat your change.
    """

    code = "quality-level-changed-meanwhile"
    title = _("Somebody else has changed it")
    status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self) -> None:
        super().__init__(_("Load it again, then repeat your change."))


class PackageStorageUnreachable(PortalError, Transient):
    """The storage for packages does not answer, or not in time. The job tries again by itself, some times."""

    code = "package-storage-unreachable"
    title = _("The storage for packages does not answer")
    status = HTTPStatus.SERVICE_UNAVAILABLE


class PackageStorageRefused(PortalError):
    """The storage for packages refused: the portal's key has no right to what it asked for, or no bucket is there.

    The worker's log names the call and what storage said. An operator has to mend it; then the job can be retried.
    """

    code = "package-storage-refused"
    title = _("The storage for packages refused")
    status = HTTPStatus.BAD_GATEWAY


class PackageStorageFull(PortalError, Transient):
    """There is no room for the package where packages are kept. Make room; the job tries again by itself."""

    code = "package-storage-full"
    title = _("The storage for packages is full")
    status = HTTPStatus.INSUFFICIENT_STORAGE
