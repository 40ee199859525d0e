"""Counts, second after second: reads what is told, tells what it comes to, and has it written."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import redis.asyncio
import structlog
from channels.db import database_sync_to_async
from django.db import InterfaceError, OperationalError

from analytics.audience.directory import live_subjects
from analytics.audience.inbox import Inbox
from analytics.audience.leadership import Leadership
from analytics.audience.outbox import Outbox
from analytics.audience.restoring import Restored, restore
from analytics.audience.samples import RecentSamples
from analytics.audience.telling import tell_counts, tell_pages
from analytics.audience.writing import Writer
from analytics.counting.audience import SEAL_AFTER_S
from analytics.counting.figures import Figures
from analytics.exporting import count_reception, observe_viewers
from analytics.records import KEPT_S
from analytics.store.past import recall_sessions
from portal.outages import OUTAGES, REDIS_OUTAGES

_WAIT_MS = 500
_AGAIN_S = 0.5
# A second is counted as soon as it is over; what came in its last moments is being read then.
_AFTER_SECOND_S = 0.05
_SESSIONS_AT_ONCE = 5000
_OBSERVE_EVERY = timedelta(minutes=1)

log = structlog.get_logger("nova.audience")


class _Deposed(Exception):
    """Another process counts by now."""


class AudienceLoop:
    """One run of counting. Each step can be taken by itself; `run` takes them all, again and again."""

    def __init__(self, restored: Restored, client: redis.asyncio.Redis, *, at: datetime) -> None:
        self.audience = restored.audience
        self._client = client
        self._samples = RecentSamples()
        self._inbox = Inbox(self.audience, self._samples, since_ms=int(at.timestamp() - KEPT_S) * 1000)
        self._outbox = Outbox()
        self._writer = Writer(restored.rolled_to)
        self._latest: tuple[Figures, ...] = ()
        self._observed_at = at

    @classmethod
    async def begin(cls, client: redis.asyncio.Redis, *, at: datetime) -> "AudienceLoop":
        """Restore what is stored, and read the log anew."""
        loop = cls(await database_sync_to_async(restore)(at), client, at=at)
        while await loop.read(wait_ms=None):
            pass
        # Whoever counted before has told how it came.
        loop.audience.take_reception()
        loop.audience.begin()
        return loop

    async def read(self, *, wait_ms: int | None) -> int:
        """Take in what was told; return how much it was."""
        return await self._inbox.take(self._client, wait_ms=wait_ms)

    async def tick(self, at: datetime) -> None:
        """Count the seconds that are over, and let everybody know how many watch."""
        second = int(at.timestamp()) - 1
        figures = self.audience.tick(second)
        self._outbox.put(figures)
        self._outbox.put(self.audience.seal(second - SEAL_AFTER_S))
        self._latest = tuple(each for each in figures if each.second == second)
        reception = self.audience.take_reception()
        if reception.turned_away:
            log.error("audience.full", turned_away=reception.turned_away)
        count_reception(reception)
        await tell_counts(self._client, self.audience.counts(), second=second)

    async def tell(self, at: datetime) -> None:
        """Tell open pages of the latest second."""
        known, samples = self._writer.known, self._samples.latest(int(at.timestamp() * 1000))
        changed, figures, self._latest = self.audience.take_changed(known), self._latest, ()
        try:
            await database_sync_to_async(tell_pages)(changed, figures, known, samples, at=at)
        except OUTAGES:
            self.audience.forget_told(changed)
            raise

    async def write(self, at: datetime) -> None:
        """Have it written what is new. Raises OperationalError or InterfaceError, and writes it the next time."""
        await self._recall_unread()
        figures, sessions = self._outbox.take(), self.audience.take_unwritten(_SESSIONS_AT_ONCE)
        subjects = {each.subject for each in figures} | {session.subject for session in sessions}
        subjects |= self.audience.live.tallies.keys()
        try:
            await database_sync_to_async(self._writer.learn)(subjects, at=at)
            # Here, as they change in this thread alone.
            rows = self._writer.rows(sessions)
            await database_sync_to_async(self._writer.write)(figures, rows, at=at)
        except BaseException:
            self._outbox.put_back(figures)
            self.audience.unwritten.update(session.id for session in sessions)
            raise
        self.audience.forget_over(sessions)

    async def observe(self, at: datetime) -> None:
        """Let metrics know, once a minute, how many watch each live stream."""
        if at - self._observed_at < _OBSERVE_EVERY:
            return
        live, counts = await database_sync_to_async(live_subjects)(), self.audience.counts()
        observe_viewers(counts[name].viewers if name in counts else 0 for name in live)
        self._observed_at = at

    async def run(self, leadership: Leadership, *, now: Callable[[], datetime]) -> None:
        """Count until this is cancelled, or another process counts."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read_on())
                tasks.create_task(self._tick_on(now))
                tasks.create_task(self._write_on(now))
                tasks.create_task(_hold(leadership))
        except* _Deposed:
            log.warning("audience.deposed")

    async def _recall_unread(self) -> None:
        ids = list(self.audience.unread)
        if ids:
            for session, past in await database_sync_to_async(recall_sessions)(ids):
                self.audience.recall(session, past)
            self.audience.unread.difference_update(ids)

    async def _read_on(self) -> None:
        while True:
            try:
                await self.read(wait_ms=_WAIT_MS)
            except REDIS_OUTAGES as error:
                log.warning("audience.redis_away", error=str(error))
                await asyncio.sleep(_AGAIN_S)

    async def _tick_on(self, now: Callable[[], datetime]) -> None:
        telling: asyncio.Task[None] | None = None
        while True:
            await asyncio.sleep(1 + _AFTER_SECOND_S - now().timestamp() % 1)
            at = now()
            try:
                await self.tick(at)
            except REDIS_OUTAGES as error:
                log.warning("audience.counts_untold", error=str(error))
            # While the last telling hangs, as in an outage, nobody waits for it.
            if telling is None or telling.done():
                telling = asyncio.create_task(self._tell_if_possible(at))

    async def _tell_if_possible(self, at: datetime) -> None:
        try:
            await self.tell(at)
        except OUTAGES as error:
            log.warning("audience.pages_untold", error=str(error))

    async def _write_on(self, now: Callable[[], datetime]) -> None:
        while True:
            try:
                await self.write(now())
                await self.observe(now())
            except (OperationalError, InterfaceError) as error:
                log.warning("audience.unwritten", error=str(error))
            await asyncio.sleep(1)


async def _hold(leadership: Leadership) -> None:
    while True:
        if await leadership.is_held() is False:
            raise _Deposed
        await asyncio.sleep(1)
