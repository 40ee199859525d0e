"""ISO base media file format: boxes and the fields of them, read and written.

Sources: ISO/IEC 14496-12 (4.2 boxes, 8.2-8.5 movie and track, 8.6.6 edit lists, 8.8 movie fragments). What is read may
come from anybody: every size is held against the bytes that are there, counts and depth are bounded.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from streaming.media.errors import BoxViolation

_HEADER_BYTES, _LARGE_HEADER_BYTES = 8, 16
_MOST_CHILDREN = 10_000
MOST_SAMPLES = 100_000
"""In one fragment: an hour of frames. A run without per-sample fields could claim four thousand million in 20 bytes."""


class Box(NamedTuple):
    """A box inside a buffer: its four-letter kind and where its content begins and ends."""

    kind: bytes
    start: int
    content: int
    end: int


class BoxHead(NamedTuple):
    """The first bytes of a box: its kind, how many bytes the head takes and the whole box, both with the head."""

    kind: bytes
    head_bytes: int
    size: int


def read_head(buffer: bytes | bytearray | memoryview, at: int = 0) -> BoxHead | None:
    """Return the head of the box that begins there; None when too few bytes have come.

    Raises:
        BoxViolation: the size is smaller than the head, or open-ended (0), which no pipe may use.
    """
    if len(buffer) - at < _HEADER_BYTES:
        return None
    size, kind = struct.unpack_from(">I4s", buffer, at)
    head_bytes = _HEADER_BYTES
    if size == 1:
        if len(buffer) - at < _LARGE_HEADER_BYTES:
            return None
        (size,) = struct.unpack_from(">Q", buffer, at + _HEADER_BYTES)
        head_bytes = _LARGE_HEADER_BYTES
    if size < head_bytes:
        raise BoxViolation(f"box {_name(kind)} says that it is {size} bytes long")
    return BoxHead(kind, head_bytes, size)


def children(buffer: memoryview, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes that fill a range.

    Raises:
        BoxViolation: they do not fill it exactly, or there are too many.
    """
    end = len(buffer) if end is None else end
    for _ in range(_MOST_CHILDREN + 1):
        if start == end:
            return
        head = read_head(buffer[:end], start)
        if head is None or start + head.size > end:
            raise BoxViolation(f"a box at byte {start} is longer than what holds it")
        yield Box(head.kind, start, start + head.head_bytes, start + head.size)
        start += head.size
    raise BoxViolation(f"more than {_MOST_CHILDREN} boxes lie side by side")


def find_box(buffer: memoryview, path: str) -> memoryview | None:
    """Return the content of the first box on a path such as `moov/trak/mdia`; None where there is none."""
    for kind in path.encode().split(b"/"):
        found = next((box for box in children(buffer) if box.kind == kind), None)
        if found is None:
            return None
        buffer = buffer[found.content : found.end]
    return buffer


def need_box(buffer: memoryview, path: str) -> memoryview:
    """Return the content of the first box on a path. Raises BoxViolation where there is none."""
    found = find_box(buffer, path)
    if found is None:
        raise BoxViolation(f"there is no {path} box")
    return found


def all_boxes(buffer: memoryview, kind: str) -> list[memoryview]:
    """Return the contents of all direct children of a kind."""
    return [buffer[box.content : box.end] for box in children(buffer) if box.kind == kind.encode()]


def unpack(layout: str, content: memoryview, at: int = 0) -> tuple[int, ...]:
    """Read big-endian numbers. Raises BoxViolation when the box is too short for them."""
    try:
        return struct.unpack_from(f">{layout}", content, at)
    except struct.error as error:
        raise BoxViolation(f"a box of {len(content)} bytes is too short for its fields") from error


def version_and_flags(content: memoryview) -> tuple[int, int]:
    """Read what every full box begins with (4.2)."""
    (word,) = unpack("I", content)
    return word >> 24, word & 0xFFFFFF


def box(kind: str, *content: bytes | memoryview) -> bytes:
    """Write a box, with a 64-bit size where it takes one."""
    size = _HEADER_BYTES + sum(map(len, content))
    if size >> 32:
        return b"".join((struct.pack(">I4sQ", 1, kind.encode(), size + 8), *content))
    return b"".join((struct.pack(">I4s", size, kind.encode()), *content))


