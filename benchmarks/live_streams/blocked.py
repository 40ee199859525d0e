"""Viewers who all wait for the next part: JSON in, what they saw as JSON out.

python -m benchmarks.live_streams.blocked < order.json
"""

import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import uvloop

from benchmarks.media_delivery.client import Connection, FetchFailed
from benchmarks.results import percentile

# Those who come late to a release still belong to it; a release that hardly anybody waited for is none.
_SHARE_OF_A_RELEASE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where to go, with a token for each viewer, which segment to wait for first, and for how many parts."""

    host: str
    port: int
    tokens: Sequence[str]
    playlist: str
    msn: int
    parts_per_segment: int
    parts: int


@dataclass(slots=True, kw_only=True)
class Seen:
    """How many parts nearly all were told of; and how long after the first of them, in all those parts together."""

    parts: int = 0
    p95_ms: float = 0
    last_ms: float = 0
    failures: list[str] = field(default_factory=list)
    own_cpu: float = 0


Arrivals = dict[tuple[int, int], list[float]]


async def watch(order: Order) -> Seen:
    """Let one viewer for each token wait for part after part."""
    seen = Seen()
    arrivals: Arrivals = defaultdict(list)
    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_wait(order, token, arrivals, seen) for token in order.tokens))
    seen.own_cpu = (time.process_time() - cpu) / (time.perf_counter() - started)
    # They come one by one, in the first segment.
    whole = [times for (msn, _), times in arrivals.items() if msn > order.msn and _is_release(times, order)]
    lags_ms = [1000 * (at - min(times)) for times in whole for at in times]
    if lags_ms:
        seen.parts, seen.p95_ms, seen.last_ms = len(whole), percentile(lags_ms, 0.95), max(lags_ms)
    return seen


def _is_release(times: Sequence[float], order: Order) -> bool:
    return len(times) >= len(order.tokens) * _SHARE_OF_A_RELEASE


async def _wait(order: Order, token: str, arrivals: Arrivals, seen: Seen) -> None:
    try:
        connection = await Connection.open(order.host, order.port)
        try:
            for number in range(order.parts):
                behind, part = divmod(number, order.parts_per_segment)
                moment = (order.msn + behind, part)
                query = f"_HLS_msn={moment[0]}&_HLS_part={moment[1]}"
                answer = await connection.get(f"/m/{token}/{order.playlist}?{query}")
                arrivals[moment].append(time.perf_counter())
                if answer.status != 200:
                    seen.failures.append(f"{answer.status} {query}")
        finally:
            connection.close()
    except (OSError, FetchFailed, TimeoutError) as error:
        seen.failures.append(f"{type(error).__name__}: {error}")


def main() -> None:
    order = Order(**json.load(sys.stdin))
    json.dump(asdict(uvloop.run(watch(order))), sys.stdout)


if __name__ == "__main__":
    main()
