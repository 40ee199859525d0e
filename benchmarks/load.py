"""People at a portal, many at once, and how long each of their requests takes.

One event loop and one kept-open connection for each person. A person asks, reads for a while, asks again; the time from
the sending of a request to the last byte of its answer counts.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

import httpx

_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what kind of request it is, its path, and how long the person waits afterwards."""

    kind: str
    path: str
    then_s: float


@dataclass(slots=True, kw_only=True)
class Outcome:
    """`times_s` by kind; `failures` are "status path". `own_cpu` is the share of a core that the driver itself used."""

    times_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    seconds: float = 0
    own_cpu: float = 0

    @property
    def count(self) -> int:
        return sum(map(len, self.times_s.values()))


# What one person does next: given their own lot, some requests.
Behaviour = Callable[[Random], Iterable[Ask]]


async def visit(url: str, behaviour: Behaviour, *, people: int, seconds: float, is_patient: bool = True) -> Outcome:
    """Let `people` use the portal at `url` for so long. Those who are not patient never wait: that is its capacity."""
    outcome = Outcome()
    started, cpu = time.monotonic(), time.process_time()
    until = started + seconds

    async def one(number: int) -> None:
        lot = Random(number)
        # They do not all arrive in the same moment, but within the time that they think.
        await asyncio.sleep(lot.uniform(0, 5) if is_patient else 0)
        # Nothing is encrypted here, and a hundred lists of authorities would be read for nothing.
        async with httpx.AsyncClient(base_url=url, timeout=_TIMEOUT_S, headers=_HEADERS, verify=False) as client:
            while True:
                for ask in behaviour(lot):
                    await _send(client, ask, outcome)
                    await asyncio.sleep(ask.then_s if is_patient else 0)
                if time.monotonic() >= until:
                    return

    await asyncio.gather(*(one(number) for number in range(people)))
    outcome.seconds = time.monotonic() - started
    outcome.own_cpu = (time.process_time() - cpu) / outcome.seconds
    return outcome


_HEADERS = {"Accept-Language": "en", "User-Agent": "nova-benchmark"}


async def _send(client: httpx.AsyncClient, ask: Ask, outcome: Outcome) -> None:
    started = time.monotonic()
    try:
        response = await client.get(ask.path)
    except httpx.HTTPError as error:
        outcome.failures.append(f"{type(error).__name__} {ask.path}")
        return
    outcome.times_s[ask.kind].append(time.monotonic() - started)
    if response.status_code != 200:
        outcome.failures.append(f"{response.status_code} {ask.path}")
