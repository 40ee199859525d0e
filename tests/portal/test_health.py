"""Health as a prober sees it, with parts that are really gone."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from portal.health import CHECKS, HealthMiddleware, Readiness
from tests.portal.processes import free_port, get, running_web


class _Origin(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def origin_url() -> Iterator[str]:
    """A server that answers as origin does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Origin)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def silent_listener() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


@pytest.fixture
def healthy(settings: Settings, origin_url: str) -> Settings:
    settings.NOVA_ORIGIN_INTERNAL_URL = origin_url
    return settings


def results() -> dict[str, str]:
    return dict(asyncio.run(Readiness().results()))


def test_livez_needs_no_part_at_all() -> None:
    nothing = f"127.0.0.1:{free_port()}"
    addresses = {
        "DATABASE_URL": f"postgresql://nova@{nothing}/nova",
        "REDIS_URL": f"redis://{nothing}/0",
        "NOVA_ORIGIN_INTERNAL_URL": f"http://{nothing}",
    }
    with running_web(addresses) as web:
        assert get(f"{web.url}/livez").body == b"ok\n"
        ready = get(f"{web.url}/readyz")
    assert ready.status == 503
    assert ready.body.count(b'"failed"') == 4
    assert b"127.0.0.1" not in ready.body


def test_readyz_is_ok_when_every_part_answers(client: Client, healthy: Settings) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "redis": "ok", "origin": "ok", "broker": "ok"},
    }


def test_readyz_names_the_part_that_failed(client: Client, healthy: Settings) -> None:
    healthy.NOVA_ORIGIN_INTERNAL_URL = f"http://127.0.0.1:{free_port()}"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert response.json() == {
        "status": "unavailable",
        "checks": {"database": "ok", "redis": "ok", "origin": "failed", "broker": "ok"},
    }


def test_origin_that_answers_with_an_error_has_failed(healthy: Settings, origin_url: str) -> None:
    healthy.NOVA_ORIGIN_INTERNAL_URL = f"{origin_url}/elsewhere"
    assert results()["origin"] == "failed"


def test_redis_at_a_wrong_address_has_failed(healthy: Settings) -> None:
    healthy.NOVA_REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert results() == {"database": "ok", "redis": "failed", "origin": "ok", "broker": "ok"}


def test_database_at_a_wrong_address_has_failed() -> None:
    with running_web({"DATABASE_URL": f"postgresql://nova@127.0.0.1:{free_port()}/nova"}) as web:
        assert b'"database": "failed"' in get(f"{web.url}/readyz").body


@pytest.mark.parametrize("part", ["redis", "origin", "broker", "database"])
def test_part_that_keeps_silent_is_given_a_second_and_no_more(part: str, origin_url: str) -> None:
    with silent_listener() as port:
        address = {
            "redis": {"REDIS_URL": f"redis://127.0.0.1:{port}/0"},
            "broker": {"REDIS_URL": f"redis://127.0.0.1:{port}/0"},
            "origin": {"NOVA_ORIGIN_INTERNAL_URL": f"http://127.0.0.1:{port}"},
            "database": {"DATABASE_URL": f"postgresql://nova@127.0.0.1:{port}/nova"},
        }[part]
        with running_web({"NOVA_ORIGIN_INTERNAL_URL": origin_url, **address}) as web:
            started = time.monotonic()
            answer = get(f"{web.url}/readyz")
            took_s = time.monotonic() - started
    assert answer.status == 503
    assert f'"{part}": "timeout"'.encode() in answer.body or f'"{part}": "failed"'.encode() in answer.body
    assert took_s < 2.5


def test_checks_run_side_by_side() -> None:
    async def slow() -> None:
        await asyncio.sleep(0.3)

    started = time.monotonic()
    verdicts = asyncio.run(Readiness(dict.fromkeys("abcd", slow)).results())
    assert set(verdicts.values()) == {"ok"}
    assert time.monotonic() - started < 0.9


def test_flood_of_probes_asks_each_part_once() -> None:
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)

    async def flood() -> None:
        readiness = Readiness({"part": count})
        await asyncio.gather(*(readiness.results() for _ in range(200)))

    asyncio.run(flood())
    assert asked == 1


def test_verdict_is_renewed_after_a_second() -> None:
    verdicts = iter([None, ConnectionError()])

    async def once() -> None:
        if error := next(verdicts):
            raise error

    async def ask_twice() -> tuple[str, str]:
        readiness = Readiness({"part": once})
        first = (await readiness.results())["part"]
        await asyncio.sleep(1.1)
        return first, (await readiness.results())["part"]

    assert asyncio.run(ask_twice()) == ("ok", "failed")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_head_is_answered_without_a_body_and_nothing_is_cached(client: Client, healthy: Settings, path: str) -> None:
    response = client.head(path)
    assert response.status_code == 200
    assert response.content == b""
    assert response.headers["Cache-Control"] == "no-store"


def test_other_methods_are_refused(client: Client) -> None:
    response = client.post("/livez")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_prober_may_use_any_host_name_and_no_tls(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez", headers={"host": "10.1.2.3:8000"}).status_code == 200


def test_health_of_a_synchronous_stack_is_answered_too(rf: RequestFactory) -> None:
    passed_on = HttpResponse("passed on")
    answer = HealthMiddleware(lambda request: passed_on)
    live = answer(rf.get("/livez"))
    assert isinstance(live, HttpResponse)
    assert live.content == b"ok\n"
    assert answer(rf.get("/movies/")) is passed_on


def test_all_four_parts_are_checked() -> None:
    assert set(CHECKS) == {"database", "redis", "origin", "broker"}
