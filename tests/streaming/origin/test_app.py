import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from pytest_django import Settings

from portal.telemetry.asgi import with_request_log
from tests.streaming.origin.media import make_token, origin_of, write_package

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def origin(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    write_package(tmp_path)
    with origin_of(tmp_path) as application:
        transport = httpx.ASGITransport(app=with_request_log(application))
        async with httpx.AsyncClient(transport=transport, base_url="http://origin") as client:
            yield client


async def test_it_tells_that_it_lives(origin: httpx.AsyncClient) -> None:
    answer = await origin.get("/livez")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["cache-control"] == "no-store"


async def test_it_answers_head_without_a_body(origin: httpx.AsyncClient) -> None:
    answer = await origin.head("/livez")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "3"


async def test_its_metrics_are_prometheus_text(origin: httpx.AsyncClient) -> None:
    answer = await origin.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "process_resident_memory_bytes" in answer.text


async def test_its_metrics_are_hidden_from_who_comes_through_a_proxy(
    origin: httpx.AsyncClient, settings: Settings
) -> None:
    settings.NOVA_METRICS_TOKEN = "let-me-see"
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    assert (await origin.get("/metrics", headers=proxied)).status_code == 404
    bearer = proxied | {"Authorization": "Bearer let-me-see"}
    assert (await origin.get("/metrics", headers=bearer)).status_code == 200


async def test_nothing_else_is_there(origin: httpx.AsyncClient) -> None:
    for path in ("/", "/media/packages/", "/m", "/admin/"):
        answer = await origin.get(path)
        assert (answer.status_code, answer.text) == (404, "not found\n")


async def test_only_reading_is_allowed(origin: httpx.AsyncClient) -> None:
    answer = await origin.post("/livez")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


async def test_it_sends_back_the_correlation_id(origin: httpx.AsyncClient) -> None:
    for path in ("/livez", f"/m/{make_token()}/master.m3u8", "/m/x/master.m3u8"):
        answer = await origin.get(path, headers={"X-Request-ID": "from-the-browser"})
        assert answer.headers["x-request-id"] == "from-the-browser"
    assert answer.json()["request_id"] == "from-the-browser"


async def test_many_at_once_are_answered(origin: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(origin.get("/livez") for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
