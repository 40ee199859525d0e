"""Fragmented MP4 as it comes out of a pipe: any slices of bytes in, whole fragments out.

A pipe carries one track: `ftyp moov (moof mdat)*`. Encoders must be told to write composition offsets that may be
negative (`negative_cts_offsets`) and to leave decode times as they are (`frag_discont`): otherwise FFmpeg lets every
track begin at its own zero, and sound and picture lose each other by the delay of the encoder's reordering.
"""

from dataclasses import dataclass

from streaming.media.boxes import (
    MOST_SAMPLES,
    BoxHead,
    SampleDefaults,
    all_boxes,
    need_box,
    parse_tfdt,
    parse_tfhd,
    read_head,
)
from streaming.media.errors import BoxViolation
from streaming.media.samples import Run, Sample, parse_run
from streaming.media.tracks import Track, parse_track

_MOST_HEADER_BYTES = 4 * 1024 * 1024
_MOST_DATA_BYTES = 256 * 1024 * 1024
"""A group of pictures of 10 seconds at 200 Mbit/s."""
_SKIPPED = {b"ftyp", b"styp", b"free", b"skip", b"sidx", b"emsg", b"prft", b"mfra", b"uuid"}
_READ = {b"moov", b"moof", b"mdat"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A run of samples, in decoding order, and their bytes one behind the other.

    Attributes:
        decode_time: of the first sample, in the track's timescale; before zero for an encoder's priming.
    """

    decode_time: int
    samples: tuple[Sample, ...]
    payload: bytes


class FragmentReader:
    """Takes the bytes of one track as they come."""

    def __init__(self, *, most_bytes: int = _MOST_DATA_BYTES) -> None:
        self._most_bytes = most_bytes
        self._buffer = bytearray()
        self._position = 0
        self._track: Track | None = None
        self._moof: tuple[int, bytes] | None = None

    def feed(self, received: bytes) -> tuple[Track | Fragment, ...]:
        """Take some bytes; return what has become whole: the track once, then its fragments.

        Raises:
            BoxViolation: this is not the fragmented MP4 of one track, or a box exceeds the limits.
        """
        self._buffer += received
        found: list[Track | Fragment] = []
        while (head := read_head(self._buffer)) is not None:
            self._check(head)
            if len(self._buffer) < head.size:
                break
            with memoryview(self._buffer) as whole, whole[head.head_bytes : head.size] as content:
                result = self._take(head, content)
            del self._buffer[: head.size]
            self._position += head.size
            if result is not None:
                found.append(result)
        return tuple(found)

    def finish(self) -> None:
        """Say that no more bytes come. Raises BoxViolation when they end in the middle, or held no track."""
        if self._buffer or self._moof is not None:
            raise BoxViolation(f"the track ends in the middle of a fragment, behind byte {self._position}")
        if self._track is None:
            raise BoxViolation("no track has come")

    def _check(self, head: BoxHead) -> None:
        """Refuse a box before its bytes are waited for."""
        if head.kind not in _SKIPPED | _READ:
            raise BoxViolation(f"box {head.kind.decode('latin-1')!r} at byte {self._position} has no place here")
        limit = self._most_bytes if head.kind == b"mdat" else _MOST_HEADER_BYTES
        if head.size > limit:
            raise BoxViolation(f"box {head.kind.decode('latin-1')!r} of {head.size} bytes exceeds {limit}")

    def _take(self, head: BoxHead, content: memoryview) -> Track | Fragment | None:
        if head.kind == b"moov":
            if self._track is not None:
                raise BoxViolation("a second moov box came: the track changed in the middle")
            self._track = parse_track(content)
            return self._track
        if head.kind == b"moof":
            if self._track is None or self._moof is not None:
                raise BoxViolation("a moof box came out of order")
            self._moof = (self._position, bytes(content))
        if head.kind == b"mdat":
            return self._take_data(head, content)
        return None

    def _take_data(self, head: BoxHead, content: memoryview) -> Fragment:
        if self._track is None or self._moof is None:
            raise BoxViolation("an mdat box came without its moof box")
        moof_at, moof = self._moof
        self._moof = None
        start = self._position + head.head_bytes - moof_at
        return parse_fragment(memoryview(moof), content, track=self._track, moof_at=moof_at, data_at=start)


def parse_fragment(moof: memoryview, data: memoryview, *, track: Track, moof_at: int, data_at: int) -> Fragment:
    """Read one fragment. `data_at` is where the data begins, counted from the moof, which stands at `moof_at`."""
    trafs = all_boxes(moof, "traf")
    if len(trafs) != 1:
        raise BoxViolation(f"a fragment holds {len(trafs)} tracks instead of one")
    head = parse_tfhd(need_box(trafs[0], "tfhd"), track.defaults)
    if head.track_id != track.track_id:
        raise BoxViolation(f"a fragment is of track {head.track_id}, which is not track {track.track_id}")
    shift = 0 if head.base_data_offset is None else head.base_data_offset - moof_at
    runs = _parse_runs(all_boxes(trafs[0], "trun"), head.defaults)
    return Fragment(
        decode_time=parse_tfdt(need_box(trafs[0], "tfdt")),
        samples=tuple(sample for run in runs for sample in run.samples),
        payload=b"".join(_slices(runs, data, data_at - shift)),
    )


def _parse_runs(contents: list[memoryview], defaults: SampleDefaults) -> list[Run]:
    runs, left = [], MOST_SAMPLES
    for content in contents:
        runs.append(parse_run(content, defaults, most=left))
        left -= len(runs[-1].samples)
    return runs


def _slices(runs: list[Run], data: memoryview, data_at: int) -> list[memoryview]:
    """Return the bytes of each run. Raises BoxViolation when one lies outside of the data."""
    slices, at = [], 0
    for run in runs:
        size = sum(sample.size for sample in run.samples)
        at = at if run.data_offset is None else run.data_offset - data_at
        if at < 0 or at + size > len(data):
            raise BoxViolation(f"samples at {at} to {at + size} lie outside of {len(data)} bytes of data")
        slices.append(data[at : at + size])
        at += size
    return slices
