"""Packaging held against commands that were written by hand: what they take, and how their pictures look."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmarks.packaged_films.by_hand import command_alone, command_per_rung, one_command
from benchmarks.packaged_films.films import SCENE, SCENE_TO_ENCODE, Film
from benchmarks.packaged_films.measuring import Cost, packaged, run_commands
from benchmarks.results import Row
from streaming.media.package_plan import VideoTrack

# The best of them counts, for this measures the code and not its neighbours on the machine.
ROUNDS = 3
ONE_COMMAND_BAR = 1.05
ALL_ENCODED_BAR, PASSED_THROUGH_BAR = 0.92, 0.65
VMAF_BAR = 0.5
# Every fifth picture: a fifth of the work, and the mean of hundreds of pictures is the same to a hundredth.
_VMAF_OPTIONS = "n_threads=2:n_subsample=5"
# What is made of which film, in how many passes, and the bar against a command per rung.
_KINDS = (
    ("every rung encoded, in one pass", SCENE_TO_ENCODE, "one", ALL_ENCODED_BAR),
    ("every rung encoded, the lowest first", SCENE_TO_ENCODE, "two", ALL_ENCODED_BAR),
    ("own rung passed through", SCENE, "auto", PASSED_THROUGH_BAR),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What each took, round by round; packaging by its number of passes."""

    packaging: dict[str, list[Cost]]
    one_command: list[Cost] = field(default_factory=list)
    command_per_rung: list[Cost] = field(default_factory=list)


def measure_one_command() -> Iterator[Row]:
    for kind, film, passes, _ in _KINDS:
        rounds = _rounds(film)
        what = f"against one command, {kind}"
        yield from ratios(what, rounds.packaging[passes], rounds.one_command, bar=ONE_COMMAND_BAR)


def measure_many_commands() -> Iterator[Row]:
    for kind, film, passes, bar in _KINDS:
        rounds = _rounds(film)
        what = f"against a command per rung, {kind}"
        yield from ratios(what, rounds.packaging[passes], rounds.command_per_rung, bar=bar)


def ratios(what: str, ours: Sequence[Cost], theirs: Sequence[Cost], *, bar: float) -> Iterator[Row]:
    """Compare the best round of each."""
    kinds: tuple[tuple[str, Callable[[Cost], float]], ...] = (
        ("wall", lambda cost: cost.wall_s),
        ("CPU", lambda cost: cost.cpu_s),
    )
    for kind, measure in kinds:
        own, other = min(map(measure, ours)), min(map(measure, theirs))
        figures = f"{what}: {kind} ({own:.1f} s against {other:.1f} s)"
        yield Row(what=figures, figure=100 * own / other, unit="%", bar=100 * bar)


@cache
def _rounds(film: Film) -> Rounds:
    """Take turns, so that a slow minute of the machine is not one's alone."""
    ways = [passes for _, each, passes, _ in _KINDS if each is film]
    rounds = Rounds(packaging={passes: [] for passes in ways})
    for _ in range(ROUNDS):
        for passes in ways:
            with packaged(film, passes=passes) as attempt:
                rounds.packaging[passes].append(attempt.cost)
                plan, path = attempt.plan, film.ready()
        with _folder() as folder:
            rounds.one_command.append(run_commands([one_command(plan, path, folder)]))
            commands = command_per_rung(plan, path, folder)
            rounds.command_per_rung.append(run_commands(commands, at_once=os.cpu_count() or 1))
    return rounds


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


# --- Pictures ---------------------------------------------------------------------------------------------------------


def measure_vmaf() -> Iterator[Row]:
    """Compare each rung of a package with the same rung made alone; both against the film."""
    _ffmpeg_with_vmaf()
    film = SCENE_TO_ENCODE
    with packaged(film) as attempt, _folder() as folder:
        for track in attempt.plan.video:
            run_commands([command_alone(attempt.plan, track, film.ready(), folder)])
            own = _vmaf(join_segments(attempt.folder, track.name, folder), film.path)
            alone = _vmaf(folder / f"{track.name}.mp4", film.path)
            what = f"VMAF of {track.rendition.name} below the same settings alone ({own:.2f}, {alone:.2f})"
            yield Row(what=what, figure=alone - own, unit="", bar=VMAF_BAR)
            yield _rate_row(track, attempt.folder, folder)


def _rate_row(track: VideoTrack, package: Path, folder: Path) -> Row:
    """Tell that the quality was not bought with bits."""
    own = sum(path.stat().st_size for path in (package / track.name).iterdir() if path.suffix in (".m4s", ".mp4"))
    alone = (folder / f"{track.name}.mp4").stat().st_size
    return Row(what=f"bytes of {track.rendition.name}, of those alone", figure=100 * own / alone, unit="%")


def join_segments(package: Path, track: str, folder: Path) -> Path:
    """Write a track of a package as one file, for programs that read no playlists."""
    joined = folder / f"{track}-joined.mp4"
    segments = sorted((package / track).glob("*.m4s"), key=lambda path: int(path.stem))
    with joined.open("wb") as file:
        for path in (package / track / "init.mp4", *segments):
            file.write(path.read_bytes())
    return joined


def _vmaf(made: Path, film: Path) -> float:
    # Both from zero, at the film's own size.
    graph = (
        "[0:v]scale=1920:1080:flags=bicubic,setpts=PTS-STARTPTS[made];[1:v]setpts=PTS-STARTPTS[film];"
        f"[made][film]libvmaf={_VMAF_OPTIONS}"
    )
    inputs = ("-i", str(made), "-i", str(film))
    argv = (_ffmpeg_with_vmaf(), "-nostdin", "-hide_banner", *inputs, "-lavfi", graph, "-f", "null", "-")
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return parse_vmaf(done.stderr)


def parse_vmaf(said: str) -> float:
    """Return the score from FFmpeg's last words. Raises ValueError if there is none."""
    found = re.search(r"VMAF score: ([\d.]+)", said)
    if found is None:
        raise ValueError(f"no score in: {said[-500:]}")
    return float(found.group(1))


@cache
def _ffmpeg_with_vmaf() -> str:
    """Return the FFmpeg that VMAF_FFMPEG names: that of the portal is built without libvmaf."""
    program = os.environ.get("VMAF_FFMPEG", "")
    hint = "Name an FFmpeg with libvmaf in VMAF_FFMPEG, such as that of `pip install imageio-ffmpeg`."
    if not shutil.which(program):
        raise SystemExit(hint)
    filters = subprocess.run([program, "-hide_banner", "-filters"], check=True, capture_output=True, text=True).stdout
    if " libvmaf " not in filters:
        raise SystemExit(hint)
    return program
