"""Requests that wait for a part which is not there yet (RFC 8216bis, 6.2.5.2)."""

import asyncio
from collections.abc import Callable

from streaming.media.live.window import Edge


class Waiters:
    """Many wait for few parts: each is looked at once, however many wait for it."""

    def __init__(self) -> None:
        self._waiting: dict[Edge, set[asyncio.Future[bool]]] = {}

    @property
    def count(self) -> int:
        return sum(map(len, self._waiting.values()))

    async def wait(self, place: Edge, *, timeout_s: float) -> bool:
        """Return whether the place was reached in time."""
        loop = asyncio.get_running_loop()
        reached: asyncio.Future[bool] = loop.create_future()
        self._waiting.setdefault(place, set()).add(reached)
        # A timer for each, rather than `asyncio.timeout`, which costs several times as much.
        timer = loop.call_later(timeout_s, _settle, reached, False)
        try:
            return await reached
        finally:
            timer.cancel()
            self._forget(place, reached)

    def release(self, is_reached: Callable[[Edge], bool]) -> None:
        """Let those go on whose place has been reached."""
        for place in [place for place in self._waiting if is_reached(place)]:
            for reached in self._waiting.pop(place):
                _settle(reached, True)

    def _forget(self, place: Edge, reached: "asyncio.Future[bool]") -> None:
        others = self._waiting.get(place)
        if others is not None:
            others.discard(reached)
            if not others:
                del self._waiting[place]


def _settle(reached: "asyncio.Future[bool]", result: bool) -> None:
    if not reached.done():
        reached.set_result(result)
