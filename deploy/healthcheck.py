"""Tell Docker whether this container's process does its work: exit 0 if so, 1 and a sentence if not.

It answers for this process alone, not for what it depends on: `/readyz` does that.
"""

import os
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

_SCRATCH = Path(tempfile.gettempdir())
# Beat writes its schedule down when it wakes, which is every five minutes at the latest.
_OLDEST_SCHEDULE_S = 900


class Unhealthy(Exception):
    """The process does not do its work; the message says what was seen."""


def main() -> int:
    try:
        role = (_SCRATCH / "nova-role").read_text().strip()
        _CHECKS[role]()
    except (Unhealthy, OSError) as error:
        print(error)
        return 1
    return 0


def check_web() -> None:
    _ask_for_life(os.environ.get("NOVA_HTTP_PORT") or "8000")


def check_origin() -> None:
    _ask_for_life(os.environ.get("NOVA_ORIGIN_PORT") or "8001")


def check_audience() -> None:
    _ask_for_life(os.environ.get("NOVA_AUDIENCE_PORT") or "8002")


def check_worker() -> None:
    from portal.celery import app

    name = f"worker@{socket.gethostname()}"
    if not app.control.inspect(destination=[name], timeout=10).ping():
        raise Unhealthy(f"{name} does not answer a ping through the broker.")


def check_beat() -> None:
    written = [path.stat().st_mtime for path in _SCRATCH.glob("beat-schedule*")]
    if not written:
        raise Unhealthy("Beat has not written its schedule.")
    age_s = time.time() - max(written)
    if age_s > _OLDEST_SCHEDULE_S:
        raise Unhealthy(f"Beat wrote its schedule {age_s:.0f} s ago.")


def _ask_for_life(port: str) -> None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=8):
            return
    except urllib.error.URLError as error:
        raise Unhealthy(f"Port {port} does not answer: {error}") from error


_CHECKS: dict[str, Callable[[], None]] = {
    "web": check_web,
    "origin": check_origin,
    "audience": check_audience,
    "worker": check_worker,
    "beat": check_beat,
    "migrate": lambda: None,
}

if __name__ == "__main__":
    sys.exit(main())
