"""Which part of a picture is shown, and in which widths: pure arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass

Kind = str  # a key of FRAMES
# left, top, right, bottom in pixels
Box = tuple[int, int, int, int]

# What link previews show (Open Graph).
SOCIAL_SIZE = (1200, 630)
SOCIAL_NAME = "social.jpg"
# All of the picture, for editors who choose what of it stays in view.
WHOLE_NAME = "whole.jpg"
WHOLE_SIDE = 960
# What is made at once, and what a worker adds: AVIF takes twice as long as the others together. The best first.
FIRST_FORMATS = ("webp", "jpg")
LATER_FORMATS = ("avif",)
# Below this share of the picture the crop surprises its editor.
_SHARE_THAT_NEEDS_NO_ADVICE = 0.85
# A last width that is hardly larger than the one before it would be fetched by nobody.
_WORTHWHILE_STEP = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The shape in which pictures of a kind are shown, the widths made of it, and the least it takes."""

    ratio: tuple[int, int]
    widths: tuple[int, ...]
    smallest: tuple[int, int]

    @property
    def largest(self) -> tuple[int, int]:
        return self.size_at(self.widths[-1])

    def size_at(self, width: int) -> tuple[int, int]:
        across, down = self.ratio
        return width, round(width * down / across)


FRAMES: Mapping[str, Frame] = {
    "POSTER": Frame(ratio=(2, 3), widths=(180, 360, 540, 720), smallest=(500, 750)),
    "BACKDROP": Frame(ratio=(16, 9), widths=(640, 1280, 1920), smallest=(1280, 720)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalPoint:
    """What must stay in view: shares of width and height from the upper left corner, 0 to 1."""

    x: float = 0.5
    y: float = 0.5


def crop_box(size: tuple[int, int], ratio: tuple[int, int], focal: FocalPoint) -> Box:
    """Return the largest part of that ratio which lies inside the picture, as nearly around the focal point as it can.

    `object-position` in static/src/js/artwork.js follows the same rule.
    """
    (width, height), (across, down) = size, ratio
    part_width = min(width, round(height * across / down))
    part_height = min(height, round(part_width * down / across))
    left = _placed(focal.x * width, part_width, width)
    top = _placed(focal.y * height, part_height, height)
    return left, top, left + part_width, top + part_height


def widths_for(kind: Kind, crop_width: int) -> tuple[int, ...]:
    """Return the widths to make of a crop: none larger than itself, and its own if the next one is out of reach."""
    widths = FRAMES[kind].widths
    made = tuple(width for width in widths if width <= crop_width)
    if crop_width < widths[-1] and (not made or crop_width >= made[-1] * _WORTHWHILE_STEP):
        made += (crop_width,)
    return made


def shrink_factor(size: tuple[int, int], kind: Kind) -> float:
    """Return by how much a picture may be made smaller, at most 1, and still fill the largest frame of its kind."""
    needed = FRAMES[kind].largest
    return min(1.0, max(needed[0] / size[0], needed[1] / size[1]))


def is_shown_almost_whole(size: tuple[int, int], kind: Kind) -> bool:
    """Tell whether its shape is near enough to that of its kind; else much of it is cut off."""
    left, top, right, bottom = crop_box(size, FRAMES[kind].ratio, FocalPoint())
    return (right - left) * (bottom - top) >= _SHARE_THAT_NEEDS_NO_ADVICE * size[0] * size[1]


def _placed(centre: float, length: int, within: int) -> int:
    return min(max(0, round(centre - length / 2)), within - length)
