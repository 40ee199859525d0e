"""A process follows a group once, and passes what it hears on to each of its sockets."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django_redis import get_redis_connection

from portal.consumers import SnapshotConsumer
from portal.relay import Relay, Told

pytestmark = pytest.mark.asyncio

GROUP = "movie.7"
_PATIENCE_S = 10


class Ear:
    """A listener that keeps what it heard; it fails at what is called "unheard-of"."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.has_failed = False

    async def hear(self, told: Told) -> None:
        if told.envelope["type"] == "unheard-of":
            raise ValueError("this cannot be told")
        self.heard.append(told.text_of(told.envelope))

    async def fail(self) -> None:
        self.has_failed = True


class Deaf(Ear):
    async def hear(self, told: Told) -> None:
        raise ValueError("nothing can be told")


async def send(*types: str) -> None:
    for name in types:
        message = {"type": "portal.event", "envelope": {"type": name}, "facts": {}}
        await get_channel_layer().group_send(GROUP, message)


async def until(*ears: Ear, count: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while any(len(ear.heard) < count for ear in ears):
            await asyncio.sleep(0.01)


def subscriptions() -> list[str]:
    layer: Any = settings.CHANNEL_LAYERS["default"]
    found = get_redis_connection("default").pubsub_channels(f"{layer['CONFIG']['prefix']}*")
    return [name.decode() for name in found]


async def test_many_hear_everything_in_its_order_by_one_subscription() -> None:
    relay, ears = Relay(), [Ear() for _ in range(250)]
    await asyncio.gather(*(relay.join(GROUP, ear) for ear in ears))
    # The group, and the one channel that it comes by.
    assert len(await database_sync_to_async(subscriptions)()) == 2
    await send("first", "second", "third")
    await until(*ears, count=3)
    assert {tuple(ear.heard) for ear in ears} == {('{"type": "first"}', '{"type": "second"}', '{"type": "third"}')}
    for ear in ears:
        await relay.leave(GROUP, ear)
    assert await database_sync_to_async(subscriptions)() == []


async def test_who_has_left_hears_nothing_and_may_come_again() -> None:
    relay, gone, staying = Relay(), Ear(), Ear()
    await relay.join(GROUP, gone)
    await relay.join(GROUP, staying)
    await relay.leave(GROUP, gone)
    await send("first")
    await until(staying, count=1)
    assert gone.heard == []
    await relay.leave(GROUP, staying)
    await relay.join(GROUP, gone)
    await send("second")
    await until(gone, count=1)
    await relay.leave(GROUP, gone)


async def test_what_cannot_be_told_to_one_is_told_to_the_others() -> None:
    relay, deaf, ear = Relay(), Deaf(), Ear()
    for listener in (deaf, ear):
        await relay.join(GROUP, listener)
    await send("first")
    await until(ear, count=1)
    assert (deaf.has_failed, ear.has_failed) == (True, False)
    for listener in (deaf, ear):
        await relay.leave(GROUP, listener)


async def test_who_hears_nothing_any_more_is_told_to_come_again() -> None:
    relay, ear, other = Relay(), Ear(), Ear()
    await relay.join(GROUP, ear)
    await get_channel_layer().group_send(GROUP, {"type": "portal.event"})
    async with asyncio.timeout(_PATIENCE_S):
        while not ear.has_failed:
            await asyncio.sleep(0.01)
    await relay.join(GROUP, other)
    await relay.leave(GROUP, ear)
    await send("first")
    await until(other, count=1)
    await relay.leave(GROUP, other)


async def test_what_is_the_same_for_all_is_written_once() -> None:
    told = Told({"envelope": {"type": "first"}, "facts": {}})
    assert told.text_of(told.envelope) is told.text_of(told.envelope)
    assert told.text_of({"type": "adapted"}) == '{"type": "adapted"}'


# --- Sockets ----------------------------------------------------------------------------------------------------------


class EventfulConsumer(SnapshotConsumer):
    """One during whose snapshot something happens."""

    def authorise(self) -> str:
        return GROUP

    def read_snapshot(self) -> Mapping[str, object]:
        from asgiref.sync import async_to_sync

        async_to_sync(send)("movie.updated")
        deadline = time.monotonic() + _PATIENCE_S
        while not self._waiting and time.monotonic() < deadline:
            time.sleep(0.01)
        return {}


class BrokenConsumer(EventfulConsumer):
    def read_snapshot(self) -> Mapping[str, object]:
        raise RuntimeError("no snapshot")


async def test_what_happens_while_a_snapshot_is_read_is_told_behind_it() -> None:
    socket = WebsocketCommunicator(EventfulConsumer.as_asgi(), "/")
    await socket.connect()
    for _ in range(2):
        assert (await socket.receive_json_from(timeout=_PATIENCE_S))["type"] == "snapshot"
        assert (await socket.receive_json_from(timeout=_PATIENCE_S))["type"] == "movie.updated"
        await socket.send_json_to({"type": "snapshot.request"})
    await socket.receive_json_from(timeout=_PATIENCE_S)
    await socket.disconnect(timeout=_PATIENCE_S)
    assert await database_sync_to_async(subscriptions)() == []


async def test_a_socket_that_breaks_leaves_its_group() -> None:
    socket = WebsocketCommunicator(BrokenConsumer.as_asgi(), "/")
    await socket.connect()
    with pytest.raises(RuntimeError, match="no snapshot"):
        await socket.wait(timeout=_PATIENCE_S)
    assert await database_sync_to_async(subscriptions)() == []
