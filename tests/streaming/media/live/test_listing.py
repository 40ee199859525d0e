"""The lines of a live playlist."""

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from streaming.media.live.listing import format_clock


@given(st.integers(0, 253_402_300_799_999))
def test_times_of_the_day_are_those_of_the_calendar(milliseconds: int) -> None:
    seconds, rest = divmod(milliseconds, 1000)
    expected = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
    assert datetime.fromisoformat(format_clock(Fraction(milliseconds, 1000))) == expected


def test_times_of_the_day_have_a_zone_and_milliseconds() -> None:
    assert format_clock(Fraction(1_709_164_799_999_5, 10_000)) == "2024-02-29T00:00:00.000Z"
    assert format_clock(Fraction(4_107_542_399)) == "2100-02-28T23:59:59.000Z"
