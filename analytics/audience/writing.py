"""Brings what was counted to the database, a batch at a time."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from analytics import partitions
from analytics.audience import directory
from analytics.audience.directory import Known
from analytics.counting.figures import PORTAL, Figures
from analytics.counting.session import Session
from analytics.store.retention import warn_if_they_run_out
from analytics.store.rollups import roll_up
from analytics.store.seconds import moment_of, write_seconds
from analytics.store.sessions import Row, count_viewers, row_of, write_sessions
from analytics.store.subjects import save_subjects

# So old may be what is known of a subject, such as who may see it.
_KNOWN_S = 10
_COUNT_VIEWERS_EVERY = timedelta(minutes=1)
_LOOK_AT_PARTITIONS_EVERY = timedelta(hours=1)


@dataclass(slots=True)
class Writer:
    """Writes in the thread of whoever calls; one call at a time.

    Attributes:
        known: subjects, as they were looked up last.
        rolled_to: the last minute of which rows were made.
    """

    rolled_to: datetime
    known: dict[str, Known] = field(default_factory=dict)
    _ids: dict[str, int] = field(default_factory=dict)
    _known_at: datetime | None = None
    _days: set[date] = field(default_factory=set)
    _viewers_counted_at: datetime | None = None
    _partitions_seen_at: datetime | None = None

    def learn(self, subjects: Collection[str], *, at: datetime) -> None:
        """Look up subjects that are not known yet, and now and then all of them."""
        is_old = self._known_at is None or at - self._known_at >= timedelta(seconds=_KNOWN_S)
        wanted = {name for name in subjects if name != PORTAL and (is_old or name not in self.known)}
        if not wanted and self._ids:
            return
        looked_up = directory.look_up(wanted)
        self._ids |= save_subjects(directory.titles(looked_up))
        if is_old:
            self.known, self._known_at = looked_up, at
        else:
            self.known = {**self.known, **looked_up}

    def rows(self, sessions: Iterable[Session]) -> list[Row]:
        """Return the rows of sessions whose subjects were learned."""
        return [row_of(session, self._ids) for session in sessions]

    def write(self, figures: Collection[Figures], rows: Collection[Row], *, at: datetime) -> None:
        """Write it all, and what follows of it. What is written twice, as some of it failed, does no harm."""
        write_seconds(figures, self._ids)
        if rows:
            self._days |= write_sessions(rows, portal_id=self._ids[PORTAL])
        self._roll_up(figures)
        if _is_due(self._viewers_counted_at, _COUNT_VIEWERS_EVERY, at):
            # After a start nobody knows of which days sessions have ended since viewers were counted.
            restarted = {at.date(), (at - timedelta(days=1)).date()} if self._viewers_counted_at is None else set()
            count_viewers(self._days | restarted)
            self._days, self._viewers_counted_at = set(), at
        if _is_due(self._partitions_seen_at, _LOOK_AT_PARTITIONS_EVERY, at):
            self._see_to_partitions(at)

    def _roll_up(self, figures: Iterable[Figures]) -> None:
        """Make the minutes of which the last second has been sealed by now."""
        sealed = max((each.second for each in figures if each.is_sealed), default=None)
        if sealed is None:
            return
        last = moment_of((sealed + 1) // 60 * 60 - 60)
        if last > self.rolled_to:
            roll_up(self.rolled_to, last)
            self.rolled_to = last

    def _see_to_partitions(self, at: datetime) -> None:
        """Make room also where beat, whose task it is, has not."""
        if warn_if_they_run_out(at=at):
            partitions.make_partitions_ahead(at=at)
        self._partitions_seen_at = at


def _is_due(last: datetime | None, every: timedelta, at: datetime) -> bool:
    return last is None or at - last >= every
