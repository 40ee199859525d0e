"""What a benchmark found, as a table that tells which bars were missed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the result; without a bar it is there to be known. A bar is the most that may be, or the least."""

    what: str
    figure: float
    unit: str
    bar: float | None = None
    is_least: bool = False

    @property
    def is_missed(self) -> bool:
        if self.bar is None:
            return False
        return self.figure < self.bar if self.is_least else self.figure > self.bar

    def __str__(self) -> str:
        sign = ">=" if self.is_least else "<="
        verdict = "" if self.bar is None else f"{sign} {self.bar:g}: {'missed' if self.is_missed else 'met'}"
        return f"| {self.what} | {self.figure:.1f} {self.unit} | {verdict} |"


def print_rows(rows: Iterable[Row]) -> int:
    """Print the table; return the exit status, 1 if a bar is missed."""
    shown = list(rows)
    print("| what | figure | bar |\n|---|---|---|")
    for row in shown:
        print(row, flush=True)
    return int(any(row.is_missed for row in shown))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that `share` of them do not exceed (nearest rank). Raises ValueError for none.

    Nothing is interpolated: the figure is one that was measured.
    """
    if not values:
        raise ValueError("there is no percentile of nothing")
    rank = max(1, -(-len(values) * round(share * 1000) // 1000))
    return sorted(values)[rank - 1]
