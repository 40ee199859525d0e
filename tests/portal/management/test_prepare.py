"""`manage.py prepare`, as `manage.py up` runs it."""

import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from portal.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few_static_files(tmp_path: Path, settings: Settings) -> None:
    """Publish one file instead of all."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "app.css").write_text("body {}")
    settings.STATICFILES_DIRS = [sources]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "published"


def prepare(monkeypatch: pytest.MonkeyPatch, told: str = "\n") -> str:
    """Run the command with what it is sent; return what it prints."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.StringIO(told))
    call_command("prepare", stdout=out)
    return out.getvalue()


def test_the_first_time_tells_the_password_of_the_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {line["label"]: line["value"] for line in json.loads(prepare(monkeypatch))}
    password = lines["Sign-in"].removeprefix("admin / ").split()[0]
    assert User.objects.get(username="admin").check_password(password)
    assert lines["OBS server"].startswith("rtmp://")


def test_the_second_time_tells_no_secret_and_adds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(monkeypatch)
    lines = {line["label"]: line["value"] for line in json.loads(prepare(monkeypatch))}
    assert lines["Sign-in"] == "admin (password: manage.py changepassword admin)"
    assert User.objects.count() == 1


def test_static_files_are_published(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    prepare(monkeypatch)
    assert (Path(settings.STATIC_ROOT) / ".published").exists()


def test_nothing_is_done_when_whoever_was_to_tell_is_gone(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert prepare(monkeypatch, told="") == ""
    assert not User.objects.exists()
    assert not Path(settings.STATIC_ROOT).exists()


def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Run the command where it cannot do its work; return all that it says."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    with pytest.raises(SystemExit) as ended:
        call_command("prepare")
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("NOVA_DATABASE_URL", "postgresql://nova:s3cret@127.0.0.1:1/nova", "DATABASE_URL names a PostgreSQL that "),
        ("NOVA_REDIS_URL", "redis://:s3cret@127.0.0.1:1/0", "REDIS_URL names a Redis that cannot be reached"),
        ("NOVA_FFMPEG", "/nowhere/ffmpeg", "/nowhere/ffmpeg does not run"),
    ],
)
def test_why_it_cannot_be_done_is_all_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    value: str,
    reason: str,
) -> None:
    setattr(settings, setting, value)
    said = refusal(monkeypatch, capsys)
    assert reason in said
    assert "s3cret" not in said
