"""Writes what a live stream makes into the store of segments, without the event loop or a viewer waiting for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from itertools import chain, repeat
from typing import NamedTuple

import structlog

from portal.errors import PortalError, Transient
from streaming.media.errors import MediaFault
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


class _Work(NamedTuple):
    """Something to be done in the store: a file to be written, if it has a name, or files to be deleted."""

    name: str
    do: Callable[[], object]
    size_bytes: int
    deletes: frozenset[str] = frozenset()


class Recorder:
    """Keeps one stream's files on their way to the store.

    While a store is away it tries again and again, as long as there is room for what waits. What finds no room is lost
    and counted: viewers go on, and whoever makes a film of the recording learns what it lacks.
    """

    def __init__(
        self, store: SegmentStore, executor: Executor, *, path: str, on_lost: Callable[[str], None] | None = None
    ) -> None:
        """`on_lost` is told the name of each file that will never be there."""
        self._store, self._executor, self._path, self._on_lost = store, executor, path, on_lost
        self._waiting: deque[_Work] = deque()
        self._waiting_bytes = 0
        self._busy = 0
        self._being_written: dict[str, asyncio.Future[None]] = {}
        self._writers: set[asyncio.Task[None]] = set()
        self._has_given_up = self._is_abandoned = False
        self.lost: list[str] = []

    @property
    def is_behind(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._writers)

    def write(self, name: str, content: bytes) -> None:
        """Hand over a file; `name` is relative to the package."""
        if self._waiting_bytes + len(content) > _MOST_WAITING_BYTES:
            self._lose(name, "no room")
        else:
            self._add(_Work(name, partial(self._store.write, self._path_of(name), content), len(content)))

    def write_made(self, name: str, make: Callable[[], bytes]) -> None:
        """Have a file made where it is written: what takes long to make must keep nobody waiting."""
        self._add(_Work(name, lambda: self._store.write(self._path_of(name), make()), 0))

    def remove(self, names: list[str]) -> None:
        """Delete files of a stream that is not kept."""
        delete = partial(self._store.remove_all, list(map(self._path_of, names)))
        self._add(_Work("", delete, 0, deletes=frozenset(names)))

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

    def _path_of(self, name: str) -> str:
        return f"{self._path}/{name}"

    def _give_up(self) -> None:
        self._has_given_up = True

    def _add(self, work: _Work) -> None:
        if self._is_abandoned:
            return
        self._waiting.append(work)
        self._waiting_bytes += work.size_bytes
        if self._busy < _WRITERS:
            self._busy += 1
            writer = asyncio.ensure_future(self._do_all())
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)

    async def _do_all(self) -> None:
        try:
            while self._waiting:
                work = self._waiting.popleft()
                await self._until_written(work.deletes)
                with self._writing(work.name):
                    await self._do(work)
                # What was abandoned meanwhile counts no more.
                self._waiting_bytes = max(0, self._waiting_bytes - work.size_bytes)
        finally:
            self._busy -= 1

    async def _until_written(self, names: frozenset[str]) -> None:
        """Wait for the other writers: what they write after it was deleted would stay for ever."""
        if written := [self._being_written[name] for name in names & self._being_written.keys()]:
            await asyncio.wait(written)

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        self._being_written[name] = written = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            written.set_result(None)
            # The same name may be written again meanwhile, as playlists are.
            if self._being_written.get(name) is written:
                del self._being_written[name]

    async def _do(self, work: _Work) -> None:
        delays_s = chain(_RETRY_DELAYS_S, repeat(_RETRY_DELAYS_S[-1]))
        while True:
            try:
                await asyncio.get_running_loop().run_in_executor(self._executor, work.do)
            except (PortalError, OSError) as error:
                if self._has_given_up or not isinstance(error, Transient | OSError):
                    self._lose(work.name, type(error).__name__)
                    return
                await asyncio.sleep(next(delays_s))
            except MediaFault as error:
                log.error("live.index_impossible", path=self._path, name=work.name, error=str(error))
                return
            else:
                return

    def _lose(self, name: str, error: str) -> None:
        log.error("live.recording_lost", name=name, error=error, waiting_bytes=self._waiting_bytes)
        if name and not self._is_abandoned:
            self.lost.append(name)
            if self._on_lost is not None:
                self._on_lost(name)
