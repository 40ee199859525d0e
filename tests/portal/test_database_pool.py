"""A pool as the settings make it, on a road to the tests' database that is closed for a while."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from psycopg_pool import ConnectionPool, PoolTimeout

from portal.database_pool import pool_options
from tests.streaming.database import Road, database_name

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db]

# By itself the pool would connect about 1, 3, 7 and 15 s after the first attempt.
OUTAGE_S = 8.5
SOON_S = 4.0


@asynccontextmanager
async def pool_on(road: Road) -> AsyncIterator["ConnectionPool[Any]"]:
    url = f"postgresql://nova@127.0.0.1:{road.port}/{database_name()}"
    pool = ConnectionPool(url, open=True, check=ConnectionPool.check_connection, **pool_options(most=4))
    try:
        yield pool
    finally:
        await asyncio.to_thread(pool.close)


def ask(pool: "ConnectionPool[Any]", *, timeout_s: float) -> int:
    with pool.connection(timeout=timeout_s) as connection:
        (one,) = connection.execute("SELECT 1").fetchone()
    return int(one)


async def test_whoever_asks_after_a_long_outage_is_served_at_once() -> None:
    async with Road() as road, pool_on(road) as pool:
        assert await asyncio.to_thread(ask, pool, timeout_s=SOON_S) == 1
        road.close()
        began = time.monotonic()
        while time.monotonic() < began + OUTAGE_S:
            with pytest.raises(PoolTimeout):
                await asyncio.to_thread(ask, pool, timeout_s=0.5)
        road.open()
        assert await asyncio.to_thread(ask, pool, timeout_s=SOON_S) == 1


async def test_whoever_waits_through_an_outage_is_served_when_it_is_over() -> None:
    async with Road() as road, pool_on(road) as pool:
        road.close()
        waiting = asyncio.create_task(asyncio.to_thread(ask, pool, timeout_s=OUTAGE_S + SOON_S))
        await asyncio.sleep(OUTAGE_S)
        road.open()
        assert await waiting == 1
