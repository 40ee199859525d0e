"""Why a picture is refused, in words that say what to do instead."""

from enum import StrEnum
from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from portal.errors import FieldError, PortalError


class PictureFault(StrEnum):
    NO_PICTURE = "no-picture"
    DRAWING = "drawing"
    ANIMATED = "animated"
    DAMAGED = "damaged"
    FILE_TOO_LARGE = "file-too-large"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_SMALL = "too-small"


_WORDS = {
    PictureFault.NO_PICTURE: _("This is no picture that we can read. Send a JPEG, PNG, WebP or AVIF file."),
    PictureFault.DRAWING: _("SVG drawings are not taken. Export it as a PNG file."),
    PictureFault.ANIMATED: _("This picture moves. Send a still one."),
    PictureFault.DAMAGED: _("The file is damaged or incomplete. Export it again, then send the new file."),
    PictureFault.FILE_TOO_LARGE: _("The file is larger than %(most)s MB. Save it with a lower quality."),
    PictureFault.TOO_MANY_PIXELS: _(
        "A picture has at most %(side)s pixels on a side and %(megapixels)s megapixels in all. Make it smaller."
    ),
    PictureFault.TOO_SMALL: _(
        "The picture has %(width)s × %(height)s pixels; it takes at least %(least_width)s × %(least_height)s."
    ),
}


class PictureRefused(PortalError):
    """The file cannot become a poster or backdrop. Nothing was saved.

    It is judged by its content, whatever its name says. The `code` of the fault is one of: `no-picture`, `drawing`
    (SVG), `animated`, `damaged`, `file-too-large`, `too-many-pixels`, `too-small`.
    """

    code = "picture-refused"
    title = _("This picture cannot be used")
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, fault: PictureFault, **numbers: int) -> None:
        words = _WORDS[fault] % numbers if numbers else _WORDS[fault]
        self.fault = fault
        self.errors = (FieldError(pointer="/file", code=str(fault), detail=str(words)),)
        super().__init__(words, errors=[{"pointer": "/file", "code": str(fault), "detail": str(words)}])
