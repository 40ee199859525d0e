"""deploy/healthcheck.py, run as Docker runs it: beside the process, in its container."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.deploy.files import ROOT


class _Life(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def living_port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Life)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def _check(scratch: Path, role: str, **variables: str) -> subprocess.CompletedProcess[str]:
    (scratch / "nova-role").write_text(f"{role}\n")
    return subprocess.run(
        [sys.executable, ROOT / "deploy" / "healthcheck.py"],
        env={**os.environ, "TMPDIR": str(scratch), **variables},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


@pytest.mark.parametrize(
    ("role", "setting"), [("web", "NOVA_HTTP_PORT"), ("origin", "NOVA_ORIGIN_PORT"), ("audience", "NOVA_AUDIENCE_PORT")]
)
def test_a_process_that_answers_is_well(tmp_path: Path, living_port: int, role: str, setting: str) -> None:
    assert _check(tmp_path, role, **{setting: str(living_port)}).returncode == 0


def test_a_process_that_does_not_answer_is_not(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        done = _check(tmp_path, "web", NOVA_HTTP_PORT=str(silent.getsockname()[1]))
    assert done.returncode == 1
    assert "does not answer" in done.stdout


def test_beat_is_well_while_it_writes_its_schedule(tmp_path: Path) -> None:
    assert _check(tmp_path, "beat").returncode == 1
    (tmp_path / "beat-schedule").touch()
    assert _check(tmp_path, "beat").returncode == 0
    long_ago = time.time() - 3600
    os.utime(tmp_path / "beat-schedule", (long_ago, long_ago))
    done = _check(tmp_path, "beat")
    assert done.returncode == 1
    assert re.search(r"36\d\d s ago", done.stdout)


def test_a_worker_is_well_while_it_answers_through_the_broker(tmp_path: Path) -> None:
    name = f"worker@{socket.gethostname()}"
    argv = [sys.executable, "-m", "celery", "-A", "portal", "worker", "-n", name, "--pool", "solo", "-Q", "nothing"]
    worker = subprocess.Popen([*argv, "--loglevel", "ERROR"], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 40
        while (done := _check(tmp_path, "worker")).returncode and time.monotonic() < deadline:
            assert worker.poll() is None
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        worker.terminate()
        worker.wait(20)
    done = _check(tmp_path, "worker")
    assert done.returncode == 1
    assert f"{name} does not answer" in done.stdout


def test_a_container_without_a_role_yet_is_not_well(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "healthcheck.py"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "nova-role" in done.stdout
