"""What `manage.py check` says of the certificate of RTMPS, and the origin when it starts without one."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from streaming.checks import check_certificate
from streaming.rtmp.certificates import CertificateFiles
from tests.streaming.rtmp.serving import make_certificate


def _use(settings: Settings, files: CertificateFiles | None) -> None:
    settings.NOVA_RTMPS = replace(settings.NOVA_RTMPS, files=files)


def test_no_certificate_is_no_fault(settings: Settings) -> None:
    _use(settings, None)
    assert check_certificate() == []


def test_good_certificate_passes(settings: Settings, tmp_path: Path) -> None:
    _use(settings, make_certificate(tmp_path))
    assert check_certificate() == []


def test_certificate_that_cannot_be_read_is_told(settings: Settings, tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    files.certificate.unlink()
    _use(settings, files)
    (message,) = check_certificate()
    assert message.id == "nova.E017"
    assert message.is_serious()
    assert str(files.certificate) in message.msg


@pytest.mark.parametrize("argv", [("check",), ("run_origin",)])
def test_commands_name_the_file_that_is_missing(tmp_path: Path, argv: tuple[str, ...]) -> None:
    files = make_certificate(tmp_path)
    files.key.unlink()
    done = subprocess.run(
        [sys.executable, "manage.py", *argv],
        cwd=django_settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": django_settings.NOVA_DATABASE_URL,
            "REDIS_URL": django_settings.NOVA_REDIS_URL,
            "NOVA_RTMPS_CERTIFICATE": str(files.certificate),
            "NOVA_RTMPS_KEY": str(files.key),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert f"{files.key} cannot be read: No such file or directory." in done.stderr
