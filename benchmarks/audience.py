"""What figures of an audience cost.

    .venv/bin/python -m benchmarks.audience [beacons crowd sockets history]

`beacons` has a web process take them, `crowd` counts people of whom it is known when they were there, `sockets` tells
two thousand pages, and `history` asks what the dashboard asks of 30 days of seconds. Exits with 1 when a bar is missed.
"""

import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks.audience_parts.beacons import measure_beacons
from benchmarks.audience_parts.crowd import measure_crowd
from benchmarks.audience_parts.history import measure_history
from benchmarks.audience_parts.sockets import measure_sockets
from benchmarks.results import Row, print_rows

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "beacons": measure_beacons,
    "crowd": measure_crowd,
    "sockets": measure_sockets,
    "history": measure_history,
}


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table of these parts, or of all; 1 if a bar is missed."""
    wanted = arguments or tuple(PARTS)
    return print_rows(row for name in wanted for row in PARTS[name]())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
