import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import CheckMessage
from pytest_django import Settings

from portal.media_storage import media_storage
from streaming.delivery import checks
from streaming.delivery.conf import DeliveryConf
from tests.streaming.delivery.edges import cdn_conf

_CHECKS: tuple[Callable[[], Sequence[CheckMessage]], ...] = (
    checks.check_cdn,
    checks.check_files_for_nginx,
    checks.check_media_address,
    checks.check_pull_secret,
)


def _found(settings: Settings, conf: DeliveryConf) -> list[str | None]:
    settings.NOVA_DELIVERY = conf
    messages = [message for check in _CHECKS for message in check()]
    assert all(message.is_serious() and message.hint for message in messages)
    return [message.id for message in messages]


@pytest.mark.parametrize("conf", [cdn_conf("cloudfront"), cdn_conf("hmac"), replace(cdn_conf(), mode="nginx")])
def test_good_settings_pass(settings: Settings, conf: DeliveryConf) -> None:
    assert _found(settings, conf) == []


@pytest.mark.parametrize(
    ("signer", "changed", "check_id"),
    [
        ("cloudfront", {"cdn_url": ""}, "nova.E013"),
        ("cloudfront", {"cdn_key_id": ""}, "nova.E013"),
        ("cloudfront", {"cdn_key_id": "K1&Policy=x"}, "nova.E013"),
        ("cloudfront", {"cdn_key": "no key"}, "nova.E013"),
        ("hmac", {"cdn_key": "short"}, "nova.E013"),
        ("hmac", {"cdn_url": "http://cdn.example.com"}, "nova.E015"),
        ("hmac", {"mode": "origin", "origin_url": "http://media.example.com"}, "nova.E015"),
        ("hmac", {"cdn_pull_secret": ""}, "nova.E016"),
        ("hmac", {"cdn_pull_secret": "guess-me"}, "nova.E016"),
    ],
)
def test_what_is_unsafe_or_cannot_work_is_refused(
    settings: Settings, signer: str, changed: dict[str, Any], check_id: str
) -> None:
    assert _found(settings, replace(cdn_conf(signer), **changed)) == [check_id]


def test_a_bucket_is_for_the_cdn_and_not_for_nginx(settings: Settings) -> None:
    bucket = media_storage("s3://films", folder=Path("unused"))
    settings.STORAGES = {**settings.STORAGES, "default": bucket}
    assert _found(settings, replace(cdn_conf(), mode="nginx")) == ["nova.E014"]
    # A CDN may fetch from the bucket, and needs no secret of ours then.
    assert _found(settings, replace(cdn_conf(), cdn_pull_secret="")) == []


def test_they_are_made_before_a_process_starts(tmp_path: Path) -> None:
    variables = {**os.environ, "NOVA_DATA_DIR": str(tmp_path), "NOVA_DELIVERY": "cdn"}
    argv = (sys.executable, "manage.py", "check", "--deploy")
    done = subprocess.run(
        argv, env=variables, cwd=django_settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert {"nova.E013", "nova.E015", "nova.E016"} <= set(re.findall(r"nova\.E\d+", done.stderr))
