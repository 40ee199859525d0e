"""What packaging a film costs, how soon it can be played, and what is left of it when processes are killed.

    .venv/bin/python -m benchmarks.packaging [against-one-command|against-many|vmaf|playable|memory|kills ...]

Ratios are of the best of three rounds in which packaging and FFmpeg commands take turns on the same film. The films are
made by FFmpeg's own generators, once, and kept below `.local/benchmarks/films` (5 GB with all parts). `vmaf` needs an
FFmpeg with libvmaf, which VMAF_FFMPEG names. Exits with 1 when a bar is missed.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks.packaged_films.comparing import measure_many_commands, measure_one_command, measure_vmaf
from benchmarks.packaged_films.films import HOUR, MINUTE, SMALL_HOUR, SMALL_MINUTE, Film
from benchmarks.packaged_films.kills import measure_kills
from benchmarks.packaged_films.measuring import LADDER, packaged
from benchmarks.packaged_films.playable import measure_playable
from benchmarks.results import Row, print_rows

MEMORY_BAR_MB = 20.0


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table of these parts, or of all; 1 if a bar is missed."""
    wanted = arguments or tuple(PARTS)
    return print_rows(row for name in wanted for row in (_load(name), *PARTS[name]()))


def _load(name: str) -> Row:
    return Row(what=f"{name}: load average of the machine before", figure=os.getloadavg()[0], unit="")


def measure_memory() -> Iterator[Row]:
    """Compare the peaks of our own process, passing a large picture through and encoding a small one."""
    # Nothing but the film's own rung: an hour of it passes at the speed of the disk.
    yield from _growth("1080p passed through", MINUTE, HOUR, rungs=LADDER[-1:])
    yield from _growth("240p encoded", SMALL_MINUTE, SMALL_HOUR, rungs=LADDER)


def _growth(what: str, short: Film, long: Film, *, rungs: Sequence[str]) -> Iterator[Row]:
    peaks: list[float] = []
    for film in (short, long):
        with packaged(film, rungs) as attempt:
            peaks.append(attempt.peak_mb)
            told = f"peak of our own process, {film.seconds // 60} min of {what} ({attempt.cost.wall_s:.0f} s)"
            yield Row(what=told, figure=attempt.peak_mb, unit="MB")
    difference = abs(peaks[1] - peaks[0])
    yield Row(what=f"difference, {what}", figure=difference, unit="MB", bar=MEMORY_BAR_MB)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "against-one-command": measure_one_command,
    "against-many": measure_many_commands,
    "vmaf": measure_vmaf,
    "playable": measure_playable,
    "memory": measure_memory,
    "kills": measure_kills,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
