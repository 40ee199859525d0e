"""The manners of every socket, tried on the one of a movie."""

import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django_redis import get_redis_connection

from portal import consumers
from portal.asgi import application
from portal.consumers import CloseCode
from tests.factories import make_movie
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def path(transactional_db: None) -> str:
    make_movie(slug="meridian", title="Meridian")
    return "/ws/movies/meridian/"


async def test_a_socket_begins_with_a_snapshot(path: str) -> None:
    async with open_socket(path) as socket:
        snapshot = await socket.receive_envelope()

    assert (snapshot["v"], snapshot["type"], snapshot["data"]["title"]) == (1, "snapshot", "Meridian")
    assert isinstance(snapshot["seq"], int)


async def test_a_page_that_missed_something_gets_a_new_snapshot(path: str) -> None:
    async with open_socket(path) as socket:
        first = await socket.receive_envelope()
        await socket.send_json_to({"type": "snapshot.request"})
        second = await socket.receive_envelope()

    assert second == {**first, "at": second["at"]}


@pytest.mark.parametrize(
    "frame",
    [
        "no JSON",
        "[]",
        "{}",
        '"snapshot.request"',
        '{"type": "movie.hide"}',
        '{"type": ["snapshot.request"]}',
        "[" * 1000,
        json.dumps({"type": "snapshot.request", "padding": "x" * consumers.LARGEST_FRAME_CHARS}),
    ],
)
async def test_a_frame_that_is_no_command_ends_the_socket(path: str, frame: str) -> None:
    async with open_socket(path) as socket:
        await socket.receive_envelope()
        await socket.send_to(text_data=frame)

        assert await socket.receive_close_code() == CloseCode.BAD_FRAME


async def test_bytes_end_the_socket(path: str) -> None:
    async with open_socket(path) as socket:
        await socket.receive_envelope()
        await socket.send_to(bytes_data=b"\x00")

        assert await socket.receive_close_code() == CloseCode.BAD_FRAME


async def test_who_asks_too_often_is_asked_to_slow_down(path: str) -> None:
    async with open_socket(path) as socket:
        await socket.receive_envelope()
        for _ in range(consumers.FRAMES_PER_PERIOD):
            await socket.send_json_to({"type": "snapshot.request"})
            await socket.receive_envelope()
        await socket.send_json_to({"type": "snapshot.request"})

        assert await socket.receive_close_code() == CloseCode.SLOW_DOWN


async def test_an_address_without_a_socket_is_unknown() -> None:
    async with open_socket("/ws/nothing/here/") as socket:
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


@pytest.mark.parametrize("origin", [b"https://elsewhere.example", b"null", None])
async def test_a_page_of_another_site_cannot_connect(path: str, origin: bytes | None) -> None:
    headers = [(b"host", b"localhost"), *([(b"origin", origin)] if origin else [])]
    socket = WebsocketCommunicator(application, path, headers=headers)

    is_open, code = await socket.connect()

    assert not is_open
    assert code == 1000


async def test_a_closed_socket_leaves_its_group(path: str) -> None:
    async with open_socket(path) as socket:
        await socket.receive_envelope()
        assert await _watched_groups() == 1

    assert await _watched_groups() == 0


async def test_a_socket_that_the_server_ended_receives_nothing_more(path: str) -> None:
    async with open_socket(path) as socket:
        await socket.receive_envelope()
        await socket.send_to(text_data="no JSON")
        await socket.receive_close_code()

        assert await _watched_groups() == 0


async def _watched_groups() -> int:
    """Return how many groups of movies anybody is subscribed to, as Redis knows."""
    redis = get_redis_connection("default")
    layer: Any = settings.CHANNEL_LAYERS["default"]
    pattern = f"{layer['CONFIG']['prefix']}__group__movie.*"
    return len(await database_sync_to_async(redis.pubsub_channels)(pattern))
