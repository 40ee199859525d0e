"""Fill the database that the environment names with the history; run as a program of its own.

    python -m benchmarks.audience_parts.history_fill DAYS STREAMS

Prints what it came to as lines of JSON.
"""

import json
import os
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - once the apps are loaded
from django.db import connection  # noqa: E402

from analytics import partitions  # noqa: E402
from analytics.models import Subject  # noqa: E402
from benchmarks.audience_parts.history_names import MOVIES, MOVIES_WITH_CURVES, end_of, names_of_streams  # noqa: E402
from portal import clock  # noqa: E402

_DAY = timedelta(days=1)
_DAYS_OF_SESSIONS, _SESSIONS_A_STREAM, _OPEN_SESSIONS = 3, 5000, 2000

# Viewers come and go with the time of day; no two streams have as many.
_SECONDS = """
INSERT INTO analytics_metricsecond (subject_id, at, viewers, sessions, joins, leaves, rebuffering, errors, ingress_bps,
    egress_bps, shown_bps, latency_ms, qualities, is_sealed)
SELECT s.id, t.at, v.n, v.n + v.n / 50, v.n / 900, v.n / 900, v.n / 200, 0, 6000000, v.n::bigint * 4000000, 4000000,
    2500 + v.n %% 700, jsonb_build_object('1080p', v.n * 6 / 10, '720p', v.n * 3 / 10, '480p', v.n / 10),
    t.at < %(sealed_until)s
FROM generate_series(%(first)s::timestamptz, %(last)s::timestamptz, '1 second') AS t (at)
CROSS JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM analytics_subject WHERE kind <> 'MOVIE') AS s
CROSS JOIN LATERAL (
    SELECT (50 * s.place * (1.2 + sin(extract(epoch FROM t.at) / 13750.98) + 0.1 * random()))::int
) AS v (n)
ORDER BY t.at, s.id
"""
_MINUTES = """
INSERT INTO analytics_metricminute (subject_id, at, seconds, viewers_sum, viewers_peak, sessions_peak, joins, leaves,
    rebuffering_sum, errors, ingress_bps, egress_bps, shown_bps, latency_ms, qualities)
SELECT subject_id, date_trunc('minute', at), count(*), sum(viewers), max(viewers), max(sessions), sum(joins),
    sum(leaves), sum(rebuffering), sum(errors), avg(ingress_bps), avg(egress_bps), avg(shown_bps), avg(latency_ms),
    jsonb_build_object('1080p', sum(viewers) * 6 / 10, '720p', sum(viewers) * 3 / 10, '480p', sum(viewers) / 10)
FROM analytics_metricsecond WHERE at BETWEEN %(first)s AND %(last)s GROUP BY 1, 2 ORDER BY 2, 1
"""
_HOURS = """
INSERT INTO analytics_metrichour (subject_id, at, seconds, viewers_sum, viewers_peak, sessions_peak, joins, leaves,
    rebuffering_sum, errors, ingress_bps, egress_bps, shown_bps, latency_ms, qualities)
SELECT subject_id, date_trunc('hour', at), sum(seconds), sum(viewers_sum), max(viewers_peak), max(sessions_peak),
    sum(joins), sum(leaves), sum(rebuffering_sum), sum(errors), avg(ingress_bps), avg(egress_bps), avg(shown_bps),
    avg(latency_ms), '{"1080p": 60000, "720p": 30000, "480p": 10000}'::jsonb
FROM analytics_metricminute GROUP BY 1, 2 ORDER BY 2, 1
"""
_DAY_SUMS = """
INSERT INTO analytics_metricday (subject_id, day, views, viewers, plays, exits, failures, drops, startup_ms, watch_ms,
    stall_ms, stall_count, received_bytes, scores, scored, success_scores, startup_scores, smoothness_scores,
    started_scored, quality_scores, quality_scored)
SELECT s.id, d::date, n, n * 8 / 10, n * 9 / 10, n / 20, n / 20, n / 25, n * 600, n * 900000::bigint, n * 4000, n / 2,
    n * 300000000::bigint, n * 82, n, n * 95, n * 88, n * 80, n, n * 90, n
FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS d
CROSS JOIN analytics_subject AS s
CROSS JOIN LATERAL (SELECT (100 + s.id %% 5000)::int) AS v (n)
ORDER BY d, s.id
"""
_EDGES = """
INSERT INTO analytics_retentionedge (subject_id, day, bucket, views, viewers)
SELECT s.id, d::date, b, CASE b WHEN 0 THEN 600 WHEN 100 THEN -99 ELSE -5 END, CASE b WHEN 0 THEN 500 ELSE -5 END
FROM generate_series(%(first)s::date, %(last)s::date, '1 day') AS d
CROSS JOIN (SELECT id FROM analytics_subject WHERE kind = 'MOVIE' ORDER BY id LIMIT %(curves)s) AS s
CROSS JOIN generate_series(0, 100) AS b
"""
_SESSIONS = """
INSERT INTO analytics_playbacksession (day, session, subject_id, viewer_key, device, country, started_at, last_seen_at,
    ended_at, end_reason, state, first_frame_ms, watch_ms, stall_count, stall_ms, seek_ms, switches_up, switches_down,
    dropped_frames, received_bytes, bitrate_ms, bitrate_kbps, quality, latency_ms, errors, fatal_code, is_business,
    is_renewed, upscale_average, upscale_most, sections, score, score_version)
SELECT (began AT TIME ZONE 'UTC')::date, gen_random_uuid(), s.id, gen_random_uuid(), 'phone', 'TH', began,
    coalesce(ended, %(at)s), ended, CASE WHEN ended IS NULL THEN '' ELSE 'QUIT' END,
    CASE WHEN ended IS NULL THEN 'p' ELSE 'q' END,
    400, 600000, 1, 800, 0, 1, 1, 3, 300000000, 2400000000, 4000, '1080p', 2600, 0, '', false, false, 0.1, 0.3,
    '{}', 82, 1
FROM analytics_subject AS s
CROSS JOIN generate_series(1, %(count)s) AS number
CROSS JOIN LATERAL (SELECT %(at)s::timestamptz - number * %(apart)s * interval '1 second') AS b (began)
CROSS JOIN LATERAL (SELECT CASE WHEN %(open)s THEN NULL ELSE b.began + interval '10 minutes' END) AS o (ended)
WHERE s.name = ANY(%(names)s)
ORDER BY began
"""


