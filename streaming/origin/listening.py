"""Keeps the origin's revocations true: they are read anew at each word of Redis, and now and then without one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from itertools import chain, repeat
from typing import Any

import redis.asyncio
import structlog
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError

from portal import clock
from portal.outages import REDIS_OUTAGES
from streaming.origin import metrics
from streaming.origin.revoked import Revocations
from streaming.services.revocations import CHANNEL, list_revocations

log = structlog.get_logger("nova.media")

# How long a word that was lost, or was said while nobody listened, can go unheard.
_READ_EVERY_S = 30.0
# While the database is away.
_READ_AGAIN_S = 1.0
_CONNECT_WITHIN_S = 3
# A subscriber says nothing by itself, and hears nothing for hours: it cannot tell a quiet Redis from one that is gone
# without a word, with its machine or the way to it. So it is asked, and must answer.
_PING_EVERY_S, _ANSWER_WITHIN_S = 2.0, 2.0
# Words that follow each other so closely are heard as one, up to so many: a reading must not wait for ever.
_PAUSE_S, _MOST_WORDS = 0.02, 50
# While Redis is away the rows are read at each attempt to reach it; the last delay again and again.
_RETRY_DELAYS_S = (0.2, 0.5, 1.0)


async def read_revocations(revocations: Revocations) -> None:
    """Read what is in force. Raises OperationalError or InterfaceError while the database is away."""
    at = clock.now()
    revocations.replace(await database_sync_to_async(list_revocations)(at=at))
    metrics.REVOCATIONS.set(revocations.count)
    metrics.REVOCATIONS_READ_AT.set(at.timestamp())


async def watch_revocations(revocations: Revocations, *, redis_url: str) -> None:
    """Follow the revocations until this is cancelled, through outages of Redis and of the database."""

    async def read() -> None:
        log.warning("revocations.redis_away")
        await _read_if_possible(revocations)

    await stay_subscribed(CHANNEL, partial(_follow, revocations), while_away=read, redis_url=redis_url)


async def stay_subscribed(
    name: str,
    follow: Callable[[PubSub], Awaitable[None]],
    *,
    while_away: Callable[[], Awaitable[None]],
    redis_url: str,
) -> None:
    """Have a channel followed until this is cancelled; while Redis is away, each attempt to reach it does the other."""
    delays_s = _delays()
    while True:
        with suppress(*REDIS_OUTAGES):
            async with _connecting(redis_url) as client, client.pubsub() as channel:
                await channel.subscribe(name)
                delays_s = _delays()
                await follow(channel)
        await while_away()
        await asyncio.sleep(next(delays_s))


def _delays() -> "chain[float]":
    return chain(_RETRY_DELAYS_S, repeat(_RETRY_DELAYS_S[-1]))


async def _follow(revocations: Revocations, channel: PubSub) -> None:
    """Read the rows at once, since nobody knows what was said before, and after each word or a long silence."""
    while True:
        has_read = await _read_if_possible(revocations)
        await await_word(channel, within_s=_READ_EVERY_S if has_read else _READ_AGAIN_S)
        # One reading is enough for all that has been said by now, as when many movies are hidden at once.
        for _ in range(_MOST_WORDS):
            if not await channel.get_message(timeout=_PAUSE_S):
                break


async def await_word(channel: PubSub, *, within_s: float) -> dict[str, Any] | None:
    """Return the next word, or None if there is none for so long.

    Raises RedisTimeoutError if Redis does not even answer a ping meanwhile.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + within_s
    while (left_s := until_s - loop.time()) > 0:
        heard: dict[str, Any] | None = await channel.get_message(timeout=min(left_s, _PING_EVERY_S))
        if heard is None:
            await channel.ping()
            heard = await channel.get_message(timeout=_ANSWER_WITHIN_S)
        if heard is None:
            raise RedisTimeoutError("no answer to a ping")
        if heard["type"] != "pong":
            return heard
    return None


async def _read_if_possible(revocations: Revocations) -> bool:
    try:
        await read_revocations(revocations)
    except (OperationalError, InterfaceError):
        log.warning("revocations.database_away")
        return False
    return True


def _connecting(redis_url: str) -> redis.asyncio.Redis:
    """Return a client that waits for no answer for ever, and leaves it to its caller to try again."""
    return redis.asyncio.from_url(
        redis_url,
        socket_connect_timeout=_CONNECT_WITHIN_S,
        socket_timeout=_ANSWER_WITHIN_S,
        # By itself it would reconnect for half a minute, in which nobody reads the rows.
        retry=Retry(NoBackoff(), 0),
    )
