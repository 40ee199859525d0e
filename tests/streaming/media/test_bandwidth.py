"""Bit rates as RFC 8216 wants them measured."""

from fractions import Fraction

import pytest

from streaming.media.bandwidth import average_bps, peak_bps


def rows(*segments: tuple[float, int]) -> list[tuple[Fraction, int]]:
    return [(Fraction(length), size) for length, size in segments]


@pytest.mark.parametrize(
    ("segments", "peak", "average"),
    [
        (rows((4, 500), (4, 400), (2, 100)), 1000, 800),
        # The last one is shorter than half a target duration: alone it counts for nothing.
        (rows((4, 400), (1, 400)), 1280, 1280),
        (rows((4, 400), (4, 400), (1, 400)), 1280, 1067),
        # Short segments count together, for 2 to 6 seconds.
        (rows(*[(1, 100)] * 3, (1, 200), (1, 300), *[(1, 100)] * 3), 2000, 1100),
        # One that is longer than 1.5 target durations is in no run.
        (
            rows(
                (8, 800),
            ),
            800,
            800,
        ),
        ([], 0, 0),
    ],
    ids=["plain", "short end", "short end behind two", "short ones", "long one", "none"],
)
def test_peak_and_average(segments: list[tuple[Fraction, int]], peak: int, average: int) -> None:
    assert (peak_bps(segments, target_duration_s=4), average_bps(segments)) == (peak, average)


def test_rates_are_rounded_up() -> None:
    assert average_bps(rows((3, 1))) == 3
    assert peak_bps(rows((3, 1)), target_duration_s=4) == 3
