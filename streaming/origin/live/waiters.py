"""Requests that wait for a part which is not there yet (RFC 8216bis, 6.2.5.2)."""

import asyncio
from collections.abc import Callable

from streaming.media.live.window import Edge


class _Place:
    """Those who wait for one part, in the order in which they came, each with the moment until which he waits.

    One timer serves them all: it looks after the one who has waited longest.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.until_s: dict[asyncio.Future[bool], float] = {}
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def add(self, timeout_s: float) -> asyncio.Future[bool]:
        reached: asyncio.Future[bool] = self._loop.create_future()
        until_s = self.until_s[reached] = self._loop.time() + timeout_s
        if self._timer is None:
            self._timer = self._loop.call_at(until_s, self._give_up)
        return reached

    def _give_up(self) -> None:
        """Tell those that they have waited long enough, and look again when the next one has."""
        now_s, self._timer = self._loop.time(), None
        for reached, until_s in self.until_s.items():
            if until_s > now_s:
                self._timer = self._loop.call_at(until_s, self._give_up)
                return
            _settle(reached, False)

    def close(self, result: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for reached in self.until_s:
            _settle(reached, result)


class Waiters:
    """Many wait for few parts: each is looked at once, however many wait for it."""

    def __init__(self) -> None:
        self._places: dict[Edge, _Place] = {}

    @property
    def count(self) -> int:
        return sum(len(place.until_s) for place in self._places.values())

    async def wait(self, edge: Edge, *, timeout_s: float) -> bool:
        """Return whether the place was reached in time; all who wait for the same one have as much time."""
        place = self._places.get(edge)
        if place is None:
            place = self._places[edge] = _Place(asyncio.get_running_loop())
        reached = place.add(timeout_s)
        try:
            return await reached
        finally:
            self._forget(edge, place, reached)

    def release(self, is_reached: Callable[[Edge], bool]) -> None:
        """Let those go on whose place has been reached."""
        for edge in [edge for edge in self._places if is_reached(edge)]:
            self._places.pop(edge).close(True)

    def _forget(self, edge: Edge, place: _Place, reached: "asyncio.Future[bool]") -> None:
        # Those whose place was reached went all together.
        if self._places.get(edge) is place:
            del place.until_s[reached]
            if not place.until_s:
                del self._places[edge]
                place.close(False)


def _settle(reached: "asyncio.Future[bool]", result: bool) -> None:
    if not reached.done():
        reached.set_result(result)
