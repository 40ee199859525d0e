"""Times as files and people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.captions.clock_times import format_clock, parse_clock, parse_moment
from catalog.captions.limits import LATEST_MS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:00:00,000", 0),
        ("01:02:03,004", 3_723_004),
        ("01:02:03.004", 3_723_004),
        ("1:2:3.5", 3_723_500),
        ("62:03", 3_723_000),
        ("00:00:01", 1000),
        ("00:00:01.123456", 1123),
        ("100:00:00.000", 360_000_000),
        ("00:60:00.000", None),
        ("00:00:60.000", None),
        ("00:00", 0),
        ("1.5", None),
        ("-00:00:01.000", None),
        ("00:00:01.000x", None),
        ("٠٠:00:01", None),
        ("", None),
    ],
)
def test_what_is_a_time(text: str, expected: int | None) -> None:
    assert parse_clock(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("83.4", 83_400),
        (" 83,4 ", 83_400),
        ("0", 0),
        ("1:23.4", 83_400),
        ("00:01:23.400", 83_400),
        ("-1", None),
        ("1e3", None),
        ("soon", None),
        ("9" * 20, None),
    ],
)
def test_what_somebody_types_is_a_time_or_seconds(text: str, expected: int | None) -> None:
    assert parse_moment(text) == expected


@given(st.integers(min_value=0, max_value=LATEST_MS))
def test_a_time_is_read_as_it_was_written(time_ms: int) -> None:
    assert parse_clock(format_clock(time_ms)) == time_ms


@given(st.text(max_size=30))
def test_no_text_brings_it_down(text: str) -> None:
    for parse in (parse_clock, parse_moment):
        found = parse(text)
        assert found is None or found >= 0
