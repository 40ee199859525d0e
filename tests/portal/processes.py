"""Real processes for tests: web, worker and beat as children, with their log lines."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A child and what it has written so far."""

    def __init__(self, argv: tuple[str, ...], env: Mapping[str, str]) -> None:
        self.output: list[str] = []
        self._process = subprocess.Popen(
            argv,
            cwd=_ROOT,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for(self, condition: Callable[[], Any], *, timeout_s: float = 30) -> Any:
        """Return the first true value of `condition`; fail with the output if there is none in time."""
        deadline = time.monotonic() + timeout_s
        while not (value := condition()):
            assert self._process.poll() is None, "it ended:\n" + "\n".join(self.output)
            assert time.monotonic() < deadline, "it did not happen:\n" + "\n".join(self.output)
            time.sleep(0.05)
        return value

    def events(self) -> list[dict[str, Any]]:
        """Return the log lines so far, decoded."""
        return [json.loads(line) for line in self.output if line.startswith("{")]

    def find(self, **fields: object) -> dict[str, Any] | None:
        """Return the first log line with these fields."""
        return next((line for line in self.events() if fields.items() <= line.items()), None)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int:
        """Its exit status, once it has ended."""
        return self._process.wait()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def kill(self) -> None:
        """End it as the kernel does when memory is short: it notices nothing."""
        self._process.kill()
        self._process.wait()
        self._reader.join(5)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output.append(line.rstrip("\n"))


class Web(Process):
    """`manage.py run_web`, answering."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__(
            (sys.executable, "manage.py", "run_web"),
            {"NOVA_HTTP_PORT": str(self.port), "NOVA_LOG_FORMAT": "json", "NOVA_LOG_LEVEL": "DEBUG", **env},
        )

    def answers(self) -> bool:
        try:
            return get(f"{self.url}/livez").status == 200
        except OSError:
            return False


class Answer:
    """A finished HTTP answer."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))


def get(url: str, headers: Mapping[str, str] | None = None, *, method: str = "GET") -> Answer:
    """Fetch, whatever the status; redirects are not followed."""
    request = urllib.request.Request(url, headers=dict(headers or {}), method=method)
    try:
        with _OPENER.open(request, timeout=15) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


@contextmanager
def running_web(env: Mapping[str, str] | None = None) -> Iterator[Web]:
    web = Web(env or {})
    try:
        web.wait_for(web.answers)
        yield web
    finally:
        web.stop()


@contextmanager
def running_worker(env: Mapping[str, str] | None = None, *, concurrency: int = 1) -> Iterator[Process]:
    """Run a Celery worker with the probe tasks; ready when it takes tasks."""
    worker = Process(
        (
            *(sys.executable, "-m", "celery", "-A", "portal", "-q", "worker", "--concurrency", str(concurrency)),
            *("--include", "tests.portal.telemetry.probe_tasks", "-Q", "probe", "-n", f"probe-{free_port()}@%h"),
            *("--without-gossip", "--without-mingle"),
        ),
        {"NOVA_LOG_FORMAT": "json", "NOVA_LOG_LEVEL": "INFO", **(env or {})},
    )
    try:
        worker.wait_for(lambda: any("ready" in str(line.get("event")) for line in worker.events()))
        yield worker
    finally:
        worker.stop()


@contextmanager
def running_beat(schedule: Path, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Run beat, ready when it has begun to look what is due."""
    beat = Process(
        (sys.executable, "manage.py", "run_beat", "--schedule", str(schedule)),
        {"NOVA_LOG_FORMAT": "json", "NOVA_LOG_LEVEL": "INFO", **(env or {})},
    )
    try:
        beat.wait_for(lambda: beat.find(event="beat: Starting..."))
        yield beat
    finally:
        beat.stop()
