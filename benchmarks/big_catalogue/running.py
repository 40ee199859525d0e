"""A portal that holds the big catalogue. Its folder is kept for the day, as filling it takes minutes."""

import contextlib
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.e2e.running import ROOT, Portal, start_portal

READY = "Nova is running"
_FOLDER = ROOT / ".local" / "benchmarks"
_STAMP = "filled"
_SOURCES = ("fill.py", "plans.py", "texts.py", "words.toml")
# All users of a load come from one address; a limit by network would be all that it measures.
NO_LIMITS = {f"NOVA_RATE_LIMIT_{scope}": "off" for scope in ("API_READ", "SUGGESTIONS")}


@contextlib.contextmanager
def big_portal() -> Iterator[Portal]:
    """Run the portal with the big catalogue, and stop it in the end. No limits of rate hold for reads."""
    data_dir = _FOLDER / f"catalogue-{_edition()}"
    if not (data_dir / _STAMP).exists():
        for older in _FOLDER.glob("catalogue-*"):
            shutil.rmtree(older, ignore_errors=True)
        data_dir.mkdir(parents=True)
    portal = start_portal(data_dir, variables=NO_LIMITS)
    try:
        portal.wait_for(READY, timeout_s=200)
        if not (data_dir / _STAMP).exists():
            run_within(portal, "benchmarks.big_catalogue.fill")
            (data_dir / _STAMP).write_text(portal.password)
        yield portal
    finally:
        portal.stop()


def administrator_password(portal: Portal) -> str:
    """Return the password, which is only told by the first start."""
    return (portal.data_dir / _STAMP).read_text()


def run_within(portal: Portal, module: str, *arguments: str) -> str:
    """Run a program in the environment of the portal, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=portal.environment(),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def _edition() -> str:
    """Name what the catalogue is made of: the sources of its plan, and the day that its windows are counted from."""
    seen = hashlib.sha256(date.today().isoformat().encode())
    for name in _SOURCES:
        seen.update((Path(__file__).parent / name).read_bytes())
    return seen.hexdigest()[:12]
