"""The endpoint of the hooks: who may speak to it, how much, and that each server is answered in its own words."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import OperationalError

from streaming.hooks.notices import Hook
from streaming.hooks.servers import read_servers
from streaming.models import Stream
from streaming.origin.hooks import HookEndpoint
from streaming.origin.live.pulls import Pulls
from streaming.rtmp.publishing import PublishRequest, PublishSink
from tests.streaming.hooks.bodies import SECRET, mediamtx, nginx, ome, srs
from tests.streaming.origin.live.pulling import Feed, at_a_place
from tests.streaming.origin.live.puppets import issued_secret
from tests.streaming.origin.media import Answer

SERVERS = read_servers(
    "\n".join(
        f"{name} {kind} rtmp://{name}.example.com/{{path}} {SECRET}"
        for name, kind in {
            "nginx": "nginx-rtmp",
            "mediamtx": "mediamtx",
            "srs": "srs",
            "ome": "ovenmediaengine",
        }.items()
    )
)

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


@asynccontextmanager
async def an_endpoint(root: Path) -> AsyncIterator[HookEndpoint]:
    async with at_a_place(root) as place:
        yield HookEndpoint(SERVERS, place.pulls)


async def post(endpoint: HookEndpoint, name: str, hook: Hook, *, method: str = "POST", pieces: int = 2) -> Answer:
    scope = {
        "type": "http",
        "method": method,
        "path": f"/ingest/{name}",
        "query_string": "&".join(f"{key}={value}" for key, value in hook.query.items()).encode(),
        "headers": [(key.encode(), value.encode()) for key, value in hook.headers.items()],
    }
    answer = Answer()
    half = len(hook.body) // pieces
    incoming: Iterator[dict[str, Any]] = iter(
        [
            {"type": "http.request", "body": hook.body[:half], "more_body": True},
            {"type": "http.request", "body": hook.body[half:]},
        ]
    )

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {key.decode(): value.decode() for key, value in message["headers"]}
        else:
            answer.body += message["body"]

    await endpoint(scope, receive, send)
    return answer


async def streams() -> int:
    count: int = await database_sync_to_async(Stream.objects.count)()
    return count


async def test_nginx_is_redirected_to_another_name(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with an_endpoint(tmp_path) as endpoint:
        answer = await post(endpoint, "nginx", nginx(name=secret))
        assert answer.status == 302
        assert len(answer.headers["location"]) == 32
        # It is asked again and again whether it may go on, under the name that it has.
        assert (await post(endpoint, "nginx", nginx(name=secret, call="update_publish"))).status == 204
        assert (await post(endpoint, "nginx", nginx(name=secret, call="update_play"))).status == 204
        assert (await post(endpoint, "nginx", nginx(name=secret, call="publish_done"))).status == 204
    assert await streams() == 1


async def test_the_others_are_told_yes(tmp_path: Path) -> None:
    async with an_endpoint(tmp_path) as endpoint:
        secret = await issued_secret()
        assert (await post(endpoint, "mediamtx", mediamtx(path="a", password=secret))).status == 200
        secret = await issued_secret()
        allowed = await post(endpoint, "srs", srs(stream="b", param=f"?key={secret}"))
        assert (allowed.status, json.loads(allowed.body)) == (200, {"code": 0})
        secret = await issued_secret()
        told = json.loads((await post(endpoint, "ome", ome(url=f"rtmp://ome.example.com/app/{secret}"))).body)
        assert told["allowed"] is True
        assert secret not in told["new_url"]
    assert await streams() == 3


async def test_a_wrong_key_is_refused_in_the_words_of_each(tmp_path: Path) -> None:
    async with an_endpoint(tmp_path) as endpoint:
        assert (await post(endpoint, "nginx", nginx())).status == 403
        assert (await post(endpoint, "mediamtx", mediamtx())).status == 401
        assert (await post(endpoint, "srs", srs())).status == 403
        refused = await post(endpoint, "ome", ome())
        assert (refused.status, json.loads(refused.body)["allowed"]) == (200, False)
    assert await streams() == 0


async def test_who_tries_keys_is_held_off_by_the_address_that_the_server_tells(tmp_path: Path) -> None:
    async with an_endpoint(tmp_path) as endpoint:
        for number in range(20):
            await post(endpoint, "nginx", nginx(clientid=str(number)))
        secret = await issued_secret()
        assert (await post(endpoint, "nginx", nginx(name=secret, clientid="21"))).status == 403
        assert (await post(endpoint, "nginx", nginx(name=secret, clientid="22", addr="198.51.100.1"))).status == 302


async def test_only_the_origin_gets_a_stream_from_mediamtx(tmp_path: Path) -> None:
    async with an_endpoint(tmp_path) as endpoint:
        assert (await post(endpoint, "mediamtx", mediamtx(action="read", password=SECRET))).status == 200
        assert (await post(endpoint, "mediamtx", mediamtx(action="read", password="guess"))).status == 401
        assert (await post(endpoint, "mediamtx", mediamtx(action="read"))).status == 401


@pytest.mark.parametrize(
    ("name", "hook", "method", "status"),
    [
        ("unknown", nginx(), "POST", 404),
        ("", nginx(), "POST", 404),
        ("nginx", nginx(), "GET", 405),
        ("nginx", Hook(query={}, headers={}, body=nginx().body), "POST", 403),
        ("nginx", Hook(query={"secret": "guess"}, headers={}, body=nginx().body), "POST", 403),
        # An address may hold the secret of nobody who signs.
        ("ome", Hook(query={"secret": SECRET}, headers={}, body=ome().body), "POST", 403),
        ("nginx", Hook(query={"secret": SECRET}, headers={}, body=b"x" * 20_000), "POST", 413),
        ("nginx", nginx(name="../secret"), "POST", 400),
        ("mediamtx", nginx(), "POST", 400),
    ],
)
async def test_others_learn_nothing(tmp_path: Path, name: str, hook: Hook, method: str, status: int) -> None:
    async with an_endpoint(tmp_path) as endpoint:
        answer = await post(endpoint, name, hook, method=method)
    assert (answer.status, answer.body) == (status, b"")
    assert await streams() == 0


async def test_nobody_is_let_in_while_nobody_can_be_asked() -> None:
    async def admit(request: PublishRequest) -> PublishSink:
        raise OperationalError("the database is away")

    feed = Feed()
    pulls = Pulls(admit=admit, fetch=feed.fetch, patience_s=1)
    answer = await post(HookEndpoint(SERVERS, pulls), "nginx", nginx())
    assert answer.status == 403
    assert feed.fetched == []
    await asyncio.sleep(0)
    assert len(pulls) == 0
