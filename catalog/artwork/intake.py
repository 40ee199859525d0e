"""Read what somebody sent as a picture, whatever it is: by its content, never by its name.

Nothing is decoded before its header has been judged, and one picture at a time: so many pixels are the most that this
process holds, however many editors send one at once.
"""

import io
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageCms, ImageOps

from catalog.artwork.faults import PictureFault, PictureRefused
from catalog.artwork.frames import FRAMES, Kind, shrink_factor

LARGEST_FILE = 20 * 1024 * 1024
LONGEST_SIDE_PX = 12_000
MOST_PIXELS = 50_000_000
# Pillow's names; "MPO" is a JPEG with a second picture behind it, as many telephones make them.
FORMATS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif"}
_MAY_BE_ANIMATED = {"PNG", "WEBP", "AVIF"}
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_SIDEWAYS = {5, 6, 7, 8}
_ORIENTATION = 0x0112
# What Pillow's decoders raise on broken files, that of AVIF a RuntimeError; the bombs are its own, far looser limits.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    RuntimeError,
    struct.error,
    Image.DecompressionBombError,
)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# Shows through where a picture is transparent: the portal's own ground.
_GROUND = "#110f0d"
_SRGB = ImageCms.createProfile("sRGB")
_one_at_a_time = threading.Lock()


class Intake:
    """A picture that has passed: what it is, and its pixels, upright, in sRGB and no larger than they are needed."""

    def __init__(self, image: Image.Image, *, extension: str, size: tuple[int, int]) -> None:
        self.image, self.extension, self.size = image, extension, size


@contextmanager
def read_picture(content: bytes, kind: Kind) -> Iterator[Intake]:
    """Open a picture while no other is open. Raises PictureRefused.

    `size` is that of the upright original, `image` may be smaller. All it said of itself (where it was taken, by which
    camera) is gone: of its metadata, orientation and colours are applied and nothing is kept.
    """
    if len(content) > LARGEST_FILE:
        raise PictureRefused(PictureFault.FILE_TOO_LARGE, most=LARGEST_FILE // 1024 // 1024)
    with _one_at_a_time:
        with warnings.catch_warnings():
            # Pillow warns of every tag of broken metadata, which nobody here wants.
            warnings.simplefilter("ignore", UserWarning)
            image = _open(content)
            size = _judge(image, kind)
            _check_sums(content, image)
            developed = _develop(image, size, kind)
        yield Intake(developed, extension=FORMATS[str(image.format)], size=size)


def _open(content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "AVIF"))
    except _BOMBS:
        raise _too_many_pixels() from None
    except _BROKEN:
        raise PictureRefused(_what_else(content)) from None


def _what_else(content: bytes) -> PictureFault:
    if content.startswith(_SIGNATURES) or content[8:12] == b"WEBP" or content[4:12] == b"ftypavif":
        return PictureFault.DAMAGED
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return PictureFault.DRAWING if start.startswith((b"<svg", b"<?xml", b"<!doctype svg")) else PictureFault.NO_PICTURE


def _judge(image: Image.Image, kind: Kind) -> tuple[int, int]:
    """Return the size of the upright picture, from its header alone. Raises PictureRefused."""
    width, height = image.size
    if max(width, height) > LONGEST_SIDE_PX or width * height > MOST_PIXELS:
        raise _too_many_pixels()
    if image.format in _MAY_BE_ANIMATED and getattr(image, "is_animated", False):
        raise PictureRefused(PictureFault.ANIMATED)
    if _orientation(image) in _SIDEWAYS:
        width, height = height, width
    least_width, least_height = FRAMES[kind].smallest
    if width < least_width or height < least_height:
        raise PictureRefused(
            PictureFault.TOO_SMALL, width=width, height=height, least_width=least_width, least_height=least_height
        )
    return width, height


def _check_sums(content: bytes, image: Image.Image) -> None:
    """Refuse a PNG whose sums are wrong: decoding does not look at them, and shows black where pixels are lost."""
    if image.format != "PNG":
        return
    try:
        Image.open(io.BytesIO(content), formats=("PNG",)).verify()
    except _BROKEN:
        raise PictureRefused(PictureFault.DAMAGED) from None


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1  # Its metadata are broken, and its pixels need not be.


def _develop(image: Image.Image, size: tuple[int, int], kind: Kind) -> Image.Image:
    factor = shrink_factor(size, kind)
    wanted = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    try:
        # A JPEG can be decoded at an eighth of its size, which a camera's picture is often worth.
        image.draft(None, wanted)
        image.load()
    except _BROKEN:
        raise PictureRefused(PictureFault.DAMAGED) from None
    upright = _upright(image.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0) if factor < 1 else image)
    return _in_srgb(upright, image.info.get("icc_profile"))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture without transparency, in the colours that a screen takes for granted."""
    if image.mode.startswith("I;16"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, _GROUND)
        image = Image.alpha_composite(ground, image).convert("RGB")
    elif image.mode not in {"RGB", "CMYK", "L"}:
        image = image.convert("RGB")
    # A picture of its own: Pillow hands comments and other metadata on from each to the next, and into the files.
    clean = Image.new("RGB", image.size)
    clean.paste(_converted(image, profile))
    return clean


def _converted(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, *_BROKEN):
        return image  # The profile is broken, or is for other channels than the picture has.


def _too_many_pixels() -> PictureRefused:
    return PictureRefused(PictureFault.TOO_MANY_PIXELS, side=LONGEST_SIDE_PX, megapixels=MOST_PIXELS // 1_000_000)
