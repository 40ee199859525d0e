"""The partitions of tables that grow by the second: made ahead of time, and dropped whole when they are too old."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from django.db import connection
from psycopg import sql

# So far ahead there is always room: whoever makes it may be down for a long weekend.
DAYS_AHEAD = 3
# In one transaction nobody makes what another is making: any number, the same everywhere.
_LOCK = 4_870_112_006


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionedTable:
    """A table with a partition for each day or month (UTC), named by it: `<table>_20261122` or `<table>_202611`."""

    name: str
    span: Literal["day", "month"]

    def start_of(self, day: date) -> date:
        return day if self.span == "day" else day.replace(day=1)

    def after(self, start: date) -> date:
        return start + timedelta(days=1) if self.span == "day" else (start + timedelta(days=32)).replace(day=1)

    def partition_of(self, start: date) -> str:
        return f"{self.name}_{start:%Y%m%d}" if self.span == "day" else f"{self.name}_{start:%Y%m}"

    def starts(self, first: date, last: date) -> Iterator[date]:
        start = self.start_of(first)
        while start <= last:
            yield start
            start = self.after(start)


SECONDS = PartitionedTable(name="analytics_metricsecond", span="day")
MINUTES = PartitionedTable(name="analytics_metricminute", span="month")
SESSIONS = PartitionedTable(name="analytics_playbacksession", span="day")
TABLES = (SECONDS, MINUTES, SESSIONS)


def make_partitions(first: datetime, last: datetime) -> None:
    """Make room for rows of those days in every table; what is there stays."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            for table in TABLES:
                for start in table.starts(first.astimezone(UTC).date(), last.astimezone(UTC).date()):
                    cursor.execute(_creation(table, start))
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def make_partitions_ahead(*, at: datetime) -> None:
    """Make room from yesterday, of which sessions may still be told, to some days ahead."""
    make_partitions(at - timedelta(days=1), at + timedelta(days=DAYS_AHEAD))


def days_ahead(*, at: datetime) -> int:
    """Return for how many days after this one there is room in every table; -1 if not even for this one."""
    today = at.astimezone(UTC).date()
    ends = [table.after(start) for table in TABLES for _, start in existing(table)[-1:]]
    return min(((end - today).days - 1 for end in ends), default=-1) if len(ends) == len(TABLES) else -1


def drop_partitions(table: PartitionedTable, *, before: datetime) -> list[str]:
    """Drop those that hold nothing but rows of before that moment; return their names."""
    last = before.astimezone(UTC).date()
    dropped = [name for name, start in existing(table) if table.after(start) <= last]
    with connection.cursor() as cursor:
        for name in dropped:
            cursor.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
    return dropped


def existing(table: PartitionedTable) -> list[tuple[str, date]]:
    """Return the partitions of a table with the days they begin on, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [table.name])
        names = sorted(name for (name,) in cursor.fetchall())
    return [(name, _start(name)) for name in names]


def _start(partition: str) -> date:
    digits = re.search(r"_(\d{6}|\d{8})$", partition)
    if digits is None:
        raise ValueError(f"{partition} is no partition of ours")
    whole = digits[1] if len(digits[1]) == 8 else f"{digits[1]}01"
    return date(int(whole[:4]), int(whole[4:6]), int(whole[6:]))


def _creation(table: PartitionedTable, start: date) -> sql.Composed:
    return sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
        sql.Identifier(table.partition_of(start)),
        sql.Identifier(table.name),
        sql.Literal(f"{start}{'' if table is SESSIONS else ' 00:00:00+00'}"),
        sql.Literal(f"{table.after(start)}{'' if table is SESSIONS else ' 00:00:00+00'}"),
    )
