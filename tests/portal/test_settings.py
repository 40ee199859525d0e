"""The settings as a fresh process reads them."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current

_ROOT = Path(__file__).resolve().parents[2]
_SHOW = (
    "import json, sys; from portal import settings;"
    "print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))"
)


def run(names: tuple[str, ...], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _SHOW, *names],
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def read(*names: str, **environment: str) -> Any:
    done = run(names, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_defaults_run_on_a_laptop(tmp_path: Path) -> None:
    found = read(
        *("DEBUG", "NOVA_HTTP_PORT", "NOVA_ORIGIN_PORT", "NOVA_AUDIENCE_PORT", "NOVA_RTMP_PORT", "NOVA_PUBLIC_URL"),
        "SESSION_COOKIE_SECURE",
        *("NOVA_HAS_OWN_POSTGRES", "NOVA_HAS_OWN_REDIS", "NOVA_METRICS_TOKEN", "CORS_ALLOWED_ORIGINS"),
        NOVA_DATA_DIR=str(tmp_path),
    )
    assert found == {
        "DEBUG": False,
        "NOVA_HTTP_PORT": 8000,
        "NOVA_ORIGIN_PORT": 8001,
        "NOVA_AUDIENCE_PORT": 8002,
        "NOVA_RTMP_PORT": 1935,
        "NOVA_PUBLIC_URL": "http://localhost:8000",
        "SESSION_COOKIE_SECURE": False,
        "NOVA_HAS_OWN_POSTGRES": True,
        "NOVA_HAS_OWN_REDIS": True,
        "NOVA_METRICS_TOKEN": "",
        "CORS_ALLOWED_ORIGINS": [],
    }


def test_https_address_turns_every_safeguard_on(tmp_path: Path) -> None:
    names = (
        *("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE", "SECURE_SSL_REDIRECT"),
        *("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "NOVA_HTTPS"),
    )
    found = read(*names, NOVA_DATA_DIR=str(tmp_path), NOVA_PUBLIC_URL="https://nova.example/")
    assert found == dict.fromkeys(names, True)


def test_addresses_follow_the_ports(tmp_path: Path) -> None:
    found = read(
        *("NOVA_PUBLIC_URL", "NOVA_ORIGIN_URL", "NOVA_ORIGIN_INTERNAL_URL", "NOVA_RTMP_URL"),
        **{"NOVA_DATA_DIR": str(tmp_path), "NOVA_HOST": "0.0.0.0"},
        **{"NOVA_HTTP_PORT": "9000", "NOVA_ORIGIN_PORT": "9001", "NOVA_RTMP_PORT": "9002"},
    )
    assert found == {
        "NOVA_PUBLIC_URL": "http://localhost:9000",
        "NOVA_ORIGIN_URL": "http://localhost:9001",
        "NOVA_ORIGIN_INTERNAL_URL": "http://127.0.0.1:9001",
        "NOVA_RTMP_URL": "rtmp://localhost:9002/live",
    }


def test_rtmps_takes_a_certificate_and_its_key(tmp_path: Path) -> None:
    done = run(("DEBUG",), NOVA_DATA_DIR=str(tmp_path), NOVA_RTMPS_CERTIFICATE="/tls/fullchain.pem")
    assert "Set both NOVA_RTMPS_CERTIFICATE and NOVA_RTMPS_KEY, or neither." in done.stderr.splitlines()[-1]


def test_two_processes_agree_on_a_generated_secret_key(tmp_path: Path) -> None:
    first = read("SECRET_KEY", "NOVA_HAS_OWN_SECRET_KEY", NOVA_DATA_DIR=str(tmp_path))
    assert first == read("SECRET_KEY", "NOVA_HAS_OWN_SECRET_KEY", NOVA_DATA_DIR=str(tmp_path))
    assert len(first["SECRET_KEY"]) >= 50
    assert first["NOVA_HAS_OWN_SECRET_KEY"] is False


def test_secret_key_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 60)
    found = read("SECRET_KEY", NOVA_DATA_DIR=str(tmp_path), NOVA_SECRET_KEY_FILE=str(file))
    assert found["SECRET_KEY"] == "k" * 60
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOVA_HTTP_PORT", "http"),
        ("NOVA_DEBUG", "perhaps"),
        ("NOVA_PUBLIC_URL", "nova.example"),
        ("NOVA_ORIGIN_URL", "//media"),
        ("NOVA_RTMPS_URL", "rtmp://localhost/live"),
        ("NOVA_RTMPS_PORT", "70000"),
        ("DATABASE_URL", "mysql://db/nova"),
        ("NOVA_LOG_FORMAT", "xml"),
        ("NOVA_LOG_LEVEL", "loud"),
        ("NOVA_WORKER_CONCURRENCY", "0"),
    ],
)
def test_bad_value_stops_the_process_with_the_name_of_its_variable(tmp_path: Path, name: str, value: str) -> None:
    done = run(("DEBUG",), NOVA_DATA_DIR=str(tmp_path), **{name: value})
    assert done.returncode != 0
    assert "BadSetting" in done.stderr.splitlines()[-1]
    assert name in done.stderr.splitlines()[-1]


def test_version_is_that_of_the_project() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == current.NOVA_VERSION
