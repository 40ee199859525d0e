"""Make of one picture the files that pages show."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import blurhash
from PIL import Image, ImageFilter, ImageOps

from catalog.artwork.frames import (
    FRAMES,
    SOCIAL_NAME,
    SOCIAL_SIZE,
    WHOLE_NAME,
    WHOLE_SIDE,
    FocalPoint,
    Kind,
    crop_box,
    widths_for,
)
from catalog.artwork.intake import read_picture

# Qualities at which the three look alike.
_ENCODINGS: Mapping[str, Mapping[str, object]] = {
    "avif": {"format": "AVIF", "quality": 55, "speed": 6},
    "webp": {"format": "WEBP", "quality": 78, "method": 4},
    "jpg": {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
}
# The hash holds this many waves; more pixels than a few dozen change nothing about it.
_HASH_WAVES = {"POSTER": (3, 4), "BACKDROP": (4, 3)}
_HASH_WIDTH_PX = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Renditions:
    """What was made of a picture. `width` and `height` are those of the upright original; `files` go by name."""

    extension: str
    width: int
    height: int
    blurhash: str
    widths: tuple[int, ...]
    files: Mapping[str, bytes]


def make_renditions(content: bytes, kind: Kind, focal: FocalPoint, formats: Sequence[str]) -> Renditions:
    """Cut a picture to the shape of its kind, in every width that it has pixels for. Raises PictureRefused."""
    with read_picture(content, kind) as intake:
        image = intake.image
        crop = image.crop(crop_box(image.size, FRAMES[kind].ratio, focal))
        widths = widths_for(kind, crop.width)
        files = dict(_encoded(crop, kind, widths, formats))
        if "jpg" in formats:
            files[SOCIAL_NAME] = _encode(_social(image, kind, focal), "jpg")
            files[WHOLE_NAME] = _encode(ImageOps.contain(image, (WHOLE_SIDE, WHOLE_SIDE)), "jpg")
        return Renditions(
            extension=intake.extension,
            width=intake.size[0],
            height=intake.size[1],
            blurhash=_blurhash(crop, kind),
            widths=widths,
            files=files,
        )


def _encoded(
    crop: Image.Image, kind: Kind, widths: Sequence[int], formats: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    for width in widths:
        scaled = crop.resize(FRAMES[kind].size_at(width), Image.Resampling.LANCZOS)
        for extension in formats:
            yield f"{width}.{extension}", _encode(scaled, extension)


def _encode(image: Image.Image, extension: str) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, **_ENCODINGS[extension])  # type: ignore[arg-type]  # the options of each format's writer
    return encoded.getvalue()


def _social(image: Image.Image, kind: Kind, focal: FocalPoint) -> Image.Image:
    """Return the picture for link previews. An upright one stands in the middle, before itself out of focus."""
    if kind == "BACKDROP":
        return image.crop(crop_box(image.size, SOCIAL_SIZE, focal)).resize(SOCIAL_SIZE, Image.Resampling.LANCZOS)
    width, height = SOCIAL_SIZE
    ground = image.crop(crop_box(image.size, SOCIAL_SIZE, focal)).resize((width // 8, height // 8))
    card = ground.filter(ImageFilter.GaussianBlur(4)).resize(SOCIAL_SIZE, Image.Resampling.BICUBIC)
    card = Image.blend(card, Image.new("RGB", SOCIAL_SIZE), 0.45)
    poster = image.crop(crop_box(image.size, FRAMES[kind].ratio, focal))
    poster = poster.resize((height * 2 // 3, height), Image.Resampling.LANCZOS)
    card.paste(poster, ((width - poster.width) // 2, 0))
    return card


def _blurhash(crop: Image.Image, kind: Kind) -> str:
    width, height = FRAMES[kind].size_at(_HASH_WIDTH_PX)
    small = crop.resize((width, height), Image.Resampling.BOX)
    flat = list(small.get_flattened_data())
    rows = [flat[row * width : (row + 1) * width] for row in range(height)]
    return str(blurhash.encode(rows, *_HASH_WAVES[kind]))
