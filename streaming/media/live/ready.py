"""What the live packager hands out: headers, parts and segments, each with its name in the package."""

from dataclasses import dataclass
from fractions import Fraction

from streaming.media.tracks import Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One run of the encoder.

    Attributes:
        number: from 1; runs that brought nothing have none.
        start_s: where it begins on the stream's timeline, in seconds.
        clock_s: the time of the day at that moment, in seconds since 1970 (UTC). It is never corrected afterwards.
    """

    number: int
    start_s: Fraction
    clock_s: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class InitReady:
    """The header of a track; `name` is that of an earlier one when its bytes are the same."""

    track: str
    name: str
    content: bytes
    header: Track


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A stretch of a track: times in ticks, `timescale` of which are a second."""

    track: str
    msn: int
    start: int
    duration: int
    timescale: int
    epoch: Epoch
    content: bytes

    @property
    def start_s(self) -> Fraction:
        """When its first sample is shown, on the stream's timeline."""
        return Fraction(self.start, self.timescale)

    @property
    def duration_s(self) -> Fraction:
        return Fraction(self.duration, self.timescale)

    @property
    def end_s(self) -> Fraction:
        return Fraction(self.start + self.duration, self.timescale)


def part_uri(msn: int, part: int, generation: int) -> str:
    """Return the address of a part, relative to its playlist."""
    return f"{msn}-{part}-{generation}.m4s" if generation else f"{msn}-{part}.m4s"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReady(Timed):
    """A part of a segment, counted from 0.

    Attributes:
        generation: 0 for the origin that began the stream. One that takes it up may make a part anew that viewers have
            seen: it is then another file.
    """

    part: int
    is_independent: bool
    generation: int = 0

    @property
    def name(self) -> str:
        return f"{self.track}/{part_uri(self.msn, self.part, self.generation)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentReady(Timed):
    """A whole segment: its content is that of its parts, one behind the other.

    Attributes:
        key_end: how many bytes from its beginning suffice to decode its first frame; 0 when that is no key frame.
    """

    key_end: int

    @property
    def name(self) -> str:
        return f"{self.track}/{self.msn}.m4s"


Ready = InitReady | PartReady | SegmentReady
