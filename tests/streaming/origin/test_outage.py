"""The origin as a process, with a road to its database that is closed for a while."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.db import database_sync_to_async

from streaming.models import Stream
from tests.factories import make_stream_key
from tests.portal.processes import Process, free_port
from tests.streaming.database import Road, database_name
from tests.streaming.rtmp.publisher import AVC_HEADER, AVC_KEY_FRAME
from tests.streaming.rtmp.serving import RawPublisher

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATIENCE_S = 25.0


class Origin(Process):
    """`manage.py run_origin` on a road to the tests' database."""

    def __init__(self, road: Road) -> None:
        self.rtmp_port = free_port()
        super().__init__(
            (sys.executable, "manage.py", "run_origin"),
            {
                "DATABASE_URL": f"postgresql://nova@127.0.0.1:{road.port}/{database_name()}",
                "NOVA_RTMP_PORT": str(self.rtmp_port),
                "NOVA_ORIGIN_PORT": str(free_port()),
                "NOVA_LOG_FORMAT": "json",
                "NOVA_LOG_LEVEL": "INFO",
            },
        )

    async def has_said(self, event: str) -> None:
        await asyncio.to_thread(self.wait_for, lambda: self.find(event=event), timeout_s=PATIENCE_S)


@asynccontextmanager
async def running_origin(road: Road) -> AsyncIterator[Origin]:
    origin = Origin(road)
    try:
        await origin.has_said("rtmp.started")
        yield origin
    finally:
        await asyncio.to_thread(origin.stop)


@asynccontextmanager
async def encoder(origin: Origin) -> AsyncIterator[RawPublisher]:
    reader, writer = await asyncio.open_connection("127.0.0.1", origin.rtmp_port)
    try:
        yield RawPublisher(reader, writer)
    finally:
        writer.transport.abort()


async def go_live(publisher: RawPublisher, key: str) -> None:
    await publisher.send(publisher.opening(name=key))
    await publisher.read_until(b"NetStream.Publish.Start")


async def becomes(condition: Callable[[Stream], Any]) -> Stream:
    """Wait until the newest stream is as it should be."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            stream: Stream | None = await database_sync_to_async(lambda: Stream.objects.order_by("-id").first())()
            if stream is not None and condition(stream):
                return stream
            await asyncio.sleep(0.05)


async def test_an_encoder_stays_on_air_through_an_outage_and_its_row_follows_afterwards() -> None:
    key = (await database_sync_to_async(make_stream_key)()).secret
    async with Road() as road, running_origin(road) as origin:
        async with encoder(origin) as publisher:
            await go_live(publisher, key)
            road.close()
            await publisher.send(publisher.video(0, AVC_HEADER) + publisher.video(0, AVC_KEY_FRAME))
            # No sound comes within two seconds of it.
            await publisher.send(publisher.video(2_100))
            await origin.has_said("live.database_away")
            assert (await becomes(lambda stream: True)).state == Stream.State.PENDING
            road.open()
            on_air = await becomes(lambda stream: stream.state == Stream.State.ACTIVE)
            assert on_air.height_px == 90
            road.close()
            await publisher.send(publisher.command("FCUnpublish", 6.0, None, key))
            await publisher.read_until(b"NetStream.Unpublish.Success")
        road.open()
        ended = await becomes(lambda stream: stream.state == Stream.State.ENDED)
        assert ended.end_reason == Stream.EndReason.UNPUBLISHED
        async with encoder(origin) as again:
            await go_live(again, key)


async def test_an_encoder_that_comes_during_an_outage_is_refused_and_welcome_afterwards() -> None:
    key = (await database_sync_to_async(make_stream_key)()).secret
    async with Road() as road, running_origin(road) as origin:
        road.close()
        async with encoder(origin) as publisher:
            await publisher.send(publisher.opening(name=key))
            await origin.has_said("rtmp.session_ended")
            [(_, description)] = await publisher.read_to_end()
        assert "try again" in str(description)
        assert origin.find(event="rtmp.admission_timed_out") is None
        road.open()
        async with encoder(origin) as again:
            await go_live(again, key)
        await becomes(lambda stream: stream.state == Stream.State.ENDED)
