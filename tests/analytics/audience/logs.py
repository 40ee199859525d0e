"""What players and origins leave in Redis, put there by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count

import msgspec
import redis.asyncio
from django.conf import settings

from analytics.audience.loop import AudienceLoop
from analytics.audience.run import connect
from analytics.records import LOG, RECORD, Beacon
from streaming.ingest_samples import LOG as SAMPLES
from streaming.ingest_samples import SAMPLE, IngestSample
from tests.analytics.counting.telling import START, beacon, event

_numbers = count(1)


def moment(at: int) -> datetime:
    """Return the moment so many milliseconds after the beginning."""
    return datetime.fromtimestamp((START + at) / 1000, UTC)


@asynccontextmanager
async def connected(url: str | None = None) -> AsyncIterator[redis.asyncio.Redis]:
    async with connect(url or settings.NOVA_REDIS_URL) as client:
        yield client


async def leave(client: redis.asyncio.Redis, *beacons: Beacon) -> None:
    for each in sorted(beacons, key=lambda told: told.at):
        await client.xadd(LOG, {RECORD: msgspec.msgpack.encode(each)}, id=f"{each.at}-{next(_numbers)}")


async def leave_sample(client: redis.asyncio.Redis, sample: IngestSample) -> None:
    await client.xadd(SAMPLES, {SAMPLE: msgspec.msgpack.encode(sample)}, id=f"{sample.at}-{next(_numbers)}")


def playing(
    session: str, subject: str, *, start: int = 0, end: int = 60_000, viewer: int = 1, leaves: bool = True
) -> list[Beacon]:
    """Return what a player tells that plays from one moment to another, and leaves, or vanishes."""
    moments = list(range(start, end, 10_000))
    told = [
        event(at, sn, pt=at - start, watch=at - start, bytes=(at - start) * 500, br=4000, q="720p")
        for sn, at in enumerate(moments)
    ]
    if leaves:
        told.append(event(end, len(moments), "q", pt=end - start, watch=end - start, bytes=(end - start) * 500))
    return [beacon(each, session=session, subject=subject, viewer=viewer, length=100_000) for each in told]


async def step(loop: AudienceLoop, at: int) -> None:
    """Do what is done in the second after a moment."""
    while await loop.read(wait_ms=None):
        pass
    await loop.tick(moment(at))
    await loop.tell(moment(at))
    await loop.write(moment(at))
