"""A portal that `manage.py up` runs in a folder of its own, for tests and benchmarks to drive."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
# A word of each child's command line that no other child has.
_MARKS = {
    "postgres": "bin/postgres",
    "redis": "redis-server",
    "origin": "run_origin",
    "audience": "run_audience",
    "web": "run_web --name web",
    "web-2": "run_web --name web-2",
    "worker": "packaging,default",
    "beat": "beat-schedule",
}
NAMES = tuple(_MARKS)
# What those that cannot be asked over HTTP say when they are at work.
_AT_WORK = {"worker": " ready.", "beat": "beat: Starting"}


class NotShown(AssertionError):
    """The terminal did not show what was waited for."""


@dataclass(slots=True, kw_only=True)
class Portal:
    """A portal that `manage.py up` runs in a folder of its own."""

    process: subprocess.Popen[str]
    data_dir: Path
    http_port: int
    origin_port: int
    rtmp_port: int
    names: tuple[str, ...] = NAMES
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.http_port}"

    @property
    def origin_url(self) -> str:
        return f"http://localhost:{self.origin_port}"

    @property
    def password(self) -> str:
        """The administrator's password, from the welcome text."""
        return self._from_welcome(r"admin / (\S+)")

    @property
    def stream_key(self) -> str:
        return self._from_welcome(r"OBS key\s+(\S+)")

    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, text: str, *, timeout_s: float = 60) -> None:
        """Wait until the terminal shows `text`."""
        deadline = time.monotonic() + timeout_s
        while text not in self.output():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise NotShown(f"{text!r} was not shown in {timeout_s:.0f} s. The terminal:\n{self.output()}")
            time.sleep(0.05)

    def has_line(self, *parts: str) -> bool:
        """Tell whether one line of the terminal holds all of these."""
        return any(all(part in line for part in parts) for line in self.lines)

    def stop(self, *, timeout_s: float = 40) -> int:
        """Press Ctrl-C and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout_s)
        assert self.reader is not None
        self.reader.join(timeout_s)
        return status

    def children(self) -> dict[str, psutil.Process]:
        """Return the processes that `up` runs, by name."""
        found: dict[str, psutil.Process] = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                words = f"{' '.join(child.cmdline())} "
                found |= {name: child for name, mark in _MARKS.items() if f"{mark} " in words}
        return found

    def starts_of(self, name: str) -> int:
        """Count how often the worker or beat said that it is at work; 0 for the others."""
        own = (line for line in self.lines if line.startswith(name))  # not the report of its death, which repeats them
        return sum(_AT_WORK[name] in line for line in own) if name in _AT_WORK else 0

    def is_back(self, name: str, dead: psutil.Process, starts_before: int) -> bool:
        """Tell whether `name` is at work again after the death of `dead`, and everything else with it."""
        child = self.children().get(name)
        is_new = child is not None and child.pid != dead.pid
        return is_new and (name not in _AT_WORK or self.starts_of(name) > starts_before) and self.is_whole()

    def is_whole(self) -> bool:
        """Tell whether every process is there and those that can be asked answer."""
        return (
            set(self.children()) == set(self.names)
            and status(f"{self.url}/readyz") == 200
            and status(f"{self.origin_url}/livez") == 200
        )

    def wait_until_whole(self, *, timeout_s: float = 30) -> None:
        """Wait for the processes that come after the welcome."""
        deadline = time.monotonic() + timeout_s
        while not self.is_whole():
            assert time.monotonic() < deadline, f"running: {sorted(self.children())}"
            time.sleep(0.05)

    def manage(self, *arguments: str) -> str:
        """Run a management command against this portal."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        return done.stdout

    def environment(self) -> dict[str, str]:
        return portal_environment(self.data_dir, self.http_port, self.origin_port, self.rtmp_port)

    def _from_welcome(self, pattern: str) -> str:
        match = re.search(pattern, self.output())
        assert match is not None, self.output()
        return match.group(1)


def status(url: str) -> int:
    """Return the HTTP status; 0 if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def portal_environment(data_dir: Path, http_port: int, origin_port: int, rtmp_port: int) -> dict[str, str]:
    """Return the environment of a portal that knows nothing of the test run's own services."""
    unasked = free_ports(2)
    hidden = ("DATABASE_URL", "REDIS_URL", "NOVA_", "DJANGO_", "PYTEST_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return inherited | {
        "NOVA_DATA_DIR": str(data_dir),
        "NOVA_HTTP_PORT": str(http_port),
        "NOVA_ORIGIN_PORT": str(origin_port),
        "NOVA_RTMP_PORT": str(rtmp_port),
        # Nobody needs to know them.
        "NOVA_AUDIENCE_PORT": str(unasked[0]),
        "NOVA_WORKER_METRICS_PORT": str(unasked[1]),
        # Also where there is but one core.
        "NOVA_WEB_PROCESSES": "2",
        "NOVA_LOG_FORMAT": "json",
        # Half a minute of work for a core, which no test but that of the films waits for.
        "NOVA_DEMO_FILMS": "0",
    }


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on at the moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def start_portal(
    data_dir: Path, *, ports: list[int] | None = None, variables: Mapping[str, str] | None = None
) -> Portal:
    """Run `manage.py up`, with settings of its own; the caller waits for what it needs and stops it."""
    http_port, origin_port, rtmp_port = ports or free_ports(3)
    environment = portal_environment(data_dir, http_port, origin_port, rtmp_port) | dict(variables or {})
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    portal = Portal(
        process=process,
        data_dir=data_dir,
        http_port=http_port,
        origin_port=origin_port,
        rtmp_port=rtmp_port,
        names=tuple(name for name in NAMES if name != "web-2" or environment["NOVA_WEB_PROCESSES"] == "2"),
    )
    portal.reader = threading.Thread(target=_read_lines, args=(portal,), daemon=True)
    portal.reader.start()
    return portal


def _read_lines(portal: Portal) -> None:
    assert portal.process.stdout is not None
    with portal.process.stdout as output:
        for line in output:
            portal.lines.append(line.rstrip("\n"))
