"""Cues that come too early or too late, moved into place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from catalog.captions.cues import Cue
from catalog.captions.findings import Code, Findings
from catalog.captions.limits import LATEST_MS

# Half and double speed: whoever needs more has the wrong file.
SLOWEST, FASTEST = Fraction(2), Fraction(1, 2)
# A moment of the film; moments further apart than a second of it make a usable measure.
_LEAST_APART_MS = 1000
_NTSC = Fraction(24000, 1001)
# What a caption made for the first rate needs when the film runs at the second: the rates that the trade meets.
FRAME_RATES: dict[str, Fraction] = {
    "23.976→25": _NTSC / 25,
    "25→23.976": 25 / _NTSC,
    "24→25": Fraction(24, 25),
    "25→24": Fraction(25, 24),
    "23.976→24": _NTSC / 24,
    "24→23.976": 24 / _NTSC,
}


class RetimingImpossible(ValueError):
    """Raised for a correction that makes no sense. `field` is what must be changed, `reason` is a stable word."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Retiming:
    """A moment t becomes `stretch` * t + `offset_ms`."""

    stretch: Fraction = Fraction(1)
    offset_ms: int = 0

    def __post_init__(self) -> None:
        if not FASTEST <= self.stretch <= SLOWEST:
            raise RetimingImpossible("stretch", "stretch-out-of-range")
        if abs(self.offset_ms) > LATEST_MS:
            raise RetimingImpossible("offset_s", "offset-out-of-range")

    def apply(self, time_ms: int) -> int:
        return round(self.stretch * time_ms + self.offset_ms)


def retiming_by_points(first: tuple[int, int], second: tuple[int, int]) -> Retiming:
    """Return what moves each of two moments, in milliseconds, from where it is to where it should be.

    Raises RetimingImpossible.
    """
    (first_is, first_should), (second_is, second_should) = first, second
    if abs(second_is - first_is) < _LEAST_APART_MS:
        raise RetimingImpossible("second", "points-too-close")
    stretch = Fraction(second_should - first_should, second_is - first_is)
    if not FASTEST <= stretch <= SLOWEST:
        raise RetimingImpossible("second", "points-out-of-range")
    # The exact offset is a fraction; half a millisecond is far below a frame.
    return Retiming(stretch=stretch, offset_ms=round(first_should - stretch * first_is))


def retime(cues: Sequence[Cue], retiming: Retiming, found: Findings) -> list[Cue]:
    """Return the cues in their new places; those that end before the film begins refuse the whole.

    A cue that would begin before the film begins with it instead, with a warning. Raises CaptionsRefused.
    """
    moved = [_moved(cue, retiming, found) for cue in cues]
    found.settle()
    return moved


def _moved(cue: Cue, retiming: Retiming, found: Findings) -> Cue:
    start, end = retiming.apply(cue.start_ms), retiming.apply(cue.end_ms)
    if end <= 0 and start < 0:
        found.refuse(Code.BEFORE_THE_FILM, cue=cue.number)
    elif end > LATEST_MS:
        found.refuse(Code.TIME_TOO_LATE, cue=cue.number)
    elif start < 0:
        found.warn(Code.CUT_AT_THE_START, cue=cue.number)
    start = max(start, 0)
    # Of a cue of one millisecond, rounding must leave something.
    return replace(cue, start_ms=start, end_ms=max(end, start + 1))
