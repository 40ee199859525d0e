"""The people of whom a benchmark knows when they were there."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from analytics.beacons.body import parse_body
from analytics.beacons.reading import read_beacon
from analytics.beacons.token import verify_beacon_token
from analytics.records import Beacon
from benchmarks.audience_parts.crowd import Page
from benchmarks.audience_parts.people import Line, Player, Span, Truth, line_to
from streaming.tokens import Key, Keyring

pytestmark = pytest.mark.enable_socket

KEYRING = Keyring(Key(id=1, secret=b"of the benchmark"))
TAKEN, AWAY = b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@asynccontextmanager
async def door(answer: Callable[[bytes], bytes]) -> AsyncIterator[tuple[Line, list[bytes]]]:
    """A server that takes beacons and says what it wants of each, and the line to it."""
    told: list[bytes] = []
    callers: list[asyncio.StreamWriter] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)
        while head := await reader.read(65_536):
            told.append(head.partition(b"\r\n\r\n")[2])
            writer.write(answer(told[-1]))
        writer.close()

    server = await asyncio.start_server(take, "localhost", 0)
    async with server, line_to(server.sockets[0].getsockname()[1]) as line:
        yield line, told
    for caller in callers:
        await caller.wait_closed()


def read(content: bytes) -> Beacon:
    """Return what the portal makes of a beacon."""
    body = parse_body(content)
    claims = verify_beacon_token(body.token, KEYRING, at_s=time.time())
    return read_beacon(body, claims, received_ms=int(time.time() * 1000))


async def watch_and_leave(line: Line, truth: Truth, *, in_silence: bool = False) -> None:
    player = Player(line, KEYRING, truth, subject="movie:7")
    await player.start()
    assert truth.present == 1
    await player.leave(in_silence=in_silence)


def test_what_they_tell_is_what_the_portal_takes() -> None:
    truth = Truth()

    async def visit() -> list[bytes]:
        async with door(lambda _: TAKEN) as (line, told):
            await watch_and_leave(line, truth)
            return told

    beacons = [read(content) for content in asyncio.run(visit())]
    assert [each.events[0].sta for each in beacons] == ["s", "p", "q"]
    assert [each.events[0].sn for each in beacons] == [0, 1, 2]
    assert {each.subject for each in beacons} == {"movie:7"}
    assert beacons[0].events[0].msd is None
    assert beacons[1].events[0].msd is not None
    assert {each.session for each in beacons} == truth.sessions


def test_who_vanishes_is_known_to_have_gone() -> None:
    truth = Truth()

    async def visit() -> list[bytes]:
        async with door(lambda _: TAKEN) as (line, told):
            await watch_and_leave(line, truth, in_silence=True)
            return told

    told = asyncio.run(visit())
    assert [json.loads(content)["ev"][0]["sta"] for content in told] == ["s", "p"]
    assert truth.present == 0
    (span,) = truth.spans
    assert [truth.at(moment) for moment in (span.start - 1, span.start, span.end)] == [0, 1, 0]


def test_what_is_not_taken_is_told_again_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.audience_parts.people._AGAIN_S", 0.01)
    truth, answers = Truth(), [AWAY, AWAY, TAKEN, TAKEN, TAKEN]

    async def visit() -> list[bytes]:
        async with door(lambda _: answers.pop(0)) as (line, told):
            await watch_and_leave(line, truth)
            return told

    told = asyncio.run(visit())
    assert told[0].partition(b'"ev"')[2] == told[1].partition(b'"ev"')[2]
    assert (len(told), truth.delayed, truth.refused, len(truth.sessions)) == (5, 2, 0, 1)


def test_a_line_to_nobody_says_so() -> None:
    async def call() -> int:
        async with door(lambda _: TAKEN) as (line, _):
            pass
        return await Line(line._port).tell(b"{}")

    assert asyncio.run(call()) == 0


def test_truth_knows_who_was_there() -> None:
    truth = Truth(spans=[Span(1.0, 5.0), Span(2.0, 3.0), Span(4.5, 9.0)])
    assert [truth.at(moment) for moment in (0.5, 1.0, 2.5, 3.0, 4.7, 9.0)] == [0, 1, 2, 1, 2, 0]


def test_a_page_waits_for_what_it_is_told_from_now_on() -> None:
    page = Page(told=[(1.0, 1)])

    async def wait() -> float:
        waiting = asyncio.create_task(page.waits_for(1, within_s=5))
        await asyncio.sleep(0)
        page.told += [(2.0, 0), (3.0, 1)]
        return await waiting

    assert asyncio.run(wait()) == 3.0
    assert page.latest() == 1


def test_a_page_that_is_told_nothing_says_so() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(Page().waits_for(1, within_s=0.02))
