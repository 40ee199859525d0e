"""Bit rates as playlists must tell them (RFC 8216bis, 4.4.6.2), measured from segments."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil


def peak_bps(segments: Sequence[tuple[Fraction, int]], *, target_duration_s: int) -> int:
    """Return the highest bit rate of any run of segments that lasts 0.5 to 1.5 target durations.

    Segments are given as length in seconds and size in bytes. A track without such a run has its average.
    """
    least, most = Fraction(target_duration_s, 2), Fraction(target_duration_s * 3, 2)
    peak = Fraction(0)
    for first in range(len(segments)):
        duration, size = Fraction(0), 0
        for length, size_bytes in segments[first:]:
            duration, size = duration + length, size + size_bytes
            if duration > most:
                break
            if duration >= least:
                peak = max(peak, size * 8 / duration)
    return ceil(peak) or average_bps(segments)


def average_bps(segments: Sequence[tuple[Fraction, int]]) -> int:
    """Return size by length of all segments together; 0 where there is none."""
    duration = sum((length for length, _ in segments), Fraction(0))
    return ceil(sum(size for _, size in segments) * 8 / duration) if duration else 0
