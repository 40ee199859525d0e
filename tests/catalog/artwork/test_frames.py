"""The arithmetic of crops and widths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.artwork.frames import FRAMES, FocalPoint, crop_box, is_shown_almost_whole, shrink_factor, widths_for

SIDES = st.integers(min_value=500, max_value=12_000)
SHARES = st.floats(min_value=0, max_value=1)


@pytest.mark.parametrize(
    ("size", "ratio", "focal", "box"),
    [
        ((600, 900), (2, 3), FocalPoint(), (0, 0, 600, 900)),
        ((1000, 900), (2, 3), FocalPoint(), (200, 0, 800, 900)),
        ((1000, 900), (2, 3), FocalPoint(x=0), (0, 0, 600, 900)),
        ((1000, 900), (2, 3), FocalPoint(x=0.4), (100, 0, 700, 900)),
        ((1000, 900), (2, 3), FocalPoint(x=1), (400, 0, 1000, 900)),
        ((1600, 1600), (16, 9), FocalPoint(y=0.1), (0, 0, 1600, 900)),
        ((1600, 1600), (16, 9), FocalPoint(y=0.5), (0, 350, 1600, 1250)),
        ((1600, 1600), (16, 9), FocalPoint(y=1), (0, 700, 1600, 1600)),
    ],
)
def test_a_crop_keeps_the_focal_point_as_near_to_its_middle_as_the_picture_lets_it(
    size: tuple[int, int], ratio: tuple[int, int], focal: FocalPoint, box: tuple[int, ...]
) -> None:
    assert crop_box(size, ratio, focal) == box


@given(SIDES, SIDES, SHARES, SHARES, st.sampled_from([(2, 3), (16, 9), (1200, 630)]))
def test_every_crop_lies_inside_has_its_shape_and_holds_the_focal_point(
    width: int, height: int, x: float, y: float, ratio: tuple[int, int]
) -> None:
    left, top, right, bottom = crop_box((width, height), ratio, FocalPoint(x=x, y=y))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    # As much as the shape lets in, but for what is lost to whole pixels.
    assert width - (right - left) <= 2 or height - (bottom - top) <= 2
    assert abs((right - left) * ratio[1] / ratio[0] - (bottom - top)) <= 2
    assert left - 1 <= x * width <= right + 1
    assert top - 1 <= y * height <= bottom + 1


@pytest.mark.parametrize(
    ("kind", "crop_width", "widths"),
    [
        ("POSTER", 2000, (180, 360, 540, 720)),
        ("POSTER", 720, (180, 360, 540, 720)),
        ("POSTER", 719, (180, 360, 540, 719)),
        ("POSTER", 550, (180, 360, 540)),
        ("POSTER", 500, (180, 360, 500)),
        ("BACKDROP", 1280, (640, 1280)),
        ("BACKDROP", 1600, (640, 1280, 1600)),
        ("BACKDROP", 9000, (640, 1280, 1920)),
    ],
)
def test_no_width_is_larger_than_the_picture_and_none_is_wasted(
    kind: str, crop_width: int, widths: tuple[int, ...]
) -> None:
    assert widths_for(kind, crop_width) == widths


@given(SIDES, SIDES, st.sampled_from(sorted(FRAMES)))
def test_a_picture_that_was_shrunk_still_fills_its_largest_frame(width: int, height: int, kind: str) -> None:
    factor = shrink_factor((width, height), kind)
    assert factor <= 1
    if factor < 1:
        assert round(width * factor) >= FRAMES[kind].largest[0]
        assert round(height * factor) >= FRAMES[kind].largest[1]


@pytest.mark.parametrize(
    ("size", "kind", "is_whole"),
    [
        ((1000, 1500), "POSTER", True),
        ((1000, 1414), "POSTER", True),
        ((1000, 1000), "POSTER", False),
        ((1920, 1080), "BACKDROP", True),
        ((1920, 1200), "BACKDROP", True),
        ((1080, 1920), "BACKDROP", False),
    ],
)
def test_an_editor_is_told_if_much_would_be_cut_off(size: tuple[int, int], kind: str, is_whole: bool) -> None:
    assert is_shown_almost_whole(size, kind) is is_whole
