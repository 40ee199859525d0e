"""What becomes of light that an ordinary screen cannot show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.streams import Hdr
from streaming.media.tone_mapping import SIZE, Colour, format_table, map_colour

BOTH = [Hdr.HDR10, Hdr.HLG]
codes = st.floats(0, 1)
# Code values of ITU-R BT.2408 for paper in a bright room.
PAPER = {Hdr.HDR10: 0.58, Hdr.HLG: 0.75}


def grey(hdr: Hdr, code: float) -> float:
    red, green, blue = map_colour(hdr, (code, code, code))
    assert red == pytest.approx(green, abs=1e-4) == pytest.approx(blue, abs=1e-4)
    return green


@pytest.mark.parametrize("hdr", BOTH)
def test_paper_becomes_nearly_white_and_the_brightest_light_white(hdr: Hdr) -> None:
    assert 0.85 < grey(hdr, PAPER[hdr]) < 0.95
    assert (grey(hdr, 1), grey(hdr, 0)) == (1, 0)


def test_what_an_ordinary_screen_can_show_stays_as_bright_as_it_is() -> None:
    """ST 2084 codes 50 nits as 0.4403; the screen's white is 203."""
    assert grey(Hdr.HDR10, 0.4403) == pytest.approx((50 / 203) ** (1 / 2.4), abs=0.001)


@pytest.mark.parametrize("hdr", BOTH)
@given(one=codes, other=codes)
def test_brighter_greys_are_never_darker(hdr: Hdr, one: float, other: float) -> None:
    darker, brighter = sorted((one, other))
    assert grey(hdr, darker) <= grey(hdr, brighter) + 1e-6


@pytest.mark.parametrize("hdr", BOTH)
@given(coded=st.tuples(codes, codes, codes))
def test_no_colour_leaves_the_range(hdr: Hdr, coded: Colour) -> None:
    assert all(0 <= channel <= 1 for channel in map_colour(hdr, coded))


@pytest.mark.parametrize("hdr", BOTH)
def test_a_colour_that_a_screen_does_not_have_keeps_its_hue(hdr: Hdr) -> None:
    red, green, blue = map_colour(hdr, (PAPER[hdr], 0, 0))
    assert red > 0.7
    assert max(green, blue) < red / 2


@pytest.mark.parametrize("hdr", BOTH)
def test_the_table_has_every_colour_and_red_changes_fastest(hdr: Hdr) -> None:
    head, *rows = format_table(hdr).splitlines()
    assert (head, len(rows)) == (f"LUT_3D_SIZE {SIZE}", SIZE**3)
    step = 1 / (SIZE - 1)
    for number, coded in ((1, (step, 0, 0)), (SIZE, (0, step, 0)), (SIZE**2, (0, 0, step)), (SIZE**3 - 1, (1, 1, 1))):
        red, green, blue = map(float, rows[number].split())
        assert (red, green, blue) == pytest.approx(map_colour(hdr, coded), abs=1e-5)
