"""How often names are chosen, in one number each that old choices fade from by themselves.

A choice counts 1 when it is made and half as much each half-life later. Instead of every count shrinking, each choice
counts twice as much as one a half-life before; the sum is kept as its logarithm, which stays small. So names compare
rightly at any time, and nothing is kept of who chose what, or when.
"""

from datetime import UTC, datetime, timedelta
from math import log2

HALF_LIFE = timedelta(days=30)
_BEGINNING = datetime(2025, 1, 1, tzinfo=UTC)
# After so many half-lives a choice is as good as none.
_FADED_AFTER = 4


def heat_of_one(at: datetime) -> float:
    """Return the heat of a name that was chosen once, at `at`."""
    return (at - _BEGINNING) / HALF_LIFE


def heated(heat: float, *, at: datetime) -> float:
    """Return the heat after one more choice at `at`."""
    one = heat_of_one(at)
    most = max(heat, one)
    return most + log2(2 ** (heat - most) + 2 ** (one - most))


def coldest(at: datetime) -> float:
    """Return the heat below which names differ no more."""
    return heat_of_one(at) - _FADED_AFTER
