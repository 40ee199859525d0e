"""What a live playlist lists: segments and parts, each with its lines, which are written once and never change."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from streaming.media.hls_lines import Quoted, format_tag
from streaming.media.live.ready import Epoch, PartReady, SegmentReady, Timed

_MILLI, _MICRO = 1000, 1_000_000


@dataclass(slots=True, kw_only=True)
class ListedSegment:
    """A segment of one track: whole, or as far as its parts have come.

    Attributes:
        is_discontinuous: it is the first of a run of the encoder, and not the first of the stream.
        parts: the lines of its parts; emptied when players may no longer be told of them.
        entry: its own lines; empty until it is whole.
    """

    msn: int
    start: int
    timescale: int
    epoch: Epoch
    init_uri: str
    is_discontinuous: bool
    duration: int = 0
    size: int = 0
    parts: list[str] = field(default_factory=list)
    part_count: int = 0
    entry: str = ""

    @property
    def start_s(self) -> Fraction:
        return Fraction(self.start, self.timescale)

    @property
    def duration_s(self) -> Fraction:
        return Fraction(self.duration, self.timescale)

    @property
    def end_s(self) -> Fraction:
        return Fraction(self.start + self.duration, self.timescale)

    @property
    def is_whole(self) -> bool:
        return bool(self.entry)

    def add_part(self, part: PartReady) -> None:
        """List the next of its parts."""
        self.parts.append(format_part(part))
        self.part_count += 1
        self.duration = part.start + part.duration - self.start

    def close(self, segment: SegmentReady) -> None:
        """List it as a whole."""
        self.duration, self.size = segment.duration, len(segment.content)
        self.entry = f"#EXTINF:{_length(segment)},\n{segment.msn}.m4s\n"

    def clock_line(self) -> str:
        return f"#EXT-X-PROGRAM-DATE-TIME:{format_clock(clock_of(self.epoch, self.start_s))}\n"

    def map_line(self) -> str:
        return format_tag("EXT-X-MAP", {"URI": Quoted(self.init_uri)}) + "\n"


def format_part(part: PartReady) -> str:
    """Write an EXT-X-PART (RFC 8216bis, 4.4.4.9)."""
    independent = ",INDEPENDENT=YES" if part.is_independent else ""
    return f'#EXT-X-PART:DURATION={_length(part)},URI="{part_uri(part.msn, part.part)}"{independent}\n'


def part_uri(msn: int, part: int) -> str:
    """Return the address of a part, relative to its playlist."""
    return f"{msn}-{part}.m4s"


def clock_of(epoch: Epoch, at_s: Fraction) -> Fraction:
    """Return the time of the day at a moment of the timeline, in seconds since 1970."""
    return epoch.clock_s + (at_s - epoch.start_s)


def format_clock(clock_s: Fraction) -> str:
    """Write a time of the day in UTC with milliseconds (ISO 8601)."""
    seconds, milliseconds = divmod(round(clock_s * _MILLI), _MILLI)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def _length(timed: Timed) -> str:
    """Write a length so that rounding does not add up, and the parts of a segment are as long as the segment."""
    start, end = round(timed.start_s * _MICRO), round(timed.end_s * _MICRO)
    length = end - start
    return f"{length // _MICRO}.{length % _MICRO:06d}"
