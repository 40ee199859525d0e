"""Sockets that no page of ours would open: each is told that there is nothing, or treated as a stranger."""

import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator

from catalog.models import Movie
from portal import consumers
from portal.asgi import application
from portal.consumers import CloseCode
from portal.models import User
from tests.factories import make_movie
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATH = "/ws/movies/meridian/"


ADDRESSES = (
    *("/ws/movies/%00/", "/ws/movies/a%00b/", "/ws/movies/../meridian/", "/ws/movies/%2e%2e/", "/ws/movies/é/"),
    *("/ws/movies/meridian", "/ws/movies//", "/ws/", "/", "/movies/meridian/", f"/ws/movies/{'a' * 5000}/"),
)


async def test_an_address_that_is_none_is_unknown(transactional_db: None) -> None:
    await database_sync_to_async(make_movie)(slug="meridian")
    for path in ADDRESSES:
        async with open_socket(path) as socket:
            assert await socket.receive_close_code() == CloseCode.UNKNOWN, path


COOKIES = ("", "\0", "x" * 4000, "\xff\xfe", "../../etc", "a" * 32, "'; DROP TABLE x")


async def test_a_session_that_is_none_is_a_strangers(transactional_db: None) -> None:
    await database_sync_to_async(make_movie)(slug="meridian", visibility=Movie.Visibility.DRAFT)
    for cookie in COOKIES:
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
        headers.append((b"cookie", f"nova_session={cookie}".encode("latin-1")))
        socket = WebsocketCommunicator(application, PATH, headers=headers)
        assert (await socket.connect(timeout=10))[0], cookie
        assert await socket.receive_output(timeout=10) == {"type": "websocket.close", "code": CloseCode.UNKNOWN}
        await socket.disconnect(timeout=10)


@pytest.mark.parametrize("origin", ["null", "", "http://localhost.evil.example", "http://evil.example/localhost", "\0"])
async def test_a_page_from_elsewhere_cannot_connect_with_somebodys_session(
    transactional_db: None, editor: User, origin: str
) -> None:
    await database_sync_to_async(make_movie)(slug="meridian")
    with pytest.raises(AssertionError):
        async with open_socket(PATH, user=editor, origin=origin):
            pass


FRAMES = (
    *("null", "true", "1e999", "NaN", '{"type": null}', '{"type": {}}', '{"type": "snapshot.request\\u0000"}'),
    *('{"type": "\\ud800"}', '{"TYPE": "snapshot.request"}', "\ufeff{}", '{"type": "snapshot.request"', '""'),
)


async def test_a_frame_that_is_nearly_a_command_ends_the_socket(transactional_db: None) -> None:
    await database_sync_to_async(make_movie)(slug="meridian")
    for frame in FRAMES:
        async with open_socket(PATH) as socket:
            await socket.receive_envelope()
            await socket.send_to(text_data=frame)
            assert await socket.receive_close_code() == CloseCode.BAD_FRAME, frame


async def test_a_frame_of_the_largest_size_is_taken_and_one_more_character_is_not(transactional_db: None) -> None:
    await database_sync_to_async(make_movie)(slug="meridian")
    command = json.dumps({"type": "snapshot.request"})
    async with open_socket(PATH) as socket:
        first: dict[str, Any] = await socket.receive_envelope()
        await socket.send_to(text_data=command.ljust(consumers.LARGEST_FRAME_CHARS))
        assert (await socket.receive_envelope())["data"] == first["data"]
        await socket.send_to(text_data=command.ljust(consumers.LARGEST_FRAME_CHARS + 1))
        assert await socket.receive_close_code() == CloseCode.BAD_FRAME


async def test_as_many_frames_as_the_period_allows_are_answered_and_the_next_is_not(transactional_db: None) -> None:
    await database_sync_to_async(make_movie)(slug="meridian")
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        for _ in range(consumers.FRAMES_PER_PERIOD):
            await socket.send_json_to({"type": "snapshot.request"})
            assert (await socket.receive_envelope())["type"] == "snapshot"
        await socket.send_json_to({"type": "snapshot.request"})
        assert await socket.receive_close_code() == CloseCode.SLOW_DOWN


async def test_markup_in_a_film_is_data_and_stays_whole(transactional_db: None) -> None:
    title = "</script><b>\"'&\u2028\u202e"
    await database_sync_to_async(make_movie)(slug="meridian", title=title)
    async with open_socket(PATH) as socket:
        assert (await socket.receive_envelope())["data"]["title"] == title
