"""Sealed seconds rolled up to minutes, and minutes to hours: each is made as a whole, as often as one likes."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from analytics.counting.figures import MOST_QUALITIES
from analytics.models import MetricHour, MetricMinute, MetricSecond

_VALUES = (
    "seconds",
    "viewers_sum",
    "viewers_peak",
    "sessions_peak",
    "joins",
    "leaves",
    "rebuffering_sum",
    "errors",
    "ingress_bps",
    "egress_bps",
    "shown_bps",
    "latency_ms",
    "qualities",
)
# An average over what was told alone: each row counts by its weight.
_AVERAGE = "round(sum({name}::numeric * {weight}) / nullif(sum({weight}) FILTER (WHERE {name} IS NOT NULL), 0))"
_FROM_SECONDS = {
    "seconds": "count(*)",
    "viewers_sum": "sum(viewers)",
    "viewers_peak": "max(viewers)",
    "sessions_peak": "max(sessions)",
    "joins": "sum(joins)",
    "leaves": "sum(leaves)",
    "rebuffering_sum": "sum(rebuffering)",
    "errors": "sum(errors)",
    "ingress_bps": "round(avg(ingress_bps))",
    "egress_bps": "round(avg(egress_bps))",
    "shown_bps": _AVERAGE.format(name="shown_bps", weight="sessions"),
    "latency_ms": _AVERAGE.format(name="latency_ms", weight="sessions"),
}
_FROM_MINUTES = {
    "seconds": "sum(seconds)",
    "viewers_sum": "sum(viewers_sum)",
    "viewers_peak": "max(viewers_peak)",
    "sessions_peak": "max(sessions_peak)",
    "joins": "sum(joins)",
    "leaves": "sum(leaves)",
    "rebuffering_sum": "sum(rebuffering_sum)",
    "errors": "sum(errors)",
    "ingress_bps": _AVERAGE.format(name="ingress_bps", weight="seconds"),
    "egress_bps": _AVERAGE.format(name="egress_bps", weight="seconds"),
    "shown_bps": _AVERAGE.format(name="shown_bps", weight="viewers_sum"),
    "latency_ms": _AVERAGE.format(name="latency_ms", weight="viewers_sum"),
}


def _rollup(source: str, target: str, span: str, sums: dict[str, str], kept: str) -> str:
    return f"""
        WITH told AS (
            SELECT *, date_trunc('{span}', at, 'UTC') AS start FROM {source}
            WHERE {kept} at >= %(first)s AND at < %(end)s
        ), shown AS (
            SELECT subject_id, start, jsonb_object_agg(name, number) AS qualities FROM (
                SELECT subject_id, start, name, sum(count::bigint) AS number,
                    row_number() OVER (PARTITION BY subject_id, start ORDER BY sum(count::bigint) DESC, name) AS place
                FROM told, jsonb_each_text(qualities) AS each(name, count) GROUP BY subject_id, start, name
            ) AS each WHERE place <= {MOST_QUALITIES} GROUP BY subject_id, start
        )
        INSERT INTO {target} (subject_id, at, {", ".join(_VALUES)})
        SELECT subject_id, start, {", ".join(sums[name] for name in _VALUES[:-1])}, coalesce(
            (SELECT qualities FROM shown WHERE shown.subject_id = told.subject_id AND shown.start = told.start), '{{}}'
        )
        FROM told GROUP BY subject_id, start
        ON CONFLICT (subject_id, at) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _VALUES)}
    """


_SECONDS_TABLE, _MINUTES_TABLE = MetricSecond._meta.db_table, MetricMinute._meta.db_table
_MINUTES = _rollup(_SECONDS_TABLE, _MINUTES_TABLE, "minute", _FROM_SECONDS, "is_sealed AND")
_HOURS = _rollup(_MINUTES_TABLE, MetricHour._meta.db_table, "hour", _FROM_MINUTES, "")


def roll_up(first: datetime, last: datetime) -> None:
    """Make the minutes and hours anew in which these moments lie, and all between them."""
    minute, hour = _floor(first, 60), _floor(first, 3600)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MINUTES, {"first": minute, "end": _floor(last, 60) + timedelta(minutes=1)})
        cursor.execute(_HOURS, {"first": hour, "end": _floor(last, 3600) + timedelta(hours=1)})


def _floor(moment: datetime, span_s: int) -> datetime:
    return moment - timedelta(seconds=moment.timestamp() % span_s)
