"""Bit rates as playlists must tell them (RFC 8216bis, 4.4.6.2), measured from segments."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, lcm


def peak_bps(segments: Sequence[tuple[Fraction, int]], *, target_duration_s: int) -> int:
    """Return the highest bit rate of any run of segments that lasts 0.5 to 1.5 target durations.

    Segments are given as length in seconds and size in bytes. A track without such a run has its average.
    """
    # Whole numbers: fractions would take ten times as long, and a package that grows is measured again and again.
    scale = lcm(2, *(length.denominator for length, _ in segments))
    ticks = [length.numerator * (scale // length.denominator) for length, _ in segments]
    least, most = target_duration_s * scale // 2, target_duration_s * scale * 3 // 2
    best_size, best_duration = 0, 1
    for first in range(len(segments)):
        duration = size = 0
        for index in range(first, len(segments)):
            duration, size = duration + ticks[index], size + segments[index][1]
            if duration > most:
                break
            if duration >= least and size * best_duration > best_size * duration:
                best_size, best_duration = size, duration
    return -(-best_size * 8 * scale // best_duration) or average_bps(segments)


def average_bps(segments: Sequence[tuple[Fraction, int]]) -> int:
    """Return size by length of all segments together; 0 where there is none."""
    duration = sum((length for length, _ in segments), Fraction(0))
    return ceil(sum(size for _, size in segments) * 8 / duration) if duration else 0
