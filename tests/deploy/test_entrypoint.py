"""deploy/entrypoint, run for real with the settings of the example deployment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portal.embedded.stack import StackOptions, process_specs
from tests.deploy.files import OURS, ROOT, SERVICES, example_settings

_ENTRYPOINT = ROOT / "deploy" / "entrypoint"


@pytest.fixture
def deployed(tmp_path: Path) -> dict[str, str]:
    """The environment of a container: the example's settings and fresh secrets."""
    shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path)
    subprocess.run([tmp_path / "make-secrets"], check=True, capture_output=True)
    (tmp_path / "data").mkdir()
    given = {
        name: value.replace("/run/secrets", str(tmp_path / "secrets"))
        for name, value in SERVICES["web"]["environment"].items()
    }
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "TMPDIR": str(tmp_path),
        "NOVA_DATA_DIR": str(tmp_path / "data"),
        "NOVA_STATIC_DIR": str(tmp_path / "static"),
        "NOVA_HOST": "0.0.0.0",
        "NOVA_LOG_FORMAT": "json",
        **example_settings(),
        **given,
    }


def _run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_ENTRYPOINT, *arguments], env=env, capture_output=True, text=True, check=False, cwd="/", timeout=60
    )


def test_the_example_deployment_is_fit_for_production(deployed: dict[str, str]) -> None:
    done = _run("check", env=deployed)
    assert done.returncode == 0, done.stderr
    assert not (Path(deployed["NOVA_DATA_DIR"]) / "secret_key").exists(), "the key comes from its file"


def test_debug_is_refused(deployed: dict[str, str]) -> None:
    done = _run("check", env=deployed | {"NOVA_DEBUG": "1"})
    assert done.returncode != 0
    assert "DEBUG" in done.stderr


def test_a_generated_secret_key_is_refused(deployed: dict[str, str]) -> None:
    del deployed["NOVA_SECRET_KEY_FILE"]
    done = _run("check", env=deployed)
    assert done.returncode != 0
    assert "NOVA_SECRET_KEY" in done.stderr


@pytest.mark.parametrize(
    ("given", "check"),
    [
        ({"NOVA_PUBLIC_URL": "http://nova.example.com"}, "nova.E007"),
        ({"NOVA_ALLOWED_HOSTS": "elsewhere.example.com"}, "nova.E004"),
        ({"NOVA_HTTPS": "0"}, "nova.E005"),
    ],
)
def test_what_would_be_unsafe_is_refused(deployed: dict[str, str], given: dict[str, str], check: str) -> None:
    done = _run("check", env=deployed | given)
    assert done.returncode != 0
    assert check in done.stderr


def test_unfit_settings_keep_the_process_from_starting(deployed: dict[str, str]) -> None:
    done = _run("web", env=deployed | {"NOVA_DEBUG": "1"})
    assert done.returncode != 0
    assert not (Path(deployed["TMPDIR"]) / "nova-role").exists()


def test_a_setting_that_cannot_be_read_is_named(deployed: dict[str, str]) -> None:
    done = _run("web", env=deployed | {"NOVA_RTMP_PORT": "many"})
    assert done.returncode != 0
    assert "NOVA_RTMP_PORT is 'many'; it takes a whole number." in done.stderr


@pytest.mark.parametrize("arguments", [(), ("shell",)])
def test_an_unknown_role_is_answered_with_the_known_ones(deployed: dict[str, str], arguments: tuple[str, ...]) -> None:
    done = _run(*arguments, env=deployed)
    assert done.returncode == 64
    assert "web|worker|beat|origin|audience|migrate" in done.stderr


def test_any_management_command_can_be_run(deployed: dict[str, str]) -> None:
    done = _run("manage", "version", env=deployed)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5.2")


@pytest.mark.parametrize("role", OURS)
def test_the_process_replaces_the_script_and_the_health_check_learns_its_role(
    deployed: dict[str, str], role: str
) -> None:
    told = _become(role, deployed)
    assert told["pid"] == told["parent_saw"]
    assert (Path(deployed["TMPDIR"]) / "nova-role").read_text() == f"{role}\n"


@pytest.mark.parametrize("role", ["web", "worker", "beat", "origin", "audience"])
def test_a_container_runs_what_the_embedded_stack_runs(deployed: dict[str, str], role: str) -> None:
    options = StackOptions(
        base_dir=Path(),
        data_dir=Path("/nowhere"),
        host="127.0.0.1",
        http_port=8000,
        origin_port=8001,
        audience_port=8002,
        rtmp_port=1935,
        worker_metrics_port=8003,
        rtmps_port=1936,
        web_processes=1,
        worker_concurrency=2,
        log_format="json",
        has_own_postgres=False,
        has_own_redis=False,
    )
    (embedded,) = [spec.argv[1:] for spec in process_specs(options) if spec.name == role]
    expected = " ".join(embedded).replace("/nowhere/run/beat-schedule", f"{deployed['TMPDIR']}/beat-schedule")
    assert _become(role, deployed)["argv"] == expected


def test_the_processes_of_a_worker_count_in_a_folder_that_starts_empty(deployed: dict[str, str]) -> None:
    folder = Path(deployed["TMPDIR"]) / "worker-metrics"
    folder.mkdir()
    (folder / "counter_7.db").write_text("of a worker that was started before")
    assert _become("worker", deployed)["metrics_dir"] == str(folder)
    assert list(folder.iterdir()) == []


def _become(role: str, deployed: dict[str, str]) -> dict[str, str]:
    """Start a role with a `python` that, instead of running anything, tells its process and its arguments."""
    scripts = Path(deployed["TMPDIR"]) / "bin"
    scripts.mkdir()
    fake = scripts / "python"
    fake.write_text('#!/bin/sh\nprintf "%s|%s|%s\\n" "$$" "${PROMETHEUS_MULTIPROC_DIR:-}" "$*"\n')
    fake.chmod(0o755)
    process = subprocess.Popen(
        [_ENTRYPOINT, role],
        env=deployed | {"PATH": f"{scripts}:{os.defpath}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    checked, became = process.communicate(timeout=20)[0].splitlines()
    assert checked.endswith("manage.py check --deploy --fail-level ERROR")
    pid, metrics_dir, argv = became.split("|", 2)
    return {"pid": pid, "metrics_dir": metrics_dir, "argv": argv, "parent_saw": str(process.pid)}
