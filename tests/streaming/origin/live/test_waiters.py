"""Waiting for parts."""

import asyncio

import pytest

from streaming.media.live.window import Edge
from streaming.origin.live.waiters import Waiters

pytestmark = pytest.mark.asyncio

FIRST, SECOND = Edge(7, 0), Edge(7, 1)
LONG_S = 30.0


async def test_all_who_wait_for_a_part_go_on_at_once_and_others_wait_on() -> None:
    waiters = Waiters()
    for_first = [asyncio.create_task(waiters.wait(FIRST, timeout_s=LONG_S)) for _ in range(3)]
    for_second = asyncio.create_task(waiters.wait(SECOND, timeout_s=LONG_S))
    await asyncio.sleep(0)
    assert waiters.count == 4
    waiters.release(lambda place: place <= FIRST)
    assert await asyncio.gather(*for_first) == [True, True, True]
    assert waiters.count == 1
    waiters.release(lambda place: place <= SECOND)
    assert await for_second


async def test_who_has_waited_long_enough_is_told_so_and_forgotten() -> None:
    waiters = Waiters()
    assert not await waiters.wait(FIRST, timeout_s=0.01)
    assert waiters.count == 0


async def test_who_goes_away_takes_it_from_nobody_else() -> None:
    waiters = Waiters()
    going, staying = (asyncio.create_task(waiters.wait(FIRST, timeout_s=LONG_S)) for _ in range(2))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.gather(going, return_exceptions=True)
    waiters.release(lambda _: True)
    assert await staying
