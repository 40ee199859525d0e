"""Viewers in a process of their own: the order comes as JSON on standard input, what they saw goes to standard output.

python -m benchmarks.media_delivery.viewers < order.json
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from random import Random

import uvloop

from benchmarks.media_delivery.client import Connection, FetchFailed
from benchmarks.media_delivery.films import SEGMENT_S, SEGMENTS

# What a player fetches before it begins to play, and ahead of what it plays.
_OPENING = ("master.m3u8", "v480p/index.m3u8", "a1/index.m3u8", "v480p/init.mp4", "a1/init.mp4")
_AHEAD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where to go, with a token for each viewer, and for how long."""

    host: str
    port: int
    tokens: Sequence[str]
    seconds: float


@dataclass(slots=True, kw_only=True)
class Seen:
    """What all viewers together met.

    `first_byte_s` holds one figure a request, `stalls` counts segments that came later than they were to be shown,
    `own_cpu` is the share of a core that the viewers took.
    """

    first_byte_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    size_bytes: int = 0
    seconds: float = 0
    own_cpu: float = 0
    stalls: int = 0


async def watch(order: Order) -> Seen:
    """Let one viewer for each token watch the film at its own pace."""
    seen, started, cpu = Seen(), time.perf_counter(), time.process_time()
    await asyncio.gather(*(_one(order, number, seen) for number in range(len(order.tokens))))
    seen.seconds = time.perf_counter() - started
    seen.own_cpu = (time.process_time() - cpu) / seen.seconds
    return seen


class _Viewer:
    def __init__(self, connection: Connection, prefix: str, seen: Seen) -> None:
        self._connection, self._prefix, self.seen = connection, prefix, seen

    async def fetch(self, name: str) -> None:
        answer = await self._connection.get(f"{self._prefix}{name}")
        self.seen.first_byte_s.append(answer.first_byte_s)
        self.seen.size_bytes += answer.size_bytes
        if answer.status != 200:
            self.seen.failures.append(f"{answer.status} {name}")


async def _one(order: Order, number: int, seen: Seen) -> None:
    lot, until = Random(number), time.perf_counter() + order.seconds
    # They come one after another in the first third, as people do.
    await asyncio.sleep(lot.uniform(0, order.seconds / 3))
    try:
        connection = await Connection.open(order.host, order.port)
        try:
            await _watch_film(_Viewer(connection, f"/m/{order.tokens[number]}/", seen), lot, until)
        finally:
            connection.close()
    except (OSError, FetchFailed) as error:
        seen.failures.append(f"{type(error).__name__}: {error}")


async def _watch_film(viewer: _Viewer, lot: Random, until: float) -> None:
    """Begin anywhere; fetch two segments at once and then one in the time that one lasts, as it must not come late."""
    for name in _OPENING:
        await viewer.fetch(name)
    number, due = lot.randint(1, SEGMENTS - 100), time.perf_counter()
    fetched = 0
    while time.perf_counter() < until:
        await viewer.fetch(f"a1/{number + fetched}.m4s")
        await viewer.fetch(f"v480p/{number + fetched}.m4s")
        fetched += 1
        if time.perf_counter() > due + fetched * SEGMENT_S:
            viewer.seen.stalls += 1
        if fetched >= _AHEAD:
            await asyncio.sleep(max(0, due + (fetched - _AHEAD + 1) * SEGMENT_S - time.perf_counter()))


def main() -> None:
    order = Order(**json.load(sys.stdin))
    json.dump(asdict(uvloop.run(watch(order))), sys.stdout)


if __name__ == "__main__":
    main()
