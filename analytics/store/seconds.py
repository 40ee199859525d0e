"""Writes figures of seconds, and the spans that are made of them."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from django.db import connection, transaction

from analytics.counting.figures import Figures
from analytics.models import MetricMinute, MetricSecond
from analytics.store.connecting import copy_rows, fitting

_TABLE = MetricSecond._meta.db_table
_VALUES = (
    "viewers",
    "sessions",
    "joins",
    "leaves",
    "rebuffering",
    "errors",
    "ingress_bps",
    "egress_bps",
    "shown_bps",
    "latency_ms",
    "qualities",
    "is_sealed",
)
_COLUMNS = ("subject_id", "at", *_VALUES)
# What holds is never overwritten: neither by what only seemed so, nor by another process that held itself for the one
# which counts.
_UPSERT = f"""
    INSERT INTO {_TABLE} AS old ({", ".join(_COLUMNS)})
    SELECT DISTINCT ON (subject_id, at) {", ".join(_COLUMNS)} FROM incoming_{_TABLE}
    ORDER BY subject_id, at, is_sealed DESC
    ON CONFLICT (subject_id, at) DO UPDATE
    SET {", ".join(f"{name} = excluded.{name}" for name in _VALUES)}
    WHERE NOT old.is_sealed
"""


def write_seconds(figures: Iterable[Figures], ids: Mapping[str, int]) -> None:
    """Write figures of seconds, in place of what was written of the same before."""
    rows = [_row(each, ids[each.subject]) for each in figures]
    if not rows:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(cursor, _TABLE, _COLUMNS, rows)
        cursor.execute(_UPSERT)


def moment_of(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def last_seconds(at: datetime) -> tuple[int | None, int | None]:
    """Return the last second of the last hour that has figures, and the last with such as hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(at), max(at) FILTER (WHERE is_sealed) FROM {_TABLE} WHERE at > %s - interval '1 hour'", [at]
        )
        last, sealed = cursor.fetchone()
    return _second(last), _second(sealed)


def unsealed_since(at: datetime) -> list[tuple[int, str]]:
    """Return the seconds that have provisional figures, each with the name of a subject of which it has."""
    rows = MetricSecond.objects.filter(at__gte=at, is_sealed=False).values_list("at", "subject__name")
    return [(int(moment.timestamp()), name) for moment, name in rows]


def settle(before: datetime) -> None:
    """Let figures hold as they seemed, where nobody can say any more how it was."""
    MetricSecond.objects.filter(at__lt=before, is_sealed=False).update(is_sealed=True)


def last_minute() -> datetime | None:
    """Return the last minute that was rolled up."""
    return MetricMinute.objects.order_by("-at").values_list("at", flat=True).first()


def _second(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None


def _row(figures: Figures, subject_id: int) -> tuple[object, ...]:
    return (
        subject_id,
        moment_of(figures.second),
        figures.viewers,
        figures.sessions,
        figures.joins,
        figures.leaves,
        figures.rebuffering,
        figures.errors,
        figures.ingress_bps,
        figures.egress_bps,
        fitting(figures.shown_bps),
        fitting(figures.latency_ms),
        json.dumps(dict(figures.qualities)),
        figures.is_sealed,
    )
