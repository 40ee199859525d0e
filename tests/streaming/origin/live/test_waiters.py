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


async def test_who_came_later_waits_on_when_who_came_first_has_waited_enough() -> None:
    waiters = Waiters()
    first = asyncio.create_task(waiters.wait(FIRST, timeout_s=0.05))
    second = asyncio.create_task(waiters.wait(FIRST, timeout_s=LONG_S))
    assert not await first
    assert waiters.count == 1
    waiters.release(lambda _: True)
    assert await second


async def test_each_of_many_is_given_up_in_his_turn() -> None:
    waiters = Waiters()
    waiting = []
    for _ in range(3):
        waiting.append(asyncio.create_task(waiters.wait(FIRST, timeout_s=0.05)))
        await asyncio.sleep(0.02)
    assert await asyncio.gather(*waiting) == [False, False, False]
    assert waiters.count == 0


async def test_a_place_that_was_reached_can_be_waited_for_anew() -> None:
    waiters = Waiters()
    early = asyncio.create_task(waiters.wait(FIRST, timeout_s=LONG_S))
    await asyncio.sleep(0)
    waiters.release(lambda _: True)
    # The other has not been let go on yet, and must not take the place of this one away.
    late = asyncio.create_task(waiters.wait(FIRST, timeout_s=LONG_S))
    assert await early
    assert waiters.count == 1
    waiters.release(lambda _: True)
    assert await late
