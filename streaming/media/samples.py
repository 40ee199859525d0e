"""Samples of a track: runs of them read from movie fragments, and chunks written (ISO/IEC 14496-12, 8.8.8)."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

from streaming.media.boxes import (
    MOST_SAMPLES,
    SampleDefaults,
    box,
    full_box,
    pack,
    unpack,
    version_and_flags,
)
from streaming.media.errors import BoxViolation


class Sample(NamedTuple):
    """One coded frame. Times are in the track's timescale; it is shown at its decode time + `composition_offset`."""

    duration: int
    size: int
    is_sync: bool
    composition_offset: int


class Run(NamedTuple):
    """A trun box. `data_offset` is None when its data follows that of the run before."""

    samples: tuple[Sample, ...]
    data_offset: int | None


_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_DURATION, _SIZE, _FLAGS, _COMPOSITION = 0x100, 0x200, 0x400, 0x800
_NON_SYNC = 0x10000
# sample_depends_on: a key frame on none, any other frame on others (8.8.3.1).
_KEY_FLAGS, _OTHER_FLAGS = 0x02000000, 0x01000000 | _NON_SYNC
_DEFAULT_BASE_IS_MOOF = 0x20000
_TFHD_DURATION, _TFHD_FLAGS = 0x8, 0x20
_MOST_CHUNK_BYTES = (1 << 31) - 1


def parse_run(content: memoryview, defaults: SampleDefaults, *, most: int = MOST_SAMPLES) -> Run:
    """Read a trun box with any of its optional fields, and `most` samples.

    Raises:
        BoxViolation: its length is not that of the samples it counts, or they are too many.
    """
    version, flags = version_and_flags(content)
    (count,) = unpack("I", content, 4)
    if count > most:
        raise BoxViolation(f"a run claims {count} samples, {most} are taken")
    at, offset, first_flags = 8, None, None
    if flags & _DATA_OFFSET:
        (offset,) = unpack("i", content, at)
        at += 4
    if flags & _FIRST_FLAGS:
        (first_flags,) = unpack("I", content, at)
        at += 4
    columns = _columns(content[at:], count, flags, is_signed=version > 0)
    durations = columns.get(_DURATION, (defaults.duration,) * count)
    sizes = columns.get(_SIZE, (defaults.size,) * count)
    syncs = [not word & _NON_SYNC for word in columns.get(_FLAGS, (defaults.flags,) * count)]
    if first_flags is not None and count:
        syncs[0] = not first_flags & _NON_SYNC
    offsets = columns.get(_COMPOSITION, (0,) * count)
    return Run(tuple(map(Sample, durations, sizes, syncs, offsets)), offset)


def _columns(rows: memoryview, count: int, flags: int, *, is_signed: bool) -> dict[int, tuple[int, ...]]:
    present = [bit for bit in (_DURATION, _SIZE, _FLAGS, _COMPOSITION) if flags & bit]
    layout = ">" + "".join("i" if bit == _COMPOSITION and is_signed else "I" for bit in present)
    if len(rows) != count * 4 * len(present):
        raise BoxViolation(f"a run of {count} samples has {len(rows)} bytes of fields")
    if not rows:
        return {}
    return dict(zip(present, zip(*struct.iter_unpack(layout, rows), strict=True), strict=True))


def format_chunk(
    *, sequence: int, decode_time: int, samples: Sequence[Sample], payload: Sequence[bytes | memoryview]
) -> bytes:
    """Write one moof and its mdat: the smallest thing that a player can be given.

    Fields that are the same for all samples are written once. Composition offsets are signed (version 1), as the brand
    cmf2 demands, so that no edit list is needed.
    """
    data_bytes = sum(map(len, payload))
    if not samples or data_bytes != sum(sample.size for sample in samples):
        raise BoxViolation(f"{len(samples)} samples do not add up to {data_bytes} bytes")
    if data_bytes > _MOST_CHUNK_BYTES:
        raise BoxViolation(f"a chunk of {data_bytes} bytes is too long for its offsets")
    if decode_time < 0:
        raise BoxViolation(f"a chunk cannot begin at {decode_time}, before the timeline does")
    # Its own length does not depend on the offset that stands in it: write it twice.
    draft = _format_moof(sequence, decode_time, samples, 0)
    mdat = box("mdat", *payload)
    moof = _format_moof(sequence, decode_time, samples, len(draft) + len(mdat) - data_bytes)
    return moof + mdat


def _format_moof(sequence: int, decode_time: int, samples: Sequence[Sample], data_offset: int) -> bytes:
    durations = {sample.duration for sample in samples}
    is_steady = len(durations) == 1
    # The usual case: a key frame first and none after it, or sound, where each sample is one.
    rest = {sample.is_sync for sample in samples[1:]} or {samples[0].is_sync}
    has_flags = len(rest) > 1
    rest_flags = _flags_of(is_sync=rest == {True})
    head = full_box(
        "tfhd",
        0,
        _DEFAULT_BASE_IS_MOOF | (_TFHD_DURATION if is_steady else 0) | _TFHD_FLAGS,
        pack("I", 1),
        pack("I", samples[0].duration) if is_steady else b"",
        pack("I", rest_flags),
    )
    traf = box(
        "traf",
        head,
        full_box("tfdt", 1, 0, pack("Q", decode_time)),
        _format_run(samples, data_offset, has_durations=not is_steady, has_flags=has_flags),
    )
    return box("moof", full_box("mfhd", 0, 0, pack("I", sequence)), traf)


def _flags_of(*, is_sync: bool) -> int:
    return _KEY_FLAGS if is_sync else _OTHER_FLAGS


def _format_run(samples: Sequence[Sample], data_offset: int, *, has_durations: bool, has_flags: bool) -> bytes:
    columns: list[Sequence[int]] = []
    flags = _DATA_OFFSET | _SIZE
    if has_durations:
        flags |= _DURATION
        columns.append([sample.duration for sample in samples])
    columns.append([sample.size for sample in samples])
    if has_flags:
        flags |= _FLAGS
        columns.append([_flags_of(is_sync=sample.is_sync) for sample in samples])
    if any(sample.composition_offset for sample in samples):
        flags |= _COMPOSITION
        columns.append([sample.composition_offset & 0xFFFFFFFF for sample in samples])
    first = b""
    if not has_flags:
        flags |= _FIRST_FLAGS
        first = pack("I", _flags_of(is_sync=samples[0].is_sync))
    numbers = [number for row in zip(*columns, strict=True) for number in row]
    return full_box("trun", 1, flags, pack("Ii", len(samples), data_offset), first, pack(f"{len(numbers)}I", *numbers))
