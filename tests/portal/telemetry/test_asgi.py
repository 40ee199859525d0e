"""Telemetry around a raw ASGI application, on a real uvicorn."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.portal.processes import Process, free_port, get


@dataclass
class Origin:
    url: str
    process: Process


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    port = free_port()
    process = Process(
        (sys.executable, "-m", "tests.portal.telemetry.origin_probe", str(port)),
        {"NOVA_LOG_FORMAT": "json", "NOVA_LOG_LEVEL": "DEBUG"},
    )
    started = Origin(url=f"http://127.0.0.1:{port}", process=process)
    try:
        process.wait_for(lambda: _answers(started.url))
        yield started
    finally:
        process.stop()


def _answers(url: str) -> bool:
    try:
        return get(f"{url}/livez").status == 204
    except OSError:
        return False


def test_presented_id_comes_back_and_stands_in_every_line(origin: Origin) -> None:
    answer = get(f"{origin.url}/media.mp4", {"X-Request-ID": "from-the-player"})
    assert answer.headers["X-Request-ID"] == "from-the-player"
    assert answer.headers["X-Own"] == "1"
    origin.process.wait_for(lambda: origin.process.find(event="request.finished", request_id="from-the-player"))
    assert origin.process.find(event="probe.answering", request_id="from-the-player")


def test_id_of_another_form_is_replaced(origin: Origin) -> None:
    assert len(get(f"{origin.url}/", {"X-Request-ID": "no good id"}).headers["X-Request-ID"]) == 16


def test_line_shows_neither_query_nor_playback_token(origin: Origin) -> None:
    get(f"{origin.url}/m/hunter2/720p/1.m4s?key=hunter2", {"X-Request-ID": "with-a-token"})
    line = origin.process.wait_for(lambda: origin.process.find(event="request.finished", request_id="with-a-token"))
    assert line["path"] == "/m/[redacted]/720p/1.m4s"
    assert (line["method"], line["status"]) == ("GET", 204)
    assert not any("hunter2" in line for line in origin.process.output)


@pytest.mark.parametrize(("path", "level"), [("/thumb.jpg", "info"), ("/m/token/1.m4s", "debug")])
def test_media_is_said_at_debug_level_and_the_rest_at_info(origin: Origin, path: str, level: str) -> None:
    get(f"{origin.url}{path}", {"X-Request-ID": f"level-{level}-line"})
    assert origin.process.wait_for(
        lambda: origin.process.find(event="request.finished", request_id=f"level-{level}-line", level=level)
    )


def test_health_check_is_said_at_debug_level(origin: Origin) -> None:
    get(f"{origin.url}/livez", {"X-Request-ID": "origin-livez"})
    assert origin.process.wait_for(
        lambda: origin.process.find(event="request.finished", request_id="origin-livez", level="debug")
    )


def test_crash_is_logged_as_what_the_client_got(origin: Origin) -> None:
    assert get(f"{origin.url}/crash", {"X-Request-ID": "origin-crash"}).status == 500
    origin.process.wait_for(
        lambda: origin.process.find(event="request.finished", request_id="origin-crash", status=500, level="error")
    )

    def crashes() -> list[dict[str, Any]]:
        return [line for line in origin.process.events() if "a probe that fails" in line.get("exception", "")]

    # Whose line it is does not say which of the two is written first.
    origin.process.wait_for(crashes)
    (crash,) = crashes()
    assert crash["request_id"] == "origin-crash"


def test_uvicorn_speaks_the_same_language(origin: Origin) -> None:
    assert [line for line in origin.process.output if not line.startswith("{")] == []
    assert not any("color_message" in line for line in origin.process.output)