def main(days: int, streams: int) -> None:
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    _make_subjects(streams)
    end = end_of(clock.now())
    partitions.make_partitions(end - days * _DAY - _DAY, end + _DAY)
    for number in range(days, 0, -1):
        _fill_day(end - number * _DAY, end)
    _fill_rest(end, days, streams)
    _tell("filling", time.monotonic() - began, "s")
    _tell("rows of seconds", _ask("SELECT count(*) FROM analytics_metricsecond") / 1e6, "million")
    _tell("disk", _ask("SELECT pg_database_size(current_database())") / 1e9, "GB")


def _make_subjects(streams: int) -> None:
    kind = Subject.Kind
    Subject.objects.bulk_create(
        [
            Subject(kind=kind.PORTAL, name="portal"),
            *(Subject(kind=kind.STREAM, name=name, title=f"Stream {name[-4:]}") for name in names_of_streams(streams)),
            *(Subject(kind=kind.MOVIE, name=f"movie:{n}", title=f"Movie {n}") for n in range(1, MOVIES + 1)),
        ]
    )


def _fill_day(start: datetime, end: datetime) -> None:
    span = {"first": start, "last": start + _DAY - timedelta(seconds=1), "sealed_until": end - timedelta(seconds=45)}
    _do("SET work_mem = '256MB'")
    _do(_SECONDS, **span)
    _do(_MINUTES, **span)


def _fill_rest(end: datetime, days: int, streams: int) -> None:
    span = {"first": end - days * _DAY, "last": end}
    _do(_HOURS)
    _do(_DAY_SUMS, **span)
    _do(_EDGES, curves=MOVIES_WITH_CURVES, **span)
    names = names_of_streams(streams)
    apart = min(days, _DAYS_OF_SESSIONS) * 86400 / _SESSIONS_A_STREAM
    _do(_SESSIONS, at=end, names=names, count=_SESSIONS_A_STREAM, apart=apart, open=False)
    _do(_SESSIONS, at=end, names=names[:1], count=_OPEN_SESSIONS, apart=1, open=True)
    # What a question meets was written long ago: the rows are frozen, the statistics known.
    _do("VACUUM (ANALYZE, FREEZE)")


def _do(query: str, **values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)


def _ask(query: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return float(cursor.fetchone()[0])


def _tell(what: str, figure: float, unit: str) -> None:
    print(json.dumps({"what": what, "figure": figure, "unit": unit}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
