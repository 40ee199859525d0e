"""How soon a film can be played, counted from the moment before the last of its bytes is sent."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

from benchmarks.packaged_films.films import TEN_MINUTES, TEN_MINUTES_HEVC, Film
from benchmarks.packaged_films.uploading import empty_portal, send_all_but
from benchmarks.results import Row
from tests.e2e.running import ROOT, Portal

_CASES = (
    ("10 minutes of 1080p, H.264 and AAC", TEN_MINUTES, 3),
    ("10 minutes of 1080p, HEVC and AAC", TEN_MINUTES_HEVC, 10),
)
_STEPS = ("until it is queued", "until a worker takes it", "until it is planned", "until it is playable")
# So small that sending it takes no time.
_LAST_PIECE = 64 * 1024


def measure_playable() -> Iterator[Row]:
    """Ask the database about 20 times a second whether players would be given the film."""
    for _, film, _ in _CASES:
        film.ready()
    with empty_portal() as portal:
        for what, film, bar in _CASES:
            yield from told(what, _moments(portal, film), bar=bar)


def told(what: str, moments: Sequence[float], *, bar: float) -> Iterator[Row]:
    """Say how long it took in all, and each step of it."""
    yield Row(what=f"last byte to playable: {what}", figure=moments[-1] - moments[0], unit="s", bar=bar)
    for step, (begun, ended) in zip(_STEPS, pairwise(moments), strict=True):
        yield Row(what=f"of that, {step}", figure=ended - begun, unit="s")


def _moments(portal: Portal, film: Film) -> list[float]:
    """Return the time of day before the last byte is sent, and at the end of each step."""
    client, upload, last = send_all_but(portal, film, left=_LAST_PIECE)
    argv = [sys.executable, "-m", "benchmarks.packaged_films.desk", "playable", f"{film.name}.mp4"]
    with subprocess.Popen(argv, env=portal.environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        if not desk.stdout.readline().startswith("watching False"):
            raise RuntimeError(f"{film.name} is playable before it has come")
        started = time.time()
        client.send(upload, last, offset=film.path.stat().st_size - len(last))
        return [started, *json.loads(desk.stdout.readline())]
