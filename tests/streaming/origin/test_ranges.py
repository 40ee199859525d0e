"""Ranges, against a reading of the RFC that takes a bytes object apart by Python's own means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.origin.ranges import ByteSpan, RangeNotSatisfiable, parse_range

SIZES = st.integers(min_value=0, max_value=300)
NUMBERS = st.integers(min_value=0, max_value=400)


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", ByteSpan(0, 1)),
        ("bytes=0-99", ByteSpan(0, 100)),
        ("bytes=10-", ByteSpan(10, 90)),
        ("bytes=99-", ByteSpan(99, 1)),
        ("bytes=50-1000", ByteSpan(50, 50)),
        ("bytes=-1", ByteSpan(99, 1)),
        ("bytes=-1000", ByteSpan(0, 100)),
        ("BYTES=1-2", ByteSpan(1, 2)),
        ("bytes= 1-2 ", ByteSpan(1, 2)),
        ("bytes=00-09", ByteSpan(0, 10)),
    ],
)
def test_one_range_is_a_part(header: str, span: ByteSpan) -> None:
    assert parse_range(header, size=100) == span


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", f"bytes={10**18}-"])
def test_a_range_behind_the_end_cannot_be_had(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, size=100)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=-5", "bytes=0-0"])
def test_of_an_empty_file_there_is_no_part(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, size=0)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=1-2,4-5",
        "bytes=0-0," * 1000 + "0-0",
        "bytes=1 -2",
        "bytes=+1-2",
        "bytes=--1",
        "bytes=0x1-2",
        "bytes=\xb2-5",
        "items=0-1",
        "bytes 0-1",
        f"bytes={'9' * 20}-",
        f"bytes=0-{'9' * 100000}",
    ],
)
def test_everything_else_is_the_whole_file(header: str) -> None:
    assert parse_range(header, size=100) is None


@given(size=SIZES, first=NUMBERS, last=NUMBERS)
def test_it_cuts_out_what_a_slice_cuts_out(size: int, first: int, last: int) -> None:
    content = bytes(number % 256 for number in range(size))
    try:
        span = parse_range(f"bytes={first}-{last}", size=size)
    except RangeNotSatisfiable:
        assert content[first : last + 1] == b""
    else:
        if span is None:
            assert last < first
        else:
            assert content[span.start : span.start + span.length] == content[first : last + 1] != b""


@given(size=SIZES, count=NUMBERS)
def test_it_cuts_off_the_end_as_a_slice_does(size: int, count: int) -> None:
    content = bytes(number % 256 for number in range(size))
    expected = content[-count:] if count else b""
    try:
        span = parse_range(f"bytes=-{count}", size=size)
    except RangeNotSatisfiable:
        assert expected == b""
    else:
        assert span is not None
        assert content[span.start : span.start + span.length] == expected


@given(header=st.text(max_size=60), size=SIZES)
def test_no_text_breaks_it_or_leads_out_of_the_file(header: str, size: int) -> None:
    for text in (header, f"bytes={header}"):
        try:
            span = parse_range(text, size=size)
        except RangeNotSatisfiable:
            continue
        assert span is None or (0 <= span.start < span.start + span.length <= size)


def test_a_part_says_where_it_was() -> None:
    assert ByteSpan(10, 5).content_range(100) == "bytes 10-14/100"
