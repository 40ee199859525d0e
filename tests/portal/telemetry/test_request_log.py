"""What a real web process says of its requests."""

import re
from collections.abc import Iterator

import pytest

from portal.telemetry.correlation import accept_request_id
from tests.portal.processes import Web, get, running_web

_SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.portal.telemetry.probe_settings"}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with running_web(_SETTINGS) as process:
        yield process


def test_presented_correlation_id_comes_back_and_stands_in_every_line(web: Web) -> None:
    answer = get(f"{web.url}/probe/1/", {"X-Request-ID": "from-the-browser-1"})
    assert answer.headers["X-Request-ID"] == "from-the-browser-1"
    web.wait_for(lambda: web.find(event="request.finished", request_id="from-the-browser-1"))
    assert web.find(event="probe.enqueued", request_id="from-the-browser-1")


def events_of(web: Web, request_id: str) -> list[str]:
    """Return what was said of a request, above debug level."""
    lines = [line for line in web.events() if line.get("request_id") == request_id]
    return [line["event"] for line in lines if line["level"] != "debug"]


@pytest.mark.parametrize("presented", ["short", "x" * 65, "two words here", "<script>alert(1)"])
def test_correlation_id_of_another_form_is_replaced(web: Web, presented: str) -> None:
    answered = get(f"{web.url}/livez", {"X-Request-ID": presented}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", answered)


def test_ids_made_here_are_accepted_by_the_next_process() -> None:
    made = accept_request_id(None)
    assert accept_request_id(made) == made


def test_request_is_one_line_without_its_query_string(web: Web) -> None:
    get(f"{web.url}/probe/2/?token=hunter2&page=1", {"X-Request-ID": "one-line-only"})
    line = web.wait_for(lambda: web.find(event="request.finished", request_id="one-line-only"))
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/probe/2/", 200, "info")
    assert line["duration_ms"] > 0
    assert events_of(web, "one-line-only") == ["probe.enqueued", "request.finished"]
    assert not any("hunter2" in line for line in web.output)


def test_missing_page_is_one_line_too(web: Web) -> None:
    get(f"{web.url}/nowhere/", {"X-Request-ID": "missing-page-1"})
    web.wait_for(lambda: web.find(event="request.finished", request_id="missing-page-1", status=404))
    assert events_of(web, "missing-page-1") == ["request.finished"]


def test_health_checks_are_said_at_debug_level(web: Web) -> None:
    get(f"{web.url}/livez", {"X-Request-ID": "health-check-1"})
    line = web.wait_for(lambda: web.find(event="request.finished", request_id="health-check-1"))
    assert line["level"] == "debug"


def test_crash_is_logged_with_its_cause_and_without_its_secret(web: Web) -> None:
    answer = get(f"{web.url}/crash/", {"X-Request-ID": "crashing-one"})
    assert answer.status == 500
    assert b"hunter2" not in answer.body
    web.wait_for(lambda: web.find(event="request.finished", request_id="crashing-one", status=500, level="error"))
    crash = web.find(event="Internal Server Error: /crash/", request_id="crashing-one")
    assert crash is not None
    assert "ValueError" in crash["exception"]
    assert not any("hunter2" in line for line in web.output)


def test_nothing_but_json_is_written(web: Web) -> None:
    assert [line for line in web.output if not line.startswith("{")] == []
