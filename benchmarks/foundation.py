"""What the embedded stack costs: how fast it starts, what it holds when idle, how soon a killed process is back.

    .venv/bin/python -m benchmarks.foundation

Memory is the proportional set size, so that pages which processes share are counted once. Exits with 1 when a bar is
missed.
"""

import shutil
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks.results import Row, print_rows
from tests.e2e.running import Portal, free_ports, start_portal

SETTLE_S = 20
STARTS = 3
SECOND_START_BAR_S = 10.0
IDLE_BAR_MB = 900.0
RECOVERY_BAR_S = 10.0
_READY = "Nova is running"


def main() -> int:
    """Print the table; 1 if a bar is missed."""
    data_dir = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    data_dir.chmod(0o711)
    try:
        rows = _measure(data_dir)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
    return print_rows(rows)


def _measure(data_dir: Path) -> list[Row]:
    ports = free_ports(3)
    rows = [Row(what="first start: empty data folder", figure=_timed_start(data_dir, ports), unit="s")]
    again = [_timed_start(data_dir, ports) for _ in range(STARTS)]
    rows.append(Row(what=f"second start, slowest of {STARTS}", figure=max(again), unit="s", bar=SECOND_START_BAR_S))
    portal = start_portal(data_dir, ports=ports)
    try:
        portal.wait_for(_READY)
        portal.wait_until_whole()
        for _ in range(_VISITS):
            _visit(portal)
        time.sleep(SETTLE_S)
        rows += _memory(portal)
        rows += [_recovery(portal, name) for name in _KILLED]
    finally:
        portal.stop()
    return rows


def _timed_start(data_dir: Path, ports: list[int]) -> float:
    start = time.monotonic()
    portal = start_portal(data_dir, ports=ports)
    try:
        portal.wait_for(_READY, timeout_s=200)
        return time.monotonic() - start
    finally:
        portal.stop()


def _visit(portal: Portal) -> None:
    """Have web load what it loads for its first pages, so that idle is not merely unused."""
    for path in ("/", "/movies/", "/accounts/login/", "/admin/login/", "/api/v1/movies/", "/readyz"):
        urllib.request.urlopen(portal.url + path, timeout=20).close()


# Each web process gets its share of them.
_VISITS = 5
_KILLED = ("web", "web-2", "worker", "beat", "origin")


def _memory(portal: Portal) -> list[Row]:
    figures = {"up": _proportional_mb(psutil.Process(portal.process.pid))}
    for name, child in portal.children().items():
        figures[name] = _proportional_mb(child, *child.children(recursive=True))
    rows = [Row(what=f"idle memory: {name}", figure=figure, unit="MB") for name, figure in figures.items()]
    return [*rows, Row(what="idle memory: whole stack", figure=sum(figures.values()), unit="MB", bar=IDLE_BAR_MB)]


def _proportional_mb(*processes: psutil.Process) -> float:
    return sum(process.memory_full_info().pss for process in processes) / 1e6


def _recovery(portal: Portal, name: str) -> Row:
    child, starts = portal.children()[name], portal.starts_of(name)
    child.kill()
    start = time.monotonic()
    while not portal.is_back(name, child, starts) and time.monotonic() - start < 3 * RECOVERY_BAR_S:
        time.sleep(0.05)
    return Row(what=f"kill -9 {name}: at work again", figure=time.monotonic() - start, unit="s", bar=RECOVERY_BAR_S)


if __name__ == "__main__":
    sys.exit(main())
