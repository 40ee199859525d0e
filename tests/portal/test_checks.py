import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from django.core.checks import CheckMessage
from pytest_django import Settings

from portal import checks

_ROOT = Path(__file__).resolve().parents[2]
_SECRET = "k9Jw2-fL0aXq7TzR4_vB8nYp1sEu6HgCm3DoWtIiNxQbZrKlVyMa5PdU"


def ids(messages: Iterable[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


@pytest.fixture
def production(settings: Settings) -> Settings:
    """Settings that no check objects to."""
    settings.NOVA_HAS_OWN_SECRET_KEY = True
    settings.SECRET_KEY = _SECRET
    settings.NOVA_PUBLIC_URL = "https://nova.example"
    settings.ALLOWED_HOSTS = ["nova.example"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    return settings


_DEPLOY_CHECKS: tuple[Callable[[], Iterable[CheckMessage]], ...] = (
    checks.check_production_secrets,
    checks.check_production_address,
    checks.check_production_transport,
    checks.check_production_services,
    checks.check_territory_header,
)


@pytest.mark.usefixtures("production")
def test_good_production_settings_pass() -> None:
    assert [message for check in _DEPLOY_CHECKS for message in check()] == []


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("DEBUG", True, "nova.E001"),
        ("NOVA_HAS_OWN_SECRET_KEY", False, "nova.E002"),
        ("SECRET_KEY", _SECRET[:40], "nova.E002"),
        ("SECRET_KEY", "abab" * 20, "nova.E002"),
        ("ALLOWED_HOSTS", ["*"], "nova.E003"),
        ("ALLOWED_HOSTS", ["localhost", "127.0.0.1"], "nova.E004"),
        ("SESSION_COOKIE_SECURE", False, "nova.E005"),
        ("CSRF_COOKIE_SECURE", False, "nova.E005"),
        ("SECURE_HSTS_SECONDS", 0, "nova.E006"),
        ("NOVA_PUBLIC_URL", "http://nova.example", "nova.E007"),
        ("NOVA_HAS_OWN_POSTGRES", True, "nova.E008"),
        ("NOVA_HAS_OWN_REDIS", True, "nova.E009"),
        ("NOVA_TERRITORY_HEADER", "CF-IPCountry", "nova.E012"),
    ],
)
def test_unsafe_production_value_is_refused(production: Settings, name: str, value: object, check_id: str) -> None:
    setattr(production, name, value)
    messages = [message for check in _DEPLOY_CHECKS for message in check()]
    assert ids(messages) == [check_id]
    assert messages[0].is_serious()
    assert messages[0].hint


@pytest.mark.parametrize("allowed", ["nova.example", ".example"])
def test_public_host_may_be_allowed_by_name_or_by_domain(production: Settings, allowed: str) -> None:
    production.ALLOWED_HOSTS = [allowed]
    assert list(checks.check_production_address()) == []


def test_data_folder_that_is_a_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    settings.NOVA_DATA_DIR = tmp_path / "file"
    settings.NOVA_DATA_DIR.write_text("")
    assert ids(checks.check_data_folder()) == ["nova.E010"]


def test_data_folder_that_can_be_made_is_fine(settings: Settings, tmp_path: Path) -> None:
    settings.NOVA_DATA_DIR = tmp_path / "not" / "yet"
    assert list(checks.check_data_folder()) == []


def test_the_bundled_ffmpeg_is_good_enough() -> None:
    assert list(checks.check_ffmpeg()) == []


def test_missing_ffmpeg_is_an_error_that_names_the_setting(settings: Settings) -> None:
    settings.NOVA_FFMPEG = "/nowhere/ffmpeg"
    (message,) = checks.check_ffmpeg()
    assert message.id == "nova.E011"
    assert "/nowhere/ffmpeg" in message.msg
    assert "NOVA_FFMPEG" in str(message.hint)


@pytest.mark.parametrize(
    ("first_line", "is_fine"),
    [
        ("ffprobe version 5.1.9-0+deb12u1 Copyright (c) 2007-2026", False),
        ("ffprobe version 6.0 Copyright (c) 2000-2023", True),
        ("ffprobe version n7.1-static", True),
        ("ffprobe version 8.1.2 Copyright (c) 2007-2026", True),
        ("ffprobe version N-118193-g5f38c82536 Copyright (c) 2000-2025", True),
    ],
)
def test_old_ffprobe_is_refused(settings: Settings, tmp_path: Path, first_line: str, is_fine: bool) -> None:
    program = tmp_path / "ffprobe"
    program.write_text(f"#!/bin/sh\necho '{first_line}'\n")
    program.chmod(0o755)
    settings.NOVA_FFPROBE = str(program)
    assert ids(checks.check_ffmpeg()) == ([] if is_fine else ["nova.E011"])


def test_unbuilt_front_end_is_a_warning(settings: Settings, tmp_path: Path) -> None:
    settings.STATICFILES_DIRS = [tmp_path / "dist"]
    settings.STATIC_ROOT = tmp_path / "static"
    (message,) = checks.check_front_end()
    assert message.id == "nova.W001"
    assert not message.is_serious()
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "app.css").touch()
    assert list(checks.check_front_end()) == []


def example_environment() -> dict[str, str]:
    """Return the deployment's example settings, with what its secrets hold."""
    lines = (_ROOT / "deploy" / "example.env").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return {
        **example,
        "NOVA_SECRET_KEY": _SECRET,
        "NOVA_TRUSTED_PROXY": "1",
        "DATABASE_URL": "postgresql://nova:secret@postgres:5432/nova",
        "REDIS_URL": "redis://:secret@redis:6379/0",
    }


def run_deploy_check(environment: Mapping[str, str], data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "ERROR"],
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"], "NOVA_DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_example_of_a_deployment_passes_in_silence(tmp_path: Path) -> None:
    done = run_deploy_check(example_environment(), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "security.W" not in done.stderr
    assert "nova.E" not in done.stderr


def test_settings_of_a_laptop_are_refused_for_production(tmp_path: Path) -> None:
    done = run_deploy_check({}, tmp_path)
    assert done.returncode == 1
    for check_id in ("nova.E002", "nova.E005", "nova.E006", "nova.E007", "nova.E008", "nova.E009"):
        assert check_id in done.stderr
