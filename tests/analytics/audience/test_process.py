"""Audience as a process: one counts, another waits, and both outlast an outage of the database."""

import asyncio
import sys
from collections.abc import Iterator

import pytest
from channels.db import database_sync_to_async

from analytics import partitions
from analytics.models import MetricSecond, PlaybackSession
from analytics.records import Beacon, PlayerEvent
from portal import clock
from portal.ids import uuid7
from tests.analytics.audience.logs import connected, leave, moment
from tests.factories import make_channel, make_movie, make_stream
from tests.portal.processes import Process, free_port, get
from tests.streaming.database import Road, database_name

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]

PATIENCE_S = 40.0


REAL = ("manage.py", "run_audience")
HASTY = ("-m", "tests.analytics.audience.hasty_audience")


class AudienceProcess(Process):
    """`manage.py run_audience`, or one that runs as fast as time does for it, on a road to the tests' database."""

    def __init__(self, road: Road, *argv: str) -> None:
        self.port = free_port()
        super().__init__(
            (sys.executable, *(argv or REAL)),
            {
                "DATABASE_URL": f"postgresql://nova@127.0.0.1:{road.port}/{database_name()}",
                "NOVA_AUDIENCE_PORT": str(self.port),
                "NOVA_LOG_FORMAT": "json",
                "NOVA_LOG_LEVEL": "INFO",
            },
        )

    async def has_said(self, event: str) -> None:
        await asyncio.to_thread(self.wait_for, lambda: self.find(event=event), timeout_s=PATIENCE_S)

    async def answers(self, path: str) -> int:
        return (await asyncio.to_thread(get, f"http://127.0.0.1:{self.port}{path}")).status

    async def metrics(self) -> dict[str, float]:
        """Return what it shows to Prometheus, by name and labels."""
        answer = await asyncio.to_thread(get, f"http://127.0.0.1:{self.port}/metrics")
        lines = [line.rpartition(" ") for line in answer.body.decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}


@pytest.fixture(autouse=True)
def _no_room_is_left_behind(transactional_db: None) -> Iterator[None]:
    yield
    for table in partitions.TABLES:
        partitions.drop_partitions(table, before=moment(10**12))


def a_player(movie_id: int) -> Beacon:
    """Return what somebody tells who begins to watch at this moment."""
    now = clock.now()
    at = int(now.timestamp() * 1000)
    told = PlayerEvent(e="t", at=at, sn=0, sta="p", msd=300)
    key = uuid7(now).hex
    return Beacon(at=at, session=key, subject=f"movie:{movie_id}", viewer=key, events=[told])


async def written(sessions: int) -> None:
    """Wait until so many sessions are stored."""
    async with asyncio.timeout(PATIENCE_S):
        while await database_sync_to_async(PlaybackSession.objects.count)() < sessions:
            await asyncio.sleep(0.2)


async def test_one_counts_through_an_outage_and_another_takes_over() -> None:
    movie = await database_sync_to_async(make_movie)()
    async with Road() as road, Road() as other_road, connected() as client:
        first = AudienceProcess(road)
        second = None
        try:
            await first.has_said("audience.began")
            assert [await first.answers(path) for path in ("/livez", "/metrics", "/")] == [200, 200, 404]
            second = AudienceProcess(other_road)
            await leave(client, a_player(movie.pk))
            await written(1)

            road.close()
            await first.has_said("audience.unwritten")
            await leave(client, a_player(movie.pk))
            road.open()
            await written(2)

            if second.find(event="audience.began") is not None:
                await first.has_said("audience.deposed")
            first.kill()
            await second.has_said("audience.began")
            await leave(client, a_player(movie.pk))
            await written(3)
            assert await database_sync_to_async(MetricSecond.objects.filter(viewers__gt=0).exists)()
        finally:
            for process in (first, second):
                if process is not None:
                    await asyncio.to_thread(process.stop)


def _put_on_air() -> None:
    make_stream(make_channel())


async def test_every_minute_it_is_observed_how_many_watch_each_live_stream() -> None:
    await database_sync_to_async(_put_on_air)()
    async with Road() as road:
        process = AudienceProcess(road, *HASTY)
        try:
            await process.has_said("audience.began")
            async with asyncio.timeout(PATIENCE_S):
                while not (metrics := await process.metrics())["nova_streaming_viewers_total_count"]:
                    await asyncio.sleep(0.2)
            # Nobody watches it: that is a number of viewers, too.
            observed = metrics["nova_streaming_viewers_total_count"]
            assert metrics['nova_streaming_viewers_total_bucket{le="1.0"}'] == observed
            assert metrics["nova_streaming_stream_viewers_count"] == observed
            async with asyncio.timeout(PATIENCE_S):
                while not (metrics := await process.metrics())["nova_audience_up"]:
                    await asyncio.sleep(0.5)
            assert metrics["nova_database_up"] == metrics["nova_redis_up"] == 1
            assert metrics["nova_streaming_active_streams"] == 1
            assert {"nova_streaming_peak_viewers", "nova_audience_seal_lag_seconds"} <= metrics.keys()
        finally:
            await asyncio.to_thread(process.stop)
