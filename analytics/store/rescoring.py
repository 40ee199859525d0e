"""Scores counted anew once their formula has a new version, and with those of sessions the sums of their days."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from analytics import partitions
from analytics.counting.figures import PORTAL
from analytics.models import MetricDay, PlaybackSession
from analytics.score import Attempt, score_of
from analytics.store.sessions import COLUMNS, SCORE_COLUMNS, Row, write_sessions
from analytics.store.subjects import save_subjects

_MILLISECOND = timedelta(milliseconds=1)
_FIRST = UUID(int=0)


def countable_days(first: date, last: date) -> list[date]:
    """Return the days, of these, whose sessions are kept."""
    return sorted(start for _name, start in partitions.existing(partitions.SESSIONS) if first <= start <= last)


def count_uncountable_days(first: date, last: date) -> int:
    """Return how many of these days have a score that cannot be counted anew, as their sessions are kept no longer."""
    scored = MetricDay.objects.filter(day__range=(first, last), scored__gt=0)
    return scored.exclude(day__in=countable_days(first, last)).values("day").distinct().count()


def rescore_day(day: date, *, at_once: int) -> Iterator[tuple[int, int]]:
    """Score anew the sessions that began on a day and are over; write so many at once.

    Yield of each lot how many sessions were looked at, and how many had another score. What is written once more is
    the same: whoever breaks off begins anew.
    """
    portal_id, behind = save_subjects({PORTAL: ""})[PORTAL], _FIRST
    while True:
        looked_at, changed, behind = _rescore_next(day, behind, at_once=at_once, portal_id=portal_id)
        if not looked_at:
            return
        yield looked_at, changed


def _rescore_next(day: date, behind: UUID, *, at_once: int, portal_id: int) -> tuple[int, int, UUID]:
    with transaction.atomic():
        # Locked: whoever counts may hear of a session that was over, and must not have it taken back.
        over = PlaybackSession.objects.select_for_update().filter(day=day, ended_at__isnull=False, is_renewed=False)
        sessions = list(over.filter(session__gt=behind).order_by("session")[:at_once])
        rows = [_row(session, scores) for session in sessions if (scores := _new_scores(session)) is not None]
        if rows:
            write_sessions(rows, portal_id=portal_id)
    return len(sessions), len(rows), sessions[-1].session if sessions else behind


def _new_scores(session: PlaybackSession) -> dict[str, float | int | None] | None:
    """Return the columns of a session's score; None if it has these already."""
    assert session.ended_at is not None, "of what goes on there is no score"
    score = score_of(
        Attempt(
            first_frame_ms=session.first_frame_ms,
            lasted_ms=(session.ended_at - session.started_at) // _MILLISECOND,
            has_failed=session.end_reason == PlaybackSession.EndReason.FAILED,
            is_business=session.is_business,
            watch_ms=session.watch_ms,
            stall_count=session.stall_count,
            stall_ms=session.stall_ms,
            upscale_average=session.upscale_average,
            upscale_most=session.upscale_most,
        )
    )
    scores = dict.fromkeys(SCORE_COLUMNS) | dict(score.columns() if score else {})
    return None if scores == {name: getattr(session, name) for name in SCORE_COLUMNS} else scores


def _row(session: PlaybackSession, scores: dict[str, float | int | None]) -> Row:
    return tuple(scores[name] if name in scores else getattr(session, name) for name in COLUMNS)
