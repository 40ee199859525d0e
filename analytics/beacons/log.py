"""The way of beacons from the door to those who count: a Redis stream, written by what arrives together at once."""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from analytics.records import KEPT_S, LOG, RECORD, Beacon

# So long the first of a batch waits for the others.
_GATHERED_S: Final = 0.003
# Whoever asks gets an answer within two seconds, also where Redis takes connections and says nothing.
_ANSWER_WITHIN_S: Final = 1.5
# Three times what ten thousand players tell in the time that is kept: in a flood less of it is kept, rather than no
# memory left to whatever else is in Redis.
MOST_KEPT: Final = 500_000
# What waits while Redis is slow; a beacon has a few kilobytes.
MOST_WAITING: Final = 4_000

log = structlog.get_logger("nova.beacons")


class LogUnavailable(Exception):
    """Redis does not take the beacon now; the player has it still, and sends it again."""


class BeaconLog:
    """Writes beacons, by one connection that is made when the first one comes, on the loop that runs then."""

    def __init__(self, redis_url: str, *, clock_ms: Callable[[], int], most_kept: int = MOST_KEPT) -> None:
        self._redis_url = redis_url
        self._most_kept = most_kept
        self._clock_ms = clock_ms
        self._client: redis.asyncio.Redis | None = None
        self._encoder = msgspec.msgpack.Encoder()
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._is_away = False

    async def write(self, beacon: Beacon) -> None:
        """Return when the beacon is in the log. Raises LogUnavailable."""
        if len(self._waiting) >= MOST_WAITING:
            raise LogUnavailable("too much waits to be written")
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._encoder.encode(beacon), written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        await written

    async def close(self) -> None:
        """Let go of the connection; the next beacon makes another."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _write_waiting(self) -> None:
        await asyncio.sleep(_GATHERED_S)
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                async with asyncio.timeout(_ANSWER_WITHIN_S):
                    await self._append([record for record, _ in batch])
            except (RedisError, OSError, TimeoutError) as error:
                self._refuse(batch, error)
            except BaseException as error:
                # Whatever it is, nobody is left waiting for it.
                self._refuse(batch, error)
                raise
            else:
                self._is_away = False
                for _, written in batch:
                    if not written.done():
                        written.set_result(None)

    async def _append(self, records: list[bytes]) -> None:
        if self._client is None:
            self._client = _connecting(self._redis_url)
        pipeline = self._client.pipeline(transaction=False)
        for record in records:
            pipeline.execute_command("XADD", LOG, "*", RECORD, record)
        oldest_ms = self._clock_ms() - KEPT_S * 1000
        pipeline.execute_command("XTRIM", LOG, "MINID", "~", oldest_ms)
        pipeline.execute_command("XTRIM", LOG, "MAXLEN", "~", self._most_kept)
        await pipeline.execute()

    def _refuse(self, batch: list[tuple[bytes, asyncio.Future[None]]], error: BaseException) -> None:
        """Tell those of a batch, and those who came meanwhile: for them it would be no other."""
        if not self._is_away:
            # Once for an outage: each of those who wait for an answer is told by itself.
            log.warning("beacons.log_unavailable", cause=repr(error))
        self._is_away = True
        refused, self._waiting = [*batch, *self._waiting], []
        for _, written in refused:
            # Whoever waited for it may be gone.
            if not written.done():
                written.set_exception(LogUnavailable(repr(error)))


def _connecting(redis_url: str) -> redis.asyncio.Redis:
    """Return a client that tries once more, on a new connection, where the one it has was lost meanwhile."""
    return redis.asyncio.from_url(
        redis_url,
        socket_connect_timeout=_ANSWER_WITHIN_S / 2,
        socket_timeout=_ANSWER_WITHIN_S,
        retry=Retry(NoBackoff(), 1),
        max_connections=1,
    )
