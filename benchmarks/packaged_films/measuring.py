"""Carries packaging and hand-written commands out, and tells what they took."""

import importlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.packaged_films.films import Film
from streaming.media.package_plan import PackagingPlan, plan_from_json
from streaming.runtime.executor import give_way
from tests.e2e.running import ROOT

LADDER = ("480p", "720p", "1080p")
# As packaging has its FFmpeg run, so that neighbours on the machine take as much from both.
_NICENESS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A package that was made; `peak_mb` is the most that our own process held, FFmpeg not included."""

    cost: Cost
    peak_mb: float
    folder: Path
    plan: PackagingPlan


@contextmanager
def packaged(film: Film, rungs: Sequence[str] = LADDER, *, passes: str = "auto") -> Iterator[Attempt]:
    """Package a film in a fresh process, and delete the package in the end. `passes` is NOVA_PACKAGING_PASSES."""
    _start_services()
    path = film.ready()
    argv = [sys.executable, "-m", "benchmarks.packaged_films.attempt", str(path), *rungs]
    environment = {**os.environ, "NOVA_PACKAGING_PASSES": passes}
    done = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    told = json.loads(done.stdout)
    folder = Path(told["folder"])
    try:
        yield Attempt(
            cost=Cost(wall_s=told["wall_s"], cpu_s=told["cpu_s"]),
            peak_mb=told["peak_mb"],
            folder=folder,
            plan=plan_from_json(told["plan"]),
        )
    finally:
        shutil.rmtree(folder)


def run_commands(commands: Sequence[Sequence[str]], *, at_once: int = 1) -> Cost:
    """Run programs, so many of them side by side, and return what all of them took."""

    def carry_out(argv: Sequence[str]) -> None:
        nicely = ("nice", "-n", str(_NICENESS), *argv)
        with subprocess.Popen(nicely, stdin=subprocess.DEVNULL, start_new_session=True) as program:
            give_way(program.pid, min(19, os.getpriority(os.PRIO_PROCESS, 0) + _NICENESS))
        if program.returncode != 0:
            raise subprocess.CalledProcessError(program.returncode, argv)

    cpu_s, started = _children_cpu_s(), time.monotonic()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(carry_out, commands))
    return Cost(wall_s=time.monotonic() - started, cpu_s=_children_cpu_s() - cpu_s)


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@cache
def _start_services() -> None:
    """Give this process and those that it starts a throw-away PostgreSQL and Redis, until it ends."""
    # It starts them when it is imported.
    importlib.import_module("tests.services")
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)
