"""What figures of an audience cost.

    .venv/bin/python -m benchmarks.audience [crowd history]

Exits with 1 when a bar is missed.
"""

import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks.audience_parts.crowd import measure_crowd
from benchmarks.audience_parts.history import measure_history
from benchmarks.results import Row, print_rows

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "crowd": measure_crowd,
    "history": measure_history,
}


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table of these parts, or of all; 1 if a bar is missed."""
    wanted = arguments or tuple(PARTS)
    return print_rows(row for name in wanted for row in PARTS[name]())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
