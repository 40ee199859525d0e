"""Errors of the streaming app.

PortalError
├── StreamKeyUnknown     stream-key-unknown   403
├── StreamKeyExpired     stream-key-expired   403
├── ChannelIsLive        channel-is-live      409
├── ChannelExists        channel-exists       409
├── StreamKeyIsRevoked   stream-key-is-revoked  409
├── TooManyStreamKeys    too-many-stream-keys  409
├── StreamIsOver         stream-is-over       409
├── StreamPlanExists     stream-plan-exists   409
├── TooManyStreamPlans   too-many-stream-plans  409
├── StreamPlanIsOver     stream-plan-is-over  409
├── StreamPlanOutOfReach stream-plan-out-of-reach  422
├── SourceIsGone         source-is-gone       409
├── JobIsUnderWay        job-is-under-way     409
├── JobIsOver            job-is-over          409
├── JobHasSucceeded      job-has-succeeded    409
├── StreamNotPlayable    stream-not-playable  409
├── MovieNotReady        movie-not-ready      409
├── MovieNotAvailable    movie-not-available  403
├── QualityLevelExists   quality-level-exists 409
├── QualityLevelChangedMeanwhile  quality-level-changed-meanwhile  412
├── PlaybackTokenInvalid       playback-token-invalid       403
├── PlaybackTokenOutdated      playback-token-expired       403
├── PlaybackRevoked            playback-revoked             403
├── MediaNotFound              media-not-found              404
├── MediaRangeOutside          media-range-outside          416
├── PlaylistReloadInvalid      playlist-reload-invalid      400
├── LiveStalled                live-stalled                 503  Transient
├── PackageStorageUnreachable  package-storage-unreachable  503  Transient
├── PackageStorageRefused      package-storage-refused      502
└── PackageStorageFull   package-storage-full 507   Transient
"""

from collections.abc import Mapping
from datetime import datetime
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


class ChannelExists(PortalError):
    """Another channel has this address already. Nothing was saved; choose another slug."""

    code = "channel-exists"
    title = _("There is a channel at this address already")
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        detail = _("Another channel has this address.")
        super().__init__(detail, errors=[{"pointer": "/slug", "code": self.code, "detail": str(detail)}])


class StreamKeyIsRevoked(PortalError):
    """The key was revoked, so nothing can take its place. Have a new one issued."""

    code = "stream-key-is-revoked"
    title = _("The stream key was revoked")
    status = HTTPStatus.CONFLICT


class TooManyStreamKeys(PortalError):
    """The channel has as many usable keys as a channel may have, `most`. Revoke one that is not needed any more."""

    code = "too-many-stream-keys"
    title = _("The channel has too many stream keys")
    status = HTTPStatus.CONFLICT


class StreamIsOver(PortalError):
    """The stream has ended; what was asked for is possible only while it is live. `state` is the one it is in."""

    code = "stream-is-over"
    title = _("The stream is over")
    status = HTTPStatus.CONFLICT


class StreamPlanExists(PortalError):
    """The channel has announced another broadcast for this moment. Nothing was saved; change that one instead."""

    code = "stream-plan-exists"
    title = _("A broadcast is announced for this moment already")
    status = HTTPStatus.CONFLICT

    def __init__(self) -> None:
        detail = _("Another broadcast of the channel is announced for this moment.")
        super().__init__(detail, errors=[{"pointer": "/starts_at", "code": self.code, "detail": str(detail)}])


class TooManyStreamPlans(PortalError):
    """The channel has announced as many broadcasts as a channel may announce, `most`. Call one off first."""

    code = "too-many-stream-plans"
    title = _("The channel has announced too many broadcasts")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, most: int) -> None:
        super().__init__(_("Call one off first: it may announce %(most)d at a time.") % {"most": most}, most=most)


class StreamPlanIsOver(PortalError):
    """The broadcast has begun, was called off, or did not begin within an hour of the announced moment.

    What was asked for is possible only before that. Announce another.
    """

    code = "stream-plan-is-over"
    title = _("The broadcast is not coming up any more")
    status = HTTPStatus.CONFLICT


