"""Writes what a live stream makes into the store of segments, without the event loop or a viewer waiting for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from functools import partial
from itertools import chain, repeat
from typing import Any

import structlog

from portal.errors import PortalError, Transient
from streaming.runtime.segment_store import SegmentStore

log = structlog.get_logger("nova.live")

# One after the other for each of these: a store far away is reached side by side.
_WRITERS = 3
# What a store that does not answer may make us keep in memory for one stream: half a minute of three rungs.
_MOST_WAITING_BYTES = 64 * 1024 * 1024
# The last one again and again.
_RETRY_DELAYS_S = (0.2, 1.0, 3.0)
# When a stream has ended: so long it waits for a store that is away.
_SETTLE_WITHIN_S = 60.0


class Recorder:
    """Keeps one stream's files on their way to the store.

    While a store is away it tries again and again, as long as there is room for what waits. What finds no room is lost
    and counted: viewers go on, and whoever makes a film of the recording learns what it lacks.
    """

    def __init__(self, store: SegmentStore, executor: Executor, *, path: str) -> None:
        self._store, self._executor, self._path = store, executor, path
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._waiting_bytes = 0
        self._writers: set[asyncio.Task[None]] = set()
        self._has_given_up = self._is_abandoned = False
        self.lost: list[str] = []

    @property
    def is_behind(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._writers)

    def write(self, name: str, content: bytes) -> None:
        """Hand over a file; `name` is relative to the package."""
        if self._is_abandoned:
            return
        if self._waiting_bytes + len(content) > _MOST_WAITING_BYTES:
            self._lose(name, "no room")
            return
        self._waiting.append((name, content))
        self._waiting_bytes += len(content)
        if len(self._writers) < _WRITERS:
            self._begin(self._write_all())

    def remove(self, names: list[str]) -> None:
        """Delete files of a stream that is not kept."""
        if self._is_abandoned:
            return
        paths = [f"{self._path}/{name}" for name in names]
        self._begin(self._in_thread(partial(self._store.remove_all, paths)))

    async def settle(self, *, within_s: float = _SETTLE_WITHIN_S) -> None:
        """Wait for everything that was handed over; what cannot be written by then is lost."""
        deadline = asyncio.get_running_loop().call_later(within_s, self._give_up)
        try:
            while self._writers:
                await asyncio.wait(self._writers)
        finally:
            deadline.cancel()
            self._has_given_up = self._is_abandoned

    def abandon(self) -> None:
        """Write nothing more, nor what waits already: the files are somebody else's now."""
        self._is_abandoned = self._has_given_up = True
        self._waiting.clear()
        self._waiting_bytes = 0

    def _give_up(self) -> None:
        self._has_given_up = True

    def _begin(self, work: Coroutine[Any, Any, Any]) -> None:
        writer = asyncio.ensure_future(work)
        self._writers.add(writer)
        writer.add_done_callback(self._writers.discard)

    async def _write_all(self) -> None:
        while self._waiting:
            name, content = self._waiting.popleft()
            try:
                await self._write(name, content)
            finally:
                self._waiting_bytes -= len(content)

    async def _write(self, name: str, content: bytes) -> None:
        delays_s = chain(_RETRY_DELAYS_S, repeat(_RETRY_DELAYS_S[-1]))
        while True:
            try:
                await self._in_thread(partial(self._store.write, f"{self._path}/{name}", content))
            except (PortalError, OSError) as error:
                if self._has_given_up or not isinstance(error, Transient | OSError):
                    self._lose(name, type(error).__name__)
                    return
                await asyncio.sleep(next(delays_s))
            else:
                return

    def _lose(self, name: str, error: str) -> None:
        self.lost.append(name)
        log.error("live.recording_lost", name=name, error=error, waiting_bytes=self._waiting_bytes)

    async def _in_thread(self, work: Callable[[], object]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._executor, work)
