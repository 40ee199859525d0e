"""What the upload door refuses, by name.

PortalError
├── UploadVersionUnknown    upload-version-unknown    412
├── UploadRefused           upload-refused            422
├── UploadTooLarge          upload-too-large          413
├── UploadQuotaReached      upload-quota-reached      409
├── UploadStorageFull       upload-storage-full       507   Transient
├── UploadOffsetWrong       upload-offset-wrong       409
├── UploadBusy              upload-busy               423   Transient
├── UploadPieceCorrupt      upload-piece-corrupt      460   Transient
└── UploadGone              upload-gone               410
"""

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.uploads.protocol import VERSION
from portal.errors import FieldError, PortalError, Transient


class UploadVersionUnknown(PortalError):
    """The request speaks no version of tus that Nova speaks; `Tus-Version` lists those it does.

    Send `Tus-Resumable: 1.0.0`.
    """

    code = "upload-version-unknown"
    title = _("This version of the upload protocol is not spoken here")
    status = HTTPStatus.PRECONDITION_FAILED

    def headers(self) -> Mapping[str, str]:
        return {"Tus-Version": VERSION}


class UploadRefused(PortalError):
    """The upload cannot be taken as it is announced, or its content is not what it was announced to be.

    `errors` names the header, or the member of `Upload-Metadata`, and what to change.
    """

    code = "upload-refused"
    title = _("This upload cannot be taken")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, *, pointer: str, fault: str, detail: str | Promise) -> None:
        super().__init__(detail, errors=[asdict(FieldError(pointer=pointer, code=fault, detail=str(detail)))])


class UploadTooLarge(PortalError):
    """The file, or this piece of it, is larger than Nova takes. `limit_bytes` is the most."""

    code = "upload-too-large"
    title = _("This is too large")
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(_("Send at most %(limit)d bytes.") % {"limit": limit_bytes}, limit_bytes=limit_bytes)


class UploadQuotaReached(PortalError):
    """Your uploads that are unfinished, or that no movie has, take all the room, or are as many, as one may have.

    Finish some and give them to movies, or delete them. `limit_bytes` and `limit_count` say how much that is.
    """

    code = "upload-quota-reached"
    title = _("You have too many uploads that no movie has yet")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, limit_bytes: int, limit_count: int) -> None:
        super().__init__(
            _("Give some to movies, or remove them, first."), limit_bytes=limit_bytes, limit_count=limit_count
        )


class UploadStorageFull(PortalError, Transient):
    """There is not enough room for a file of this size, or for more films at all. An operator has to make some."""

    code = "upload-storage-full"
    title = _("There is no room for this file")
    status = HTTPStatus.INSUFFICIENT_STORAGE


class UploadOffsetWrong(PortalError):
    """The piece does not begin where the upload ends: `offset_bytes`, which a HEAD request tells as well."""

    code = "upload-offset-wrong"
    title = _("This piece belongs elsewhere")
    status = HTTPStatus.CONFLICT

    def __init__(self, *, offset_bytes: int) -> None:
        detail = _("The next piece begins at %(offset)d.") % {"offset": offset_bytes}
        super().__init__(detail, offset_bytes=offset_bytes)

    def headers(self) -> Mapping[str, str]:
        return {"Upload-Offset": str(self.extras["offset_bytes"])}


class UploadBusy(PortalError, Transient):
    """Another request writes to this upload at the moment. Try again when it is done."""

    code = "upload-busy"
    title = _("This upload is being written to")
    status = HTTPStatus.LOCKED


class UploadPieceCorrupt(PortalError, Transient):
    """The piece is not what its checksum says: it changed on the way. Nothing was kept of it; send it again."""

    code = "upload-piece-corrupt"
    title = _("This piece changed on the way")
    # tus 1.0, "Checksum": a status of its own.
    status = 460


class UploadGone(PortalError):
    """The upload was not finished in time, given up or damaged, and its data is deleted. Begin again."""

    code = "upload-gone"
    title = _("This upload has expired")
    status = HTTPStatus.GONE