class StreamPlanOutOfReach(PortalError):
    """A broadcast is announced for a moment to come, within a year. Nothing was saved."""

    code = "stream-plan-out-of-reach"
    title = _("This is no moment to announce a broadcast for")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        detail = _("Choose a moment to come, within a year.")
        super().__init__(detail, errors=[{"pointer": "/starts_at", "code": self.code, "detail": str(detail)}])


class StreamNotPlayable(PortalError):
    """The stream has begun, and no player could start it yet. `phase` is the one it is in.

    Ask again in a second, or wait for `stream.playable` on the stream's socket.
    """

    code = "stream-not-playable"
    title = _("The stream cannot be played yet")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, phase: str) -> None:
        super().__init__("", phase=phase)


class SourceIsGone(PortalError):
    """There is no file to package: it was found damaged, expired or was deleted, or never was one, as of a recording.

    Upload it again.
    """

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


class MovieNotReady(PortalError):
    """There is nothing of this movie yet that a player could start.

    `is_being_prepared` tells whether its film is being packaged; `percent` how far that is, from 0 to 100, null while
    it waits for a worker. Ask again in some seconds, or wait for `movie.became_playable` on the movie's socket.
    """

    code = "movie-not-ready"
    title = _("This film cannot be played yet")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, is_being_prepared: bool, percent: float | None) -> None:
        detail = _("This film is being prepared.") if is_being_prepared else _("There is no film here yet.")
        super().__init__(detail, is_being_prepared=is_being_prepared, percent=percent)


class MovieNotAvailable(PortalError):
    """The movie is announced, and cannot be watched yet. `opens_at` is when it can; null if that is not foreseen."""

    code = "movie-not-available"
    title = _("This film cannot be watched yet")
    status = HTTPStatus.FORBIDDEN

    def __init__(self, *, opens_at: datetime | None) -> None:
        super().__init__("", opens_at=opens_at.isoformat() if opens_at else None)


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


class PlaybackTokenInvalid(PortalError):
    """The address of the media was not made by this portal, or was changed. Open the playback anew."""

    code = "playback-token-invalid"
    title = _("The playback address is not valid")
    status = HTTPStatus.FORBIDDEN


class PlaybackTokenOutdated(PortalError):
    """The address of the media was valid for a time, which has passed. Open the playback anew."""

    code = "playback-token-expired"
    title = _("The playback has expired")
    status = HTTPStatus.FORBIDDEN


class PlaybackRevoked(PortalError):
    """What was being watched is no longer available, or an editor has ended this playback."""

    code = "playback-revoked"
    title = _("The playback was ended")
    status = HTTPStatus.FORBIDDEN


class MediaNotFound(PortalError):
    """The package has no such file. While a package is being made, its last segments may not be there yet."""

    code = "media-not-found"
    title = _("No such media file")
    status = HTTPStatus.NOT_FOUND


class MediaRangeOutside(PortalError):
    """The range begins behind the end of the file. `size_bytes` is how long it is; so says `Content-Range`."""

    code = "media-range-outside"
    title = _("The range lies outside the file")
    status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE

    def __init__(self, *, size_bytes: int) -> None:
        super().__init__(size_bytes=size_bytes)
        self._size_bytes = size_bytes

    def headers(self) -> Mapping[str, str]:
        return {"Content-Range": f"bytes */{self._size_bytes}"}


class PlaylistReloadInvalid(PortalError):
    """What a player asked to wait for makes no sense: `_HLS_part` without `_HLS_msn`, or too far ahead (RFC 8216)."""

    code = "playlist-reload-invalid"
    title = _("The playlist cannot be waited for in this way")
    status = HTTPStatus.BAD_REQUEST


class LiveStalled(PortalError, Transient):
    """Nothing has come from the broadcaster for some seconds. Ask again: the stream may go on."""

    code = "live-stalled"
    title = _("The live stream has stalled")
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "1"}


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
