"""What a live playlist lists: segments and parts, each with its lines, which are written once and never change."""

from dataclasses import dataclass, field
from fractions import Fraction

from streaming.media.hls_lines import Quoted, format_tag
from streaming.media.live.ready import Epoch, PartReady, part_uri

_MILLI, _MICRO = 1000, 1_000_000
_DAY_S = 86_400
# The calendar repeats itself after 400 years. Years begin in March here, so that the leap day is the last of its year.
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
_MARCH_0000_TO_1970_DAYS = 719_468


@dataclass(slots=True, kw_only=True)
class ListedSegment:
    """A segment of one track: whole, or as far as its parts have come.

    Attributes:
        is_discontinuous: it is the first of a run of the encoder, and not the first of the stream.
        parts: the lines of its parts; emptied when players may no longer be told of them.
        before: what precedes them.
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
    before: str = field(init=False)
    entry: str = ""

    def __post_init__(self) -> None:
        clock = format_clock(clock_of(self.epoch, self.start_s))
        begin = f"#EXT-X-DISCONTINUITY\n{self.map_line()}" if self.is_discontinuous else ""
        self.before = f"{begin}#EXT-X-PROGRAM-DATE-TIME:{clock}\n"

    @property
    def start_s(self) -> Fraction:
        return Fraction(self.start, self.timescale)

    @property
    def duration_s(self) -> Fraction:
        return Fraction(self.duration, self.timescale)

    @property
    def end_s(self) -> Fraction:
        return Fraction(self.start + self.duration, self.timescale)

    def forget_parts(self) -> None:
        """List it as a whole only, from now on: there may be thousands of such, so they are one text each."""
        self.before, self.entry = "", self.before + self.entry
        self.parts.clear()

    def add_part(self, part: PartReady) -> None:
        """List the next of its parts."""
        self.parts.append(format_part(part))
        self.part_count += 1
        self.duration = part.start + part.duration - self.start

    def close(self, *, duration: int, size: int) -> None:
        """List it as a whole."""
        self.duration, self.size = duration, size
        self.entry = f"#EXTINF:{_length(self.start_s, self.end_s)},\n{self.msn}.m4s\n"

    def map_line(self) -> str:
        return format_tag("EXT-X-MAP", {"URI": Quoted(self.init_uri)}) + "\n"


def format_part(part: PartReady) -> str:
    """Write an EXT-X-PART (RFC 8216bis, 4.4.4.9)."""
    independent = ",INDEPENDENT=YES" if part.is_independent else ""
    length = _length(part.start_s, part.end_s)
    return f'#EXT-X-PART:DURATION={length},URI="{part_uri(part.msn, part.part, part.generation)}"{independent}\n'


def clock_of(epoch: Epoch, at_s: Fraction) -> Fraction:
    """Return the time of the day at a moment of the timeline, in seconds since 1970."""
    return epoch.clock_s + (at_s - epoch.start_s)


def format_clock(clock_s: Fraction) -> str:
    """Write a time of the day in UTC with milliseconds (ISO 8601)."""
    seconds, milliseconds = divmod(round(clock_s * _MILLI), _MILLI)
    days, second = divmod(seconds, _DAY_S)
    year, month, day = _date(days)
    time = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{milliseconds:03d}"
    return f"{year:04d}-{month:02d}-{day:02d}T{time}Z"


def _date(days: int) -> tuple[int, int, int]:
    """Return the date so many days after the first of 1970."""
    cycle, day = divmod(days + _MARCH_0000_TO_1970_DAYS, _CYCLE_DAYS)
    # Each year but the last of four, of a century and of a cycle ends one day early: leave the leap days before it out.
    year = (day - day // 1460 + day // 36_524 - day // (_CYCLE_DAYS - 1)) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day_of_month = day - (153 * month + 2) // 5 + 1
    is_next_year = month >= 10
    return cycle * _CYCLE_YEARS + year + is_next_year, month - 9 if is_next_year else month + 3, day_of_month


def _length(start_s: Fraction, end_s: Fraction) -> str:
    """Write a length so that rounding does not add up, and the parts of a segment are as long as the segment."""
    length = round(end_s * _MICRO) - round(start_s * _MICRO)
    return f"{length // _MICRO}.{length % _MICRO:06d}"
