"""`manage.py up` as the person at the terminal meets it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.e2e.running import NAMES, ROOT, Portal, free_ports, portal_environment, start_portal, status

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="nova-up-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def run_up(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run `up` where it cannot start."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_welcome_says_where_to_go_and_the_home_page_is_there(live_portal: Portal) -> None:
    output = live_portal.output()
    assert f"Open        {live_portal.url}/" in output
    assert f"OBS server  rtmp://localhost:{live_portal.rtmp_port}/live" in output
    assert len(live_portal.password) >= 16
    assert status(f"{live_portal.url}/") == 200
    assert status(f"{live_portal.url}/admin/login/") == 200


def test_what_prepared_the_portal_is_gone(live_portal: Portal) -> None:
    live_portal.wait_until_whole()
    assert len(psutil.Process(live_portal.process.pid).children()) == len(NAMES)


def test_the_password_and_the_key_are_nowhere_in_the_data_folder(live_portal: Portal) -> None:
    secrets = (live_portal.password.encode(), live_portal.stream_key.encode())
    files = [path for path in live_portal.data_dir.rglob("*") if path.is_file() and "static" not in path.parts]
    assert len(files) > 100
    assert [path for path in files if any(secret in _content(path) for secret in secrets)] == []


def _content(path: Path) -> bytes:
    # The database's own temporary files may be gone by now.
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return b""


def test_a_real_encoder_is_admitted_with_the_key_and_refused_without(live_portal: Portal) -> None:
    live_portal.manage("broadcast_demo", "--seconds", "2")
    live_portal.wait_for("live.on_air", timeout_s=20)
    live_portal.wait_for("live.ended", timeout_s=20)
    assert live_portal.stream_key not in live_portal.output().replace(f"OBS key     {live_portal.stream_key}", "")


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_process_is_back_within_ten_seconds_and_the_others_are_undisturbed(
    live_portal: Portal, name: str
) -> None:
    before, starts = live_portal.children(), live_portal.starts_of(name)
    assert set(before) == set(NAMES)
    before[name].kill()
    deadline = time.monotonic() + 10
    while not live_portal.is_back(name, before[name], starts):
        assert time.monotonic() < deadline, f"not back; running: {sorted(live_portal.children())}"
        time.sleep(0.1)
    after = live_portal.children()
    assert after[name].pid != before[name].pid
    assert {n: p.pid for n, p in after.items() if n != name} == {n: p.pid for n, p in before.items() if n != name}
    live_portal.wait_for(f"{name} was killed by SIGKILL", timeout_s=1)


def test_web_processes_share_the_port_and_count_together(live_portal: Portal) -> None:
    def answered() -> float:
        with urllib.request.urlopen(f"{live_portal.url}/metrics", timeout=10) as response:
            lines = response.read().decode().splitlines()
        views = [line for line in lines if line.startswith("django_http_requests_total_by_view_transport_method_total")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in views if 'view="accounts:login"' in line)

    before = answered()
    # Each in a connection of its own: the kernel chooses a process for each of them.
    for _ in range(40):
        assert status(f"{live_portal.url}/accounts/login/") == 200

    assert [answered() - before for _ in range(6)] == [40] * 6


def test_ctrl_c_leaves_no_process_behind_and_a_second_start_is_quick(data_dir: Path) -> None:
    ports = free_ports(3)
    first = start_portal(data_dir, ports=ports)
    first.wait_for("Nova is running", timeout_s=100)
    family = psutil.Process(first.process.pid).children(recursive=True)
    assert len(family) > 10
    assert first.stop() == 0
    assert [process for process in family if process.is_running()] == []
    order = [line.split("Stopping ")[1] for line in first.lines if "Stopping " in line and "│" in line]
    assert [name.rstrip(".") for name in order] == [
        *("web-2", "beat", "worker", "web", "audience", "origin", "redis", "postgres")
    ]

    start = time.monotonic()
    second = start_portal(data_dir, ports=ports)
    try:
        second.wait_for("Nova is running", timeout_s=60)
        assert time.monotonic() - start <= 10
        assert first.password not in second.output()
        assert "manage.py changepassword admin" in second.output()
    finally:
        second.stop()


def test_an_encoder_that_is_on_air_when_nova_stops_is_told_and_its_stream_waits(data_dir: Path) -> None:
    portal = start_portal(data_dir)
    portal.wait_for("Nova is running", timeout_s=100)
    encoder = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "broadcast_demo"],
        env=portal.environment(),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    portal.wait_for("live.on_air", timeout_s=20)
    assert portal.stop() == 0
    assert portal.has_line("live.interrupted")
    assert encoder.wait(20) != 0


def test_a_ctrl_c_in_the_middle_of_the_start_leaves_no_process_behind(data_dir: Path) -> None:
    portal = start_portal(data_dir)
    deadline = time.monotonic() + 30
    while not (family := psutil.Process(portal.process.pid).children(recursive=True)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert portal.stop() == 0
    assert [process for process in family if process.is_running()] == []
    assert "Traceback" not in portal.output()


def test_killing_up_itself_takes_its_children_along(data_dir: Path) -> None:
    portal = start_portal(data_dir)
    portal.wait_for("Nova is running", timeout_s=100)
    family = psutil.Process(portal.process.pid).children(recursive=True)
    portal.process.send_signal(signal.SIGKILL)
    _gone, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    portal.stop()


def test_a_taken_port_is_one_clear_line(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        done = run_up(**portal_environment(data_dir, taken, *free_ports(2)))
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert f"Port {taken} (pages and API) on 127.0.0.1 cannot be used" in line
    assert "NOVA_HTTP_PORT=" in line


def test_a_folder_that_cannot_be_written_is_one_clear_line() -> None:
    done = run_up(**portal_environment(Path("/proc/nova"), *free_ports(3)))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "/proc/nova cannot be written" in line
    assert "NOVA_DATA_DIR" in line


def test_an_unreachable_database_is_one_clear_line_without_its_password(data_dir: Path) -> None:
    url = "postgresql://nova:s3cret@127.0.0.1:1/nova"
    done = run_up(**portal_environment(data_dir, *free_ports(3)), DATABASE_URL=url)
    assert done.returncode == 1
    assert "s3cret" not in done.stderr + done.stdout
    [line] = done.stderr.splitlines()
    assert "DATABASE_URL names a PostgreSQL that cannot be reached" in line


def test_an_unreachable_redis_is_one_clear_line(data_dir: Path) -> None:
    done = run_up(**portal_environment(data_dir, *free_ports(3)), REDIS_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "REDIS_URL names a Redis that cannot be reached" in line


def test_a_setting_of_the_wrong_form_is_one_clear_line(data_dir: Path) -> None:
    environment = portal_environment(data_dir, *free_ports(3)) | {"NOVA_HTTP_PORT": "eighty"}
    done = run_up(**environment)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["nova: NOVA_HTTP_PORT is 'eighty'; it takes a whole number."]


def test_a_second_up_on_the_same_folder_is_refused(live_portal: Portal) -> None:
    done = run_up(**portal_environment(live_portal.data_dir, *free_ports(3)))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert f"Nova runs already on {live_portal.data_dir}" in line
    assert os.path.exists(live_portal.data_dir / "up.lock")
