"""Conditional requests (RFC 9110, 13), and what a request for a file is answered with."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from streaming.origin.ranges import ByteSpan, parse_range

_ENTITY_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The one form that is written today (RFC 9110, 5.6.7); what has another is as if it were not there.
_DATE = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) ([1-9][0-9]{{3}}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


class Version(NamedTuple):
    """What tells one content of a file from another. `modified_s` are whole seconds since 1970."""

    etag: str
    modified_s: int

    def headers(self) -> dict[str, str]:
        return {"etag": self.etag, "last-modified": _format_date(self.modified_s)}


@lru_cache(maxsize=1024)
def _format_date(at_s: int) -> str:
    return formatdate(at_s, usegmt=True)


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """Which status a request for a file gets, and which part of it; None where no byte is sent."""

    status: HTTPStatus
    span: ByteSpan | None = None


def plan_answer(headers: Mapping[str, str], *, is_head: bool, size: int, version: Version) -> FileAnswer:
    """Decide on a GET or HEAD of a file; `headers` are the request's, their names in lower case.

    Raises RangeNotSatisfiable.
    """
    if is_unchanged(headers, version):
        return FileAnswer(HTTPStatus.NOT_MODIFIED)
    # Of a HEAD there are no parts (14.2).
    wanted = None if is_head else headers.get("range")
    if wanted and _may_be_partial(headers, version):
        span = parse_range(wanted, size=size)
        if span is not None:
            return FileAnswer(HTTPStatus.PARTIAL_CONTENT, span)
    return FileAnswer(HTTPStatus.OK, ByteSpan(0, size))


def is_unchanged(headers: Mapping[str, str], version: Version) -> bool:
    """Tell whether the client has this content already (status 304)."""
    tags = headers.get("if-none-match")
    if tags is not None:
        # Compared weakly (13.1.2). Where tags are given, the date does not count.
        return tags.strip() == "*" or version.etag in _ENTITY_TAG.findall(tags)
    since = headers.get("if-modified-since")
    if since is None:
        return False
    since_s = parse_date(since)
    return since_s is not None and version.modified_s <= since_s


def _may_be_partial(headers: Mapping[str, str], version: Version) -> bool:
    """Tell whether a part fits what the client has of the file; compared strongly (13.1.5)."""
    condition = headers.get("if-range")
    if condition is None:
        return True
    return condition == version.etag if condition.startswith('"') else parse_date(condition) == version.modified_s


def parse_date(text: str) -> int | None:
    """Return the seconds since 1970 of a date in a header; None if it is none."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second = match.groups()
    return calendar.timegm((int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second)))
