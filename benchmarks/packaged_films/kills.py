"""A portal that is killed in pieces while it packages films: what has become of them in the end."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil

from benchmarks.big_catalogue.running import run_within
from benchmarks.packaged_films.films import SHORT
from benchmarks.packaged_films.uploading import empty_portal, send_whatever_happens
from benchmarks.packaged_films.whole import faults_of
from benchmarks.results import Row
from tests.e2e.running import Portal

FILMS = KILLS = 20
VICTIMS = ("worker", "ffmpeg", "redis", "web")
_SEED = 2026
_LONGEST_PAUSE_S = 8.0
_PIECE = 1024 * 1024
_RETURN_PATIENCE_S = 60
_END_PATIENCE_S = 900
_DESK = "benchmarks.packaged_films.desk"


def measure_kills() -> Iterator[Row]:
    """Kill something every few seconds while films come in; nobody does anything about it."""
    film = SHORT.ready()
    with empty_portal() as portal:
        data_dir = portal.data_dir
        sender = threading.Thread(target=_send_all, args=(portal, film))
        sender.start()
        killed = Counter(_kill_one(portal, victim, pause_s) for victim, pause_s in planned_kills(Random(_SEED)))
        sender.join()
        outcome = json.loads(run_within(portal, _DESK, "outcome", str(_END_PATIENCE_S)))
        run_within(portal, _DESK, "tidy")
        yield from told(outcome, killed, data_dir / "media")
        orphans = [process for process in processes_of(data_dir) if process.name().startswith("ffmpeg")]
        yield Row(what="FFmpeg processes after the last job", figure=len(orphans), unit="", bar=0)
        portal.stop(timeout_s=90)
        left = processes_of(data_dir)
        yield Row(what="processes after the portal has stopped", figure=len(left), unit="", bar=0)


def planned_kills(lot: Random) -> list[tuple[str, float]]:
    """Return whom to kill, each as often as the others, and after how many seconds."""
    victims = [VICTIMS[number % len(VICTIMS)] for number in range(KILLS)]
    lot.shuffle(victims)
    return [(victim, lot.uniform(0, _LONGEST_PAUSE_S)) for victim in victims]


def told(outcome: dict[str, Any], killed: Counter[str], media: Path) -> Iterator[Row]:
    """Say how the jobs ended, and what is in storage that should not be, or is not that should."""
    whom = ", ".join(f"{count} {name}" for name, count in sorted(killed.items()))
    yield Row(what=f"processes killed ({whom})", figure=killed.total(), unit="", bar=KILLS, is_least=True)
    states = Counter(state for state, _, _ in outcome["jobs"])
    yield Row(what=f"jobs that succeeded, of {FILMS}", figure=states["SUCCEEDED"], unit="", bar=FILMS, is_least=True)
    attempts = [attempt for _, attempt, _ in outcome["jobs"]]
    yield Row(what="attempts that they took", figure=sum(attempts), unit="")
    folders = [media / path for path in outcome["packages"]]
    faults = {folder.name: found for folder in folders if (found := faults_of(folder, seconds=SHORT.seconds))}
    yield Row(what="whole packages", figure=len(folders) - len(faults), unit="", bar=FILMS, is_least=True)
    strays = strays_beside(media / "packages", folders)
    yield Row(what="stray files and folders after clean-up", figure=len(strays), unit="", bar=0)
    for trouble in (*faults.items(), *strays, *(job for job in outcome["jobs"] if job[0] != "SUCCEEDED")):
        print(trouble, file=sys.stderr)


def strays_beside(root: Path, packages: Sequence[Path]) -> list[str]:
    """Return what lies below the folder of packages and belongs to none of them."""
    return sorted(path.name for path in root.iterdir() if path not in packages) if root.exists() else []


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Return the processes that run for the portal of that folder, wherever they have come to."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if process.environ().get("NOVA_DATA_DIR") == str(data_dir):
                found.append(process)
    return found


def _send_all(portal: Portal, film: Path) -> None:
    for number in range(FILMS):
        send_whatever_happens(portal, film, f"film-{number}.mp4", piece=_PIECE)


def _kill_one(portal: Portal, victim: str, pause_s: float) -> str:
    """Kill a process after that pause, and wait until everything is there again; return whom."""
    time.sleep(pause_s)
    process = _ffmpeg_of(portal) if victim == "ffmpeg" else portal.children()[victim]
    starts = portal.starts_of(victim)
    process.kill()
    print(f"killed {victim} ({process.pid})", file=sys.stderr, flush=True)
    given_up_at = time.monotonic() + _RETURN_PATIENCE_S
    while not (portal.is_whole() if victim == "ffmpeg" else portal.is_back(victim, process, starts)):
        if time.monotonic() > given_up_at:
            raise RuntimeError(f"{victim} did not come back")
        time.sleep(0.1)
    return victim


def _ffmpeg_of(portal: Portal) -> psutil.Process:
    """Return an FFmpeg that works for the portal; wait for one."""
    given_up_at = time.monotonic() + _RETURN_PATIENCE_S
    while time.monotonic() < given_up_at:
        for process in processes_of(portal.data_dir):
            with suppress(psutil.NoSuchProcess):
                if process.name().startswith("ffmpeg"):
                    return process
        time.sleep(0.1)
    raise RuntimeError("no FFmpeg at work")