def full_box(kind: str, version: int, flags: int, *content: bytes | memoryview) -> bytes:
    """Write a box that begins with version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def pack(layout: str, *numbers: int) -> bytes:
    """Write big-endian numbers."""
    return struct.pack(f">{layout}", *numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDefaults:
    """What holds for samples of which a run does not say otherwise (8.8.3 trex, 8.8.7 tfhd)."""

    duration: int = 0
    size: int = 0
    flags: int = 0


def parse_trex(content: memoryview) -> tuple[int, SampleDefaults]:
    """Return the track's number and its defaults (8.8.3)."""
    track, _, duration, size, flags = unpack("5I", content, 4)
    return track, SampleDefaults(duration=duration, size=size, flags=flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentHead:
    """A tfhd box (8.8.7). `base_data_offset` is None when data is counted from the start of the moof."""

    track_id: int
    base_data_offset: int | None
    defaults: SampleDefaults


_BASE_OFFSET, _DESCRIPTION, _DURATION, _SIZE, _FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20


def parse_tfhd(content: memoryview, known: SampleDefaults) -> FragmentHead:
    """Read a track fragment's head; `known` are the track's defaults."""
    _, flags = version_and_flags(content)
    (track_id,) = unpack("I", content, 4)
    at, base, found = 8, None, {}
    if flags & _BASE_OFFSET:
        (base,) = unpack("Q", content, at)
        at += 8
    for bit, name in ((_DESCRIPTION, "description"), (_DURATION, "duration"), (_SIZE, "size"), (_FLAGS, "flags")):
        if flags & bit:
            (found[name],) = unpack("I", content, at)
            at += 4
    defaults = SampleDefaults(
        duration=found.get("duration", known.duration),
        size=found.get("size", known.size),
        flags=found.get("flags", known.flags),
    )
    return FragmentHead(track_id=track_id, base_data_offset=base, defaults=defaults)


def parse_tfdt(content: memoryview) -> int:
    """Read the decode time of a fragment's first sample (8.8.12).

    The field is unsigned. FFmpeg writes the priming of an encoder, which lies before zero, as two's complement: 64 bits
    from the top of the range stand for negative times.
    """
    version, _ = version_and_flags(content)
    (time,) = unpack("q" if version else "I", content, 4)
    return time


def parse_media_header(content: memoryview) -> tuple[int, str]:
    """Return timescale and ISO 639-2 language of an mdhd box (8.4.2)."""
    version, _ = version_and_flags(content)
    timescale, language = (
        unpack("I", content, 20 if version else 12)[0],
        unpack("H", content, 32 if version else 20)[0],
    )
    if not timescale:
        raise BoxViolation("the track has no timescale")
    return timescale, "".join(chr((language >> shift & 0x1F) + 0x60) for shift in (10, 5, 0))


def parse_edit_shift(content: memoryview, *, movie_timescale: int, timescale: int) -> int:
    """Return what an edit list adds to the times of a track, in its own timescale (8.6.6).

    Understood is what shifts a track as a whole: empty edits, then one edit of the media.

    Raises:
        BoxViolation: the list is cut short, or cuts the track or changes its speed.
    """
    version, _ = version_and_flags(content)
    (count,) = unpack("I", content, 4)
    layout, size = ("Qqhh", 20) if version else ("Iihh", 12)
    if count * size != len(content) - 8:
        raise BoxViolation(f"an edit list of {len(content)} bytes claims {count} entries")
    shift = 0
    for index in range(count):
        duration, media_time, rate, fraction = unpack(layout, content, 8 + index * size)
        if media_time == -1:
            shift += round(duration * timescale / movie_timescale)
        elif index == count - 1 and (rate, fraction) == (1, 0):
            shift -= media_time
        else:
            raise BoxViolation("an edit list cuts or speeds up a track; only a shift can be kept")
    return shift


def format_brands(kind: str, *brands: str) -> bytes:
    """Write an ftyp or styp box (4.3, 8.16.2): the first brand is the major one."""
    return box(kind, brands[0].encode(), pack("I", 0), *(brand.encode() for brand in brands))


def _name(kind: bytes) -> str:
    return repr(kind.decode("latin-1"))
