"""Where a live stream is cut: at the leader's key frames, and between them after as many frames as a part has."""

from fractions import Fraction
from typing import NamedTuple

from streaming.media.errors import KeyFrameMissing, TimelineViolation
from streaming.media.live.lane import Place
from streaming.media.live.timing import LiveTiming

# So many lengths from one key frame to the next, each like the one before it, are no chance.
_BELIEVED = 2
# Frames that are passed on may differ so much from the rate that players are told, in a segment.
_STRAY_FRAMES, _STRAY_SHARE = Fraction(2), Fraction(1, 10)


class Cut(NamedTuple):
    """The end of a part: which one, when, and whether its segment ends with it."""

    msn: int
    part: int
    at_s: Fraction
    closes: bool


class _Rhythm:
    """How long it may be from a key frame of an encoder to the next one. Times are in ticks.

    A length is believed when it came three times in a row. Otherwise key frames may come at any time, as they do where
    the scene changes, and the next one as late as any did before.
    """

    def __init__(self, usual: Fraction, *, tolerance: Fraction) -> None:
        self._longest, self._tolerance = usual, tolerance
        self._last: tuple[int, int] | None = None
        self._alike = 0

    def see(self, at: int) -> Fraction:
        """Take a key frame; return when the next one comes at the latest."""
        length = at - self._last[0] if self._last else 0
        is_alike = self._last is not None and abs(length - self._last[1]) <= self._tolerance
        self._alike = self._alike + 1 if is_alike else 0
        self._last = at, length
        self._longest = max(self._longest, Fraction(length))
        return at + (Fraction(length) if self._alike >= _BELIEVED else self._longest)


class Cutter:
    """Watches the samples of the leader and says where everything is cut.

    `copied_rate` is that of a leader whose frames and key frames come as somebody else has made them: each of its
    segments ends at the last key frame before it would be too long.
    """

    def __init__(self, timing: LiveTiming, *, timescale: int, msn: int, copied_rate: Fraction | None = None) -> None:
        self.msn, self.part = msn, 0
        self._timescale = timescale
        self._segment, self._part = timing.segment_s * timescale, timing.part_s * timescale
        self._longest, self._longest_part = timing.too_long_s * timescale, timing.part_target_s * timescale
        self._segment_at: int | None = None
        self._part_at = self._frames = 0
        self._frame = None if copied_rate is None else timescale / copied_rate
        self._rhythm = None if self._frame is None else _Rhythm(self._segment, tolerance=self._frame / 2)

    def see(self, place: Place) -> Cut | None:
        """Take the next sample; return the cut that lies right before it, if one does.

        Raises:
            KeyFrameMissing: none has come in time.
            TimelineViolation: frames that were passed on come at other times than they should.
        """
        due = self._rhythm.see(place.at) if self._rhythm and place.is_sync else None
        if self._segment_at is None:
            self._segment_at = self._part_at = place.at
            return None
        self._frames += 1
        reach = place.doubled_middle
        is_last_chance = due is not None and due - self._segment_at >= self._longest
        closes = place.is_sync and (reach >= 2 * (self._segment_at + self._segment) or is_last_chance)
        if place.at + place.duration - self._segment_at >= self._longest and not closes:
            raise KeyFrameMissing(f"no key frame came within {float(self._longest / self._timescale):.3f} s")
        # What is passed on may have a frame that lasts longer than others. No part does: one is shorter instead.
        is_full = place.at + place.duration > self._part_at + self._longest_part
        if not closes and not is_full and reach < 2 * (self._part_at + self._part):
            return None
        if self._frame is not None:
            self._check_frames(place.at, self._frame, closes=closes)
        cut = Cut(self.msn, self.part, Fraction(place.at, self._timescale), closes)
        self._part_at = place.at
        if closes:
            self._segment_at, self._frames = place.at, 0
        self.msn, self.part = (self.msn + 1, 0) if closes else (self.msn, self.part + 1)
        return cut

    def _check_frames(self, at: int, frame: Fraction, *, closes: bool) -> None:
        if at - self._part_at > self._longest_part:
            raise TimelineViolation(f"a frame lasts {(at - self._part_at) / self._timescale:.3f} s")
        if closes and self._segment_at is not None:
            expected = (at - self._segment_at) / frame
            if abs(self._frames - expected) > max(_STRAY_FRAMES, expected * _STRAY_SHARE):
                raise TimelineViolation(f"{self._frames} frames came where {float(expected):.1f} should")

    @property
    def latest_end_s(self) -> Fraction | None:
        """Where the segment that has begun must end at the latest, had it no successor: what came behind is dropped."""
        if self._segment_at is None:
            return None
        return (self._segment_at + self._segment) / self._timescale
