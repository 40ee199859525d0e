"""What of a live stream is stored: its segments, and now and then what is needed to go on with them after a loss."""

import asyncio
import json
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog

from streaming.media.errors import MediaFault
from streaming.media.index_json import format_index
from streaming.media.live.plan import LivePlan, live_plan_from_json
from streaming.media.live.ready import InitReady, Ready, SegmentReady
from streaming.media.live.recording import Recording
from streaming.media.live.runs import format_runs
from streaming.media.live.timing import LiveTiming
from streaming.media.package_index import PackageIndex
from streaming.media.package_plan import PlanOfAnotherVersion
from streaming.origin.live.recorder import Recorder
from streaming.runtime.package_writer import playlists_of
from streaming.runtime.segment_store import SegmentStore
from streaming.runtime.stored_recordings import RUNS, read_recording

log = structlog.get_logger("nova.live")
_Result = TypeVar("_Result")

_PLAN, _INDEX = "plan.json", "index.json"
_MEDIA = (".m4s", ".mp4")
# An index is written when the last one lacks so many segments of each track, or such a share of all: what it lacks is
# read from the segments themselves, and the index of a long stream is large.
_INDEX_EVERY, _INDEX_SHARE = 10, 0.05


class CannotTakeUp(Exception):
    """There is something of a stream, and nobody can go on with it: it must not be written over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What an origin that is no more has left of a stream."""

    plan: LivePlan
    recording: Recording
    index: PackageIndex


class Archive:
    """The files of one stream. What is `is_kept` becomes a recording; of others only what can be watched is kept.

    Attributes:
        recording: what is stored so far; None until it has begun.
        is_cut: something could not be stored: the recording ends before it.
    """

    def __init__(
        self,
        store: SegmentStore,
        threads: Executor,
        *,
        package_hex: str,
        is_kept: bool,
        on_cut: Callable[[], None] | None = None,
    ) -> None:
        """`on_cut` is called when the recording will lack something for the first time."""
        self._store, self._threads, self._is_kept = store, threads, is_kept
        self._path = f"packages/{package_hex}"
        self._recorder = Recorder(store, threads, path=self._path, on_lost=self._note_lost)
        self._on_cut = on_cut
        self.is_cut = False
        self.recording: Recording | None = None
        self._plan: LivePlan | None = None
        self._indexed_segments = 0
        self._is_index_due = True
        self._removed_msn = 0

    async def take_up(self, timing: LiveTiming) -> Stored | None:
        """Return what there is already; None if nobody can have seen anything of it yet.

        Raises CannotTakeUp, PackageStorageUnreachable, PackageStorageRefused.
        """
        stored = await self._in_thread(partial(self._read, timing))
        if stored is not None:
            self._plan, self.recording = stored.plan, stored.recording
        return stored

    def _read(self, timing: LiveTiming) -> Stored | None:
        try:
            self._store.read(f"{self._path}/{_INDEX}")
        except FileNotFoundError:
            return None
        try:
            plan = live_plan_from_json(json.loads(self._store.read(f"{self._path}/{_PLAN}")))
            recording = read_recording(self._store, self._path, timing, is_kept=self._is_kept)
            return Stored(plan=plan, recording=recording, index=recording.index(is_whole=False))
        except (FileNotFoundError, MediaFault, PlanOfAnotherVersion, ValueError) as error:
            raise CannotTakeUp(f"{type(error).__name__}: {error}") from error

    def begin(self, plan: LivePlan, timing: LiveTiming) -> None:
        """Begin with nothing."""
        self._plan, self.recording = plan, Recording(plan.outputs, timing)

    def add(self, made: Iterable[Ready]) -> None:
        """Store what is to stay."""
        assert self.recording is not None
        closes = False
        for ready in made:
            if isinstance(ready, InitReady | SegmentReady):
                self._recorder.write(ready.name, ready.content)
                closes |= isinstance(ready, SegmentReady)
        self.recording.add(made)
        if closes:
            self._index_now_and_then(self.recording)

    def note_run(self) -> None:
        """Learn that a run of the encoder begins: an index that was written before it may not tell how it goes on."""
        self._is_index_due = True

    def _index_now_and_then(self, recording: Recording) -> None:
        lacking = self._segments - self._indexed_segments
        if self._is_index_due or lacking >= max(_INDEX_EVERY, self._segments * _INDEX_SHARE):
            self._is_index_due, self._indexed_segments = False, self._segments
            self._write_index(recording)

    def _write_index(self, recording: Recording) -> None:
        """Write what a later origin goes on with. Whatever is wrong with it, viewers go on."""
        if self._plan is not None:
            self._recorder.write(_PLAN, json.dumps(self._plan.to_json()).encode())
        # That of a long stream takes a second to make.
        snapshot = recording.snapshot()
        self._recorder.write(RUNS, format_runs(snapshot.runs).encode())
        self._recorder.write_made(_INDEX, lambda: format_index(snapshot.index(is_whole=False)).encode())

    @property
    def _segments(self) -> int:
        """How many there are of each track."""
        return self.recording.common_count if self.recording else 0

    def forget_before(self, msn: int) -> None:
        """Delete what nobody can watch any more of a stream that is not kept."""
        if self._is_kept or self.recording is None or msn <= self._removed_msn + 1:
            return
        names = [
            f"{output.name}/{number}.m4s"
            for output in self.recording.outputs
            for number in range(self._removed_msn + 1, msn)
        ]
        self._removed_msn = msn - 1
        self._recorder.remove(names)

    async def suspend(self) -> None:
        """Leave what another origin, or this one after a restart, can go on with."""
        if self.recording is not None and self._segments:
            self._write_index(self.recording)
        await self._recorder.settle()

    async def finish(self) -> PackageIndex | None:
        """Make a whole package of what is stored; None where nothing is to be kept, or a worker has to try again."""
        await self._recorder.settle()
        if not self._is_kept or self.recording is None:
            return None
        for name in self._recorder.lost:
            self.recording.end_before_file(name)
        if not self._segments:
            return None
        index = await self._in_thread(partial(self.recording.index, is_whole=True))
        before = len(self._recorder.lost)
        for name, content in await self._in_thread(lambda: list(playlists_of(index))):
            # Each is safe before the next one names it.
            self._recorder.write(name, content)
            await self._recorder.settle()
        if len(self._recorder.lost) > before:
            log.error("live.recording_incomplete", path=self._path, lost=self._recorder.lost[before:])
            return None
        return index

    def _note_lost(self, name: str) -> None:
        if self._is_kept and not self.is_cut and name.endswith(_MEDIA):
            self.is_cut = True
            if self._on_cut is not None:
                self._on_cut()

    def abandon(self) -> None:
        """Change nothing of what is stored any more."""
        self._recorder.abandon()

    async def discard(self) -> None:
        """Delete what is not to be kept, when nobody can watch it any more."""
        if not self._is_kept:
            await self._in_thread(lambda: self._store.remove_all(list(self._store.list(self._path))))

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
