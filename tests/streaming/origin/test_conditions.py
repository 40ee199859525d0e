from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.origin.conditions import Version, is_unchanged, parse_date, plan_answer
from streaming.origin.ranges import ByteSpan, RangeNotSatisfiable

ETAG = '"1-64"'
# Sat, 21 Nov 2026 12:00:00 GMT
MODIFIED_S = 1795262400
MODIFIED = "Sat, 21 Nov 2026 12:00:00 GMT"
EARLIER = "Sat, 21 Nov 2026 11:59:59 GMT"
LATER = "Sat, 21 Nov 2026 12:00:01 GMT"
VERSION = Version(ETAG, MODIFIED_S)


def answer(headers: dict[str, str], *, is_head: bool = False) -> tuple[HTTPStatus, ByteSpan | None]:
    planned = plan_answer(headers, is_head=is_head, size=100, version=VERSION)
    return planned.status, planned.span


def test_a_version_is_told_by_a_tag_and_a_date() -> None:
    assert VERSION.headers() == {"etag": ETAG, "last-modified": MODIFIED}


@pytest.mark.parametrize(
    ("headers", "unchanged"),
    [
        ({}, False),
        ({"if-none-match": ETAG}, True),
        ({"if-none-match": f"W/{ETAG}"}, True),
        ({"if-none-match": f'"other", {ETAG}'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"other"'}, False),
        ({"if-none-match": ETAG.strip('"')}, False),
        ({"if-none-match": ""}, False),
        ({"if-none-match": '"other"', "if-modified-since": LATER}, False),
        ({"if-modified-since": MODIFIED}, True),
        ({"if-modified-since": LATER}, True),
        ({"if-modified-since": EARLIER}, False),
        ({"if-modified-since": "yesterday"}, False),
    ],
)
def test_who_has_it_already_is_sent_nothing(headers: dict[str, str], unchanged: bool) -> None:
    assert is_unchanged(headers, VERSION) is unchanged
    status, span = answer(headers)
    assert (status is HTTPStatus.NOT_MODIFIED, span is None) == (unchanged, unchanged)


@pytest.mark.parametrize(
    ("condition", "is_partial"),
    [
        (None, True),
        (ETAG, True),
        (MODIFIED, True),
        (f"W/{ETAG}", False),
        ('"other"', False),
        (EARLIER, False),
        (LATER, False),
        ("", False),
        ("yesterday", False),
    ],
)
def test_a_part_is_sent_only_if_it_fits_what_the_client_has(condition: str | None, is_partial: bool) -> None:
    headers = {"range": "bytes=10-19"} | ({} if condition is None else {"if-range": condition})
    partial, whole = (HTTPStatus.PARTIAL_CONTENT, ByteSpan(10, 10)), (HTTPStatus.OK, ByteSpan(0, 100))
    assert answer(headers) == (partial if is_partial else whole)


def test_a_range_behind_the_end_of_another_version_is_the_whole_of_this_one() -> None:
    headers = {"range": "bytes=500-"}
    with pytest.raises(RangeNotSatisfiable):
        answer(headers)
    assert answer(headers | {"if-range": '"other"'}) == (HTTPStatus.OK, ByteSpan(0, 100))


def test_of_a_head_there_are_no_parts() -> None:
    assert answer({"range": "bytes=10-19"}, is_head=True) == (HTTPStatus.OK, ByteSpan(0, 100))


def test_a_condition_comes_before_a_range() -> None:
    assert answer({"range": "bytes=500-", "if-none-match": ETAG}) == (HTTPStatus.NOT_MODIFIED, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Saturday, 21-Nov-26 12:00:00 GMT",
        "Sat Nov 21 12:00:00 2026",
        "Sat, 21 Nov 2026 12:00:00 +0100",
        "Sat, 21 Nov 0000 12:00:00 GMT",
        "Sat, 21 Foo 2026 12:00:00 GMT",
        f"{MODIFIED} ",
    ],
)
def test_what_is_no_date_of_today_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.integers(min_value=0, max_value=2**35))
def test_a_date_that_was_written_is_read_back(modified_s: int) -> None:
    assert parse_date(Version(ETAG, modified_s).headers()["last-modified"]) == modified_s


@given(st.text(max_size=80), st.sampled_from(["if-none-match", "if-modified-since", "if-range", "range"]))
def test_no_header_breaks_it(text: str, name: str) -> None:
    try:
        status, _ = answer({"range": "bytes=1-2"} | {name: text})
    except RangeNotSatisfiable:
        return
    assert status in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED}
