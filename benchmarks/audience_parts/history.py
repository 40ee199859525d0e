"""How long the dashboard's questions take with 30 days of seconds of 20 streams behind them.

52 million rows of seconds, with what else such days leave: minutes, hours, days of 2,000 movies, sessions, retention
edges. They lie in the order in which they would have been written, so that the seconds of one stream are as far apart
as they would be. That takes about 12 GB of disk, and some ten minutes to fill; it is thrown away in the end.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from benchmarks.results import Row, percentile
from portal.embedded import postgres
from portal.embedded.leash import leashed
from tests.e2e.running import ROOT

DAYS, STREAMS = 30, 20
_BAR_MS = 200
_STARTS_WITHIN_S = 30
_FOLDER = ROOT / ".local" / "benchmarks" / "audience-history"
# Nothing of it need survive: filling waits for no disk. Reading is as it is anywhere.
_HASTY = {**postgres.FORGETFUL, "max_wal_size": "4GB", "autovacuum": "off"}


def measure_history(days: int = DAYS, streams: int = STREAMS) -> Iterator[Row]:
    """Fill a database of its own, and time each question."""
    with _database() as url:
        for program in ("history_fill", "history_questions"):
            for line in _run(program, url, days, streams).splitlines():
                yield told(json.loads(line))


def told(found: Mapping[str, Any]) -> Row:
    """Return the row of a figure, or of the times that a question took."""
    times = found.get("times_ms")
    if times is None:
        return Row(what=found["what"], figure=found["figure"], unit=found["unit"])
    most, half = max(times), percentile(times, 0.5)
    what = f"{found['what']}: p95 of {len(times)} (p50 {half:.0f} ms, longest {most:.0f} ms)"
    return Row(what=what, figure=percentile(times, 0.95), unit="ms", bar=_BAR_MS)


@contextmanager
def _database() -> Iterator[str]:
    """Run a PostgreSQL of our own, as the portal runs one; yield its address."""
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    service = postgres.prepare(_FOLDER, extra_settings=_HASTY)
    identity = f"{service.owner.uid}:{service.owner.gid}" if service.owner else "-"
    process = subprocess.Popen(leashed(*service.argv, identity=identity), stdin=subprocess.DEVNULL)
    try:
        _wait_for(service, process)
        postgres.ensure_database(service.url)
        yield service.url
    finally:
        process.terminate()
        process.wait(_STARTS_WITHIN_S)
        shutil.rmtree(_FOLDER, ignore_errors=True)


def _wait_for(service: postgres.PostgresService, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while not service.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL did not start")
        time.sleep(0.05)


def _run(program: str, url: str, days: int, streams: int) -> str:
    """Run a program of this package against that database, and return what it printed."""
    environment = {**os.environ, "DATABASE_URL": url, "NOVA_DATA_DIR": str(_FOLDER)}
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.audience_parts.{program}", str(days), str(streams)],
        env=environment,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout
