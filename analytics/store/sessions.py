"""Writes sessions, and with those that end the figures of their day and the curves of what was watched.

A session that goes on after it had ended is taken out of those sums, and is added anew when it ends again. So they are
always what the sessions come to that are over, whatever is written twice or breaks off.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection, transaction

from analytics.counting.figures import PORTAL
from analytics.counting.session import Session
from analytics.models import MetricDay, PlaybackSession, RetentionEdge
from analytics.models.playback_session import day_of
from analytics.score import Attempt, score_of
from analytics.store.connecting import copy_rows, fitting

_TABLE = PlaybackSession._meta.db_table
_DAYS, _EDGES = MetricDay._meta.db_table, RetentionEdge._meta.db_table
_KEY = ("day", "session")
# What grows: whoever writes late does not take anything back.
_SUMS = (
    "last_seen_at",
    "watch_ms",
    "stall_count",
    "stall_ms",
    "seek_ms",
    "switches_up",
    "switches_down",
    "dropped_frames",
    "received_bytes",
    "bitrate_ms",
    "errors",
    "upscale_most",
    "is_renewed",
)
# What is said once, and not taken back either.
_FIRST = ("first_frame_ms", "length_ms")
SCORE_COLUMNS = ("score", "score_version", "score_success", "score_startup", "score_smoothness", "score_quality")
_LAST = (
    "ended_at",
    "end_reason",
    "state",
    "interval_s",
    "bitrate_kbps",
    "quality",
    "latency_ms",
    "fatal_code",
    "is_business",
    "upscale_average",
    "sections",
    *SCORE_COLUMNS,
)
_ONCE = ("subject_id", "viewer_key", "user_id", "device", "country", "started_at")
COLUMNS = (*_KEY, *_ONCE, *_SUMS, *_FIRST, *_LAST)
_SETS = (
    *(f"{name} = greatest(old.{name}, excluded.{name})" for name in _SUMS),
    *(f"{name} = coalesce(old.{name}, excluded.{name})" for name in _FIRST),
    *(f"{name} = excluded.{name}" for name in _LAST),
)
_MAKE_CHANGED = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS changed_sessions AS
    SELECT 1 AS sign, {", ".join(COLUMNS)} FROM {_TABLE} WITH NO DATA
"""
# Statements of one query see the same state of the table: `before` what was there before `after` is written.
_UPSERT = f"""
    WITH before AS (
        SELECT {", ".join(f"old.{name}" for name in COLUMNS)} FROM {_TABLE} AS old
        JOIN incoming_{_TABLE} AS new ON (old.day, old.session) = (new.day, new.session)
        WHERE old.ended_at IS NOT NULL
    ), after AS (
        INSERT INTO {_TABLE} AS old ({", ".join(COLUMNS)})
        SELECT {", ".join("person.id" if name == "user_id" else f"new.{name}" for name in COLUMNS)}
        FROM incoming_{_TABLE} AS new LEFT JOIN portal_user AS person ON person.id = new.user_id
        ON CONFLICT (day, session) DO UPDATE SET {", ".join(_SETS)}
        RETURNING {", ".join(f"old.{name}" for name in COLUMNS)}
    )
    INSERT INTO changed_sessions
    SELECT -1, * FROM before UNION ALL SELECT 1, * FROM after WHERE ended_at IS NOT NULL
"""
_DAY_SUMS = {
    "views": "CASE WHEN is_renewed THEN 0 ELSE sign END",
    "plays": "CASE WHEN first_frame_ms IS NOT NULL AND NOT is_renewed THEN sign ELSE 0 END",
    "exits": "CASE WHEN first_frame_ms IS NULL AND NOT is_renewed AND end_reason <> 'FAILED' THEN sign ELSE 0 END",
    "failures": "CASE WHEN end_reason = 'FAILED' AND NOT is_business THEN sign ELSE 0 END",
    "drops": "CASE WHEN end_reason = 'SILENT' THEN sign ELSE 0 END",
    "startup_ms": "sign * coalesce(first_frame_ms, 0)",
    "watch_ms": "sign * watch_ms",
    "stall_ms": "sign * stall_ms",
    "stall_count": "sign * stall_count",
    "received_bytes": "sign * received_bytes",
    "scores": "sign * coalesce(score, 0)",
    "scored": "CASE WHEN score IS NOT NULL THEN sign ELSE 0 END",
    "success_scores": "sign * coalesce(score_success, 0)",
    "startup_scores": "sign * coalesce(score_startup, 0)",
    "smoothness_scores": "sign * coalesce(score_smoothness, 0)",
    "started_scored": "CASE WHEN score_startup IS NOT NULL THEN sign ELSE 0 END",
    "quality_scores": "sign * coalesce(score_quality, 0)",
    "quality_scored": "CASE WHEN score_quality IS NOT NULL THEN sign ELSE 0 END",
}
# A view counts for its subject and for the portal.
_ADD_TO_DAYS = f"""
    INSERT INTO {_DAYS} AS old (subject_id, day, viewers, {", ".join(_DAY_SUMS)})
    SELECT whole.id, day, 0, {", ".join(f"sum({value})" for value in _DAY_SUMS.values())}
    FROM changed_sessions AS c CROSS JOIN LATERAL (VALUES (c.subject_id), (%(portal)s)) AS whole(id)
    GROUP BY whole.id, day
    ON CONFLICT (subject_id, day)
    DO UPDATE SET {", ".join(f"{name} = old.{name} + excluded.{name}" for name in _DAY_SUMS)}
"""
_ADD_TO_EDGES = f"""
    WITH spans AS (
        SELECT sign, subject_id, day, session,
            least(sections[n]::bigint * 100 / length_ms, 99)::int AS first,
            least((sections[n + 1]::bigint - 1) * 100 / length_ms, 99)::int + 1 AS behind
        FROM changed_sessions, generate_series(1, cardinality(sections), 2) AS n
        WHERE length_ms > 0 AND sections[n + 1] > sections[n]
    ), seen AS (
        SELECT sign, subject_id, day, unnest(range_agg(int4range(first, behind))) AS span
        FROM spans GROUP BY sign, subject_id, day, session
    ), edges AS (
        SELECT subject_id, day, first AS bucket, sign AS views, 0 AS viewers FROM spans
        UNION ALL SELECT subject_id, day, behind, -sign, 0 FROM spans
        UNION ALL SELECT subject_id, day, lower(span), 0, sign FROM seen
        UNION ALL SELECT subject_id, day, upper(span), 0, -sign FROM seen
    )
    INSERT INTO {_EDGES} AS old (subject_id, day, bucket, views, viewers)
    SELECT subject_id, day, bucket, sum(views), sum(viewers) FROM edges GROUP BY subject_id, day, bucket
    HAVING sum(views) <> 0 OR sum(viewers) <> 0
    ON CONFLICT (subject_id, day, bucket)
    DO UPDATE SET views = old.views + excluded.views, viewers = old.viewers + excluded.viewers
"""
_COUNT_VIEWERS = f"""
    WITH watched AS (SELECT subject_id, viewer_key FROM {_TABLE} WHERE day = %(day)s AND ended_at IS NOT NULL),
    counted AS (
        SELECT subject_id, count(DISTINCT viewer_key) AS viewers FROM watched GROUP BY subject_id
        UNION ALL
        SELECT (SELECT id FROM analytics_subject WHERE name = %(portal)s), count(DISTINCT viewer_key) FROM watched
    )
    UPDATE {_DAYS} AS old SET viewers = counted.viewers FROM counted
    WHERE (old.subject_id, old.day) = (counted.subject_id, %(day)s) AND old.viewers <> counted.viewers
"""

Row = tuple[object, ...]


def write_sessions(rows: Iterable[Row], *, portal_id: int) -> set[date]:
    """Write sessions, each once; return the days of those that have ended, or go on after they had."""
    with transaction.atomic(), connection.cursor() as cursor:
        copy_rows(cursor, _TABLE, COLUMNS, rows)
        cursor.execute(_MAKE_CHANGED)
        cursor.execute("TRUNCATE changed_sessions")
        cursor.execute(_UPSERT)
        cursor.execute("SELECT DISTINCT day FROM changed_sessions")
        days = {day for (day,) in cursor.fetchall()}
        if days:
            cursor.execute(_ADD_TO_DAYS, {"portal": portal_id})
            cursor.execute(_ADD_TO_EDGES)
    return days


def count_viewers(days: Iterable[date]) -> None:
    """Count anew how many people watched on those days, by the sessions that are over."""
    with connection.cursor() as cursor:
        for day in days:
            cursor.execute(_COUNT_VIEWERS, {"day": day, "portal": PORTAL})


def row_of(session: Session, ids: Mapping[str, int]) -> Row:
    """Return the row of a session."""
    uuid, (ended, reason) = UUID(session.id), session.ending or (None, "")
    has_failed = reason == "FAILED"
    fatal, is_business = session.latest.fatal[1] if session.latest.fatal and has_failed else ("", False)
    values = {
        "day": day_of(uuid),
        "session": uuid,
        "subject_id": ids[session.subject],
        "viewer_key": UUID(session.viewer),
        "user_id": session.user,
        "device": session.device[:10],
        "country": session.country[:2],
        "started_at": _moment(session.started),
        "ended_at": None if ended is None else _moment(ended),
        "end_reason": reason,
        "fatal_code": fatal[:32],
        "is_business": is_business,
        "is_renewed": session.is_renewed,
        **_told_of(session),
    }
    # One view has one score: that of the session it began with.
    if ended is not None and not session.is_renewed:
        values |= _score_of(session, lasted_ms=ended - session.started, failed=has_failed, business=is_business)
    return tuple(values.get(name) for name in COLUMNS)


def _told_of(session: Session) -> dict[str, object]:
    """Return the columns of what its player told: what it comes to, and what held last."""
    sums, last, upscale = session.sums, session.marks[-1], session.latest.upscale
    return {
        "last_seen_at": _moment(last.at),
        "watch_ms": sums.watch,
        "stall_count": fitting(sums.stalls),
        "stall_ms": sums.stalled,
        "seek_ms": sums.sought,
        "switches_up": fitting(sums.ups),
        "switches_down": fitting(sums.downs),
        "dropped_frames": fitting(sums.dropped),
        "received_bytes": sums.received,
        "bitrate_ms": sums.rate_ms,
        "errors": fitting(session.errors),
        "upscale_most": sums.upscale_most,
        "first_frame_ms": fitting(session.shown),
        "length_ms": session.length,
        "state": last.state,
        "interval_s": last.interval,
        "bitrate_kbps": fitting(last.kbps),
        "quality": (last.quality or "")[:12],
        "latency_ms": fitting(last.latency),
        "upscale_average": upscale[1] if upscale else None,
        "sections": [fitting(position) for position in session.sections],
    }


def _score_of(session: Session, *, lasted_ms: int, failed: bool, business: bool) -> Mapping[str, float | None]:
    """Return the columns of the score of a session that is over; none of one that says nothing of the portal."""
    sums, upscale = session.sums, session.latest.upscale
    score = score_of(
        Attempt(
            first_frame_ms=session.shown,
            lasted_ms=lasted_ms,
            has_failed=failed,
            is_business=business,
            watch_ms=sums.watch,
            stall_count=sums.stalls,
            stall_ms=sums.stalled,
            upscale_average=upscale[1] if upscale else None,
            upscale_most=sums.upscale_most,
        )
    )
    return score.columns() if score else {}


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
