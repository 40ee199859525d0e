"""How a live stream is cut, and what players are told about it. All of it is constant as long as a stream lasts."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Self

from streaming.media.package_index import round_half_up

# Sound is cut to whole frames near the picture's boundaries: a part of it may be one frame longer.
_LONGEST_SOUND_FRAME_S = Fraction(1024, 44_100)
_MILLI = 1000


# Without slots: the figures are asked for at each request, and fractions take their time.
@dataclass(frozen=True, kw_only=True)
class LiveTiming:
    """Lengths of segments and parts, in seconds, and the figures of a playlist that follow from them.

    Nothing is taken from what was observed: Apple's players stop for ever when a part target or hold-back changes.
    """

    segment_s: Fraction = Fraction(2)
    part_s: Fraction = Fraction(1, 3)

    def fitted(self, frame_rate: Fraction | None) -> Self:
        """Return the same with parts of whole frames, rounded up; None leaves them to sound, which is cut anywhere.

        Only the last part of a segment is then shorter than the others, as RFC 8216bis, 4.4.4.9 allows.
        """
        if frame_rate is None:
            return self
        return replace(self, part_s=ceil(self.part_s * frame_rate) / frame_rate)

    @cached_property
    def part_target_s(self) -> Fraction:
        """The PART-TARGET: no part is longer, of picture or of sound, in whole milliseconds."""
        return Fraction(ceil((self.part_s + _LONGEST_SOUND_FRAME_S) * _MILLI), _MILLI)

    @cached_property
    def part_hold_back_s(self) -> Fraction:
        """The PART-HOLD-BACK: three parts, as Apple's authoring specification demands (14.3)."""
        return 3 * self.part_target_s

    @cached_property
    def target_duration_s(self) -> int:
        """The TARGETDURATION: segments are cut at forced key frames and never longer."""
        return round_half_up(self.segment_s)

    @cached_property
    def too_long_s(self) -> Fraction:
        """What no segment may last: rounded, it would be longer than the target duration (4.4.3.1)."""
        return self.target_duration_s + Fraction(1, 2)

    @cached_property
    def hold_back_s(self) -> int:
        """The HOLD-BACK (4.4.3.8: at least three target durations)."""
        return 3 * self.target_duration_s

    @cached_property
    def skip_until_s(self) -> int:
        """The CAN-SKIP-UNTIL (4.4.3.8: at least six target durations)."""
        return 6 * self.target_duration_s

    @cached_property
    def parts_until_s(self) -> int:
        """How far behind the end parts are listed (6.2.2: no longer than three target durations)."""
        return 3 * self.target_duration_s

    @cached_property
    def most_wait_s(self) -> int:
        """How long a request may be blocked before it is answered 503 (6.2.5.2: three target durations)."""
        return 3 * self.target_duration_s

    @cached_property
    def advance_parts(self) -> int:
        """The Advance Part Limit: how many parts ahead of the newest may be asked for (6.2.5.2)."""
        return int(3 / self.part_target_s) if self.part_target_s < 1 else 3
