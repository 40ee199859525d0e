"""Still pictures out of a pipe: which bytes are one picture, sheets of many for a storyboard, and posters."""

import io
from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from PIL import Image

from streaming.media.errors import BoxViolation
from streaming.media.package_plan import MOST_POSTERS, Posters, Storyboard

_BEGIN, _END = b"\xff\xd8\xff", b"\xff\xd9"
_LARGEST = 8 * 1024 * 1024
_QUALITY, _ENLARGED_QUALITY = 70, 90


class StillReader:
    """Takes the bytes of FFmpeg's `image2pipe` in any slices; returns the JPEG files that are complete.

    FFmpeg's own pictures hold no thumbnails, and within the data of a JPEG 0xFF is followed by 0: so the first end
    mark ends the picture.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Raises BoxViolation if the bytes are no JPEG files."""
        self._rest += received
        while (end := self._rest.find(_END)) >= 0:
            still, self._rest = self._rest[: end + 2], self._rest[end + 2 :]
            if not still.startswith(_BEGIN):
                raise BoxViolation("the pipe of stills brings no JPEG")
            yield still
        if len(self._rest) > _LARGEST:
            raise BoxViolation("a still picture has no end")


class SheetMaker:
    """Lays the pictures of a storyboard out in rows, sheet after sheet."""

    def __init__(self, storyboard: Storyboard) -> None:
        self._storyboard = storyboard
        self._sheet: Image.Image | None = None
        self._count = 0

    def add(self, still: bytes) -> bytes | None:
        """Take the next picture; return a sheet as a JPEG file if that has filled it."""
        plan = self._storyboard
        if self._sheet is None:
            size = (plan.columns * plan.width_px, plan.rows * plan.height_px)
            self._sheet, self._count = Image.new("RGB", size), 0
        row, column = divmod(self._count, plan.columns)
        with Image.open(io.BytesIO(still), formats=["JPEG"]) as picture:
            self._sheet.paste(picture, (column * plan.width_px, row * plan.height_px))
        self._count += 1
        return self.finish() if self._count == plan.columns * plan.rows else None

    def finish(self) -> bytes | None:
        """Return the sheet that is not full yet; None if nothing is on it."""
        if self._sheet is None:
            return None
        written = io.BytesIO()
        self._sheet.save(written, "JPEG", quality=_QUALITY, optimize=True)
        self._sheet = None
        return written.getvalue()


class PosterChooser:
    """Takes frames in a row and keeps those that may be posters: of each group the one that took most bytes.

    Black, blurred and faded frames take few. No picture is a candidate twice, as those of a very short film would be.
    """

    def __init__(self, posters: Posters) -> None:
        self._of_each = posters.of_each
        self._best, self._seen = b"", 0
        self._chosen: list[bytes] = []

    def add(self, still: bytes) -> None:
        """Take the next frame."""
        self._best = max(self._best, still, key=len)
        self._seen += 1
        if self._seen == self._of_each:
            self._end_group()

    def finish(self) -> tuple[bytes, ...]:
        """Return the candidates as JPEG files, in the order of the film."""
        self._end_group()
        return tuple(self._chosen)

    def _end_group(self) -> None:
        if self._best and self._best not in self._chosen and len(self._chosen) < MOST_POSTERS:
            self._chosen.append(self._best)
        self._best, self._seen = b"", 0


def enlarge(still: bytes, *, smallest: tuple[int, int]) -> bytes:
    """Return a JPEG file that is so large at least, in its own shape: itself if it is."""
    with Image.open(io.BytesIO(still), formats=["JPEG"]) as picture:
        scale = max(Fraction(least, side) for least, side in zip(smallest, picture.size, strict=True))
        if scale <= 1:
            return still
        width, height = (ceil(side * scale) for side in picture.size)
        written = io.BytesIO()
        picture.resize((width, height), Image.Resampling.LANCZOS).save(written, "JPEG", quality=_ENLARGED_QUALITY)
    return written.getvalue()
