"""Ranges of bytes (RFC 9110, 14)."""

import re
from typing import NamedTuple

# One range with one end at least; the unit's case does not matter. No file has more than 19 digits of bytes.
_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,19})-([0-9]{0,19})[ \t]*", re.IGNORECASE)


class RangeNotSatisfiable(ValueError):
    """The range is well-formed and lies behind the end of the file (status 416)."""


class ByteSpan(NamedTuple):
    """A part of a file."""

    start: int
    length: int

    def content_range(self, size: int) -> str:
        """Write what `Content-Range` says of a part of a file of that size."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def parse_range(header: str, *, size: int) -> ByteSpan | None:
    """Return the part that is asked for, or None if the whole file is to be sent.

    That is so for several ranges at once, which no player needs and which are a way to make a server work for nothing,
    and for what is not well-formed, as the RFC asks. Raises RangeNotSatisfiable.
    """
    match = _ONE_RANGE.fullmatch(header)
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return _last_bytes(int(last), size)
    start, end = int(first), int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable
    return ByteSpan(start, min(end, size - 1) - start + 1)


def _last_bytes(count: int, size: int) -> ByteSpan:
    length = min(count, size)
    if not length:
        raise RangeNotSatisfiable
    return ByteSpan(size - length, length)
