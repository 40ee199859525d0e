"""What goes wrong in players, as they report it."""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from prometheus_client import REGISTRY
from pytest_django import Settings
from rest_framework.test import APIClient

from portal.models import User
from streaming.services.playback_reports import FailureCode

pytestmark = pytest.mark.django_db
URL = "/api/v1/playback-reports/"
REPORT = {
    "session": "0198c7b2-a3f9-7e0d-8a4e-6a3c52f1d7aa",
    "code": "segment-lost",
    "position_s": 12.3,
    "detail": "fragLoadTimeOut",
}


def counted(code: str) -> float:
    return REGISTRY.get_sample_value("nova_playback_failures_total", {"code": code}) or 0


@pytest.mark.parametrize("code", [code.value for code in FailureCode])
def test_a_failure_is_counted_by_its_code(api: APIClient, code: str) -> None:
    before = counted(code)
    answer = api.post(URL, {**REPORT, "code": code})
    assert (answer.status_code, answer.content) == (202, b"")
    assert counted(code) == before + 1


def test_a_failure_is_written_down(api: APIClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="nova.playback"):
        api.post(URL, REPORT)
    (line,) = (record.msg for record in caplog.records if record.name == "nova.playback")
    assert isinstance(line, dict)
    assert {name: line[name] for name in REPORT} == REPORT


@pytest.mark.parametrize("left_out", ["session", "position_s", "detail"])
def test_whoever_could_not_even_begin_may_tell_of_it(api: APIClient, left_out: str) -> None:
    assert api.post(URL, {name: value for name, value in REPORT.items() if name != left_out}).status_code == 202
    if left_out != "detail":
        assert api.post(URL, {**REPORT, left_out: None}).status_code == 202


def test_a_viewer_who_has_signed_in_tells_of_it_as_well(api: APIClient, viewer: User) -> None:
    api.force_authenticate(viewer)
    assert api.post(URL, REPORT).status_code == 202


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("code", "made-up"),
        ("code", ""),
        ("code", None),
        ("code", ["segment-lost"]),
        ("session", "nobody's"),
        ("session", 7.5),
        ("position_s", -1),
        ("position_s", "NaN"),
        ("detail", "x" * 301),
        ("detail", None),
        ("detail", {"a": 1}),
        ("more", 1),
    ],
)
def test_what_is_no_report_is_refused_and_not_counted(api: APIClient, name: str, value: object) -> None:
    before = REGISTRY.get_sample_value("nova_playback_failures_total", {"code": "segment-lost"})
    answer = api.post(URL, {**REPORT, name: value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")
    assert REGISTRY.get_sample_value("nova_playback_failures_total", {"code": "segment-lost"}) == before


def test_reports_are_limited(api: APIClient, settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "playback-report": "2/hour"}
    assert [api.post(URL, REPORT).status_code for _ in range(3)] == [202, 202, 429]


def test_operators_read_the_counts(client: Client, api: APIClient) -> None:
    api.post(URL, REPORT)
    shown: Any = client.get("/metrics").content.decode()
    assert re.search(r'^nova_playback_failures_total\{code="segment-lost"\} [1-9]', shown, re.MULTILINE)


def test_the_player_tells_of_what_is_known_here() -> None:
    script = (django_settings.BASE_DIR / "static/src/js/player/failures.js").read_text(encoding="utf-8")
    told = re.findall(r'^  "?([a-z-]+)"?: \{ again:', script, re.MULTILINE)
    assert sorted(told) == sorted(code.value for code in FailureCode)
