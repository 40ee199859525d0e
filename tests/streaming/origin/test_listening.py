"""From a revocation's row to the origin's memory, through Redis and without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django_redis import get_redis_connection
from prometheus_client import REGISTRY

from portal import clock
from streaming.models import PlaybackRevocation
from streaming.origin.listening import read_revocations, watch_revocations
from streaming.origin.revoked import Revocations
from streaming.services.revocations import revoke_movie
from tests.streaming.database import Road
from tests.streaming.origin.media import make_claims

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATIENCE_S = 25.0


@asynccontextmanager
async def watching(redis_url: str = settings.NOVA_REDIS_URL) -> AsyncIterator[Revocations]:
    revocations = Revocations()
    task = asyncio.create_task(watch_revocations(revocations, redis_url=redis_url))
    try:
        yield revocations
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def write_silently(movie_id: int) -> None:
    """Write a row, of which no word is said."""
    at = clock.now()
    PlaybackRevocation.objects.create(
        subject=f"movie:{movie_id}", issued_before=at, expires_at=at + timedelta(hours=12)
    )


async def revoked(revocations: Revocations, movie_id: int) -> None:
    claims = make_claims(movie_id=movie_id, session_id=UUID(int=1), issued_at=clock.now() - timedelta(minutes=1))
    async with asyncio.timeout(PATIENCE_S):
        while not revocations.is_revoked(claims):
            await asyncio.sleep(0.01)


def listeners() -> set[str]:
    """Return who listens with our database: tests that run beside this one listen to the same Redis with their own."""
    redis = get_redis_connection("default")
    ours = redis.client_info()["db"]
    return {each["id"] for each in redis.client_list(_type="pubsub") if int(each["db"]) == ours and each["sub"] != "0"}


def disconnect_listeners() -> None:
    redis = get_redis_connection("default")
    for listener in listeners():
        redis.client_kill_filter(_id=listener)


async def listened() -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(listeners):
            await asyncio.sleep(0.01)


async def has_settled() -> None:
    """Wait until nothing is read any more: the first words of Redis are its own."""
    async with asyncio.timeout(PATIENCE_S):
        before = 0.0
        while before != (before := REGISTRY.get_sample_value("nova_origin_revocations_read_timestamp_seconds") or 0.0):
            await asyncio.sleep(0.5)


async def test_what_was_revoked_before_is_known_from_the_first_reading_on() -> None:
    await database_sync_to_async(write_silently)(1)
    revocations = Revocations()
    await read_revocations(revocations)
    assert revocations.count == 1


async def test_a_word_of_redis_brings_a_new_row() -> None:
    async with watching() as revocations:
        await listened()
        await database_sync_to_async(revoke_movie)(2, at=clock.now())
        await revoked(revocations, 2)


async def test_many_words_at_once_lose_nothing() -> None:
    async with watching() as revocations:
        await listened()
        for movie_id in range(10, 40):
            await database_sync_to_async(revoke_movie)(movie_id, at=clock.now())
        await revoked(revocations, 39)
        assert revocations.count == 30


async def test_what_was_said_while_nobody_listened_is_read_with_the_next_connection() -> None:
    async with watching() as revocations:
        await listened()
        await has_settled()
        await database_sync_to_async(write_silently)(3)
        await asyncio.to_thread(disconnect_listeners)
        await revoked(revocations, 3)
        await listened()
        await database_sync_to_async(revoke_movie)(4, at=clock.now())
        await revoked(revocations, 4)


@pytest.mark.enable_socket
async def test_a_redis_that_says_nothing_any_more_is_noticed_and_left() -> None:
    parts = urlsplit(settings.NOVA_REDIS_URL)
    database = parse_qs(parts.query).get("db", ["0"])[0]
    async with Road(Path(parts.path)) as road, watching(f"redis://127.0.0.1:{road.port}/{database}") as revocations:
        await listened()
        await has_settled()
        road.fall_silent()
        # Long before the next reading that needs no word.
        await database_sync_to_async(revoke_movie)(7, at=clock.now())
        await revoked(revocations, 7)
        road.open()
        await has_settled()
        await database_sync_to_async(revoke_movie)(8, at=clock.now())
        await revoked(revocations, 8)


async def test_a_quiet_redis_is_not_left() -> None:
    async with watching() as revocations:
        await listened()
        before = await asyncio.to_thread(listeners)
        # Several pings.
        await asyncio.sleep(5)
        assert await asyncio.to_thread(listeners) == before
        await database_sync_to_async(revoke_movie)(9, at=clock.now())
        await revoked(revocations, 9)


async def test_without_redis_the_rows_are_read_again_and_again() -> None:
    async with watching("redis://127.0.0.1:1/0") as revocations:
        await database_sync_to_async(write_silently)(5)
        await revoked(revocations, 5)


async def test_what_has_run_out_is_forgotten() -> None:
    await database_sync_to_async(write_silently)(6)
    revocations = Revocations()
    await read_revocations(revocations)
    await database_sync_to_async(PlaybackRevocation.objects.update)(expires_at=clock.now())
    await read_revocations(revocations)
    assert revocations.count == 0
