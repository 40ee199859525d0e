"""Where a live stream is cut: at the leader's key frames, and between them after as many frames as a part has."""

from fractions import Fraction
from typing import NamedTuple

from streaming.media.errors import TimelineViolation
from streaming.media.live.lane import Place
from streaming.media.live.timing import LiveTiming


class Cut(NamedTuple):
    """The end of a part: which one, when, and whether its segment ends with it."""

    msn: int
    part: int
    at_s: Fraction
    closes: bool


class Cutter:
    """Watches the samples of the leader and says where everything is cut."""

    def __init__(self, timing: LiveTiming, *, timescale: int, msn: int) -> None:
        self.msn, self.part = msn, 0
        self._timescale = timescale
        self._segment, self._part = timing.segment_s * timescale, timing.part_s * timescale
        # RFC 8216bis, 4.4.3.1: rounded, no segment is longer than the target duration.
        self._longest = (timing.target_duration_s + Fraction(1, 2)) * timescale
        self._segment_at: int | None = None
        self._part_at = 0

    def see(self, place: Place) -> Cut | None:
        """Take the next sample; return the cut that lies right before it, if one does.

        Raises:
            TimelineViolation: no key frame has come in time.
        """
        if self._segment_at is None:
            self._segment_at = self._part_at = place.at
            return None
        reach = place.doubled_middle
        closes = place.is_sync and reach >= 2 * (self._segment_at + self._segment)
        if place.at + place.duration - self._segment_at >= self._longest and not closes:
            raise TimelineViolation(f"no key frame came within {float(self._segment / self._timescale):.3f} s")
        if not closes and reach < 2 * (self._part_at + self._part):
            return None
        cut = Cut(self.msn, self.part, Fraction(place.at, self._timescale), closes)
        self._part_at = place.at
        if closes:
            self._segment_at = place.at
        self.msn, self.part = (self.msn + 1, 0) if closes else (self.msn, self.part + 1)
        return cut

    @property
    def latest_end_s(self) -> Fraction | None:
        """Where the segment that has begun must end at the latest, had it no successor: what came behind is dropped."""
        if self._segment_at is None:
            return None
        return (self._segment_at + self._segment) / self._timescale
