"""Reads back what was stored of sessions, so that whoever counts can go on from there."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from analytics.counting.marks import Mark
from analytics.counting.session import Past, Session, Sums
from analytics.models import PlaybackSession
from analytics.models.playback_session import day_of
from analytics.records import PlayerEvent

# A token is good for half a day: nobody tells of sessions that began earlier than this.
_SESSIONS_LAST = timedelta(days=1)
Recalled = tuple[Session, Past]


def recall_recent(*, since: datetime, at: datetime) -> list[Recalled]:
    """Return the sessions that go on, and those that have ended since then."""
    rows = PlaybackSession.objects.filter(
        Q(ended_at=None) | Q(last_seen_at__gte=since), day__gte=(at - _SESSIONS_LAST).date()
    )
    return list(_recalled(rows))


def recall_sessions(session_ids: Collection[str]) -> list[Recalled]:
    """Return those of these sessions of which anything is stored."""
    uuids = [UUID(session_id) for session_id in session_ids]
    days = {day_of(uuid) for uuid in uuids}
    return list(_recalled(PlaybackSession.objects.filter(day__in=days, session__in=uuids)))


def _recalled(rows: QuerySet[PlaybackSession]) -> Iterator[Recalled]:
    for row in rows.select_related("subject").iterator():
        session = Session(
            id=row.session.hex,
            subject=row.subject.name,
            viewer=row.viewer_key.hex,
            user=row.user_id,
            length=row.length_ms,
            device=row.device,
            country=row.country,
        )
        yield session, _past(row)


def _past(row: PlaybackSession) -> Past:
    return Past(
        mark=Mark(_milliseconds(row.last_seen_at), _last_event(row), row.interval_s),
        shown=row.first_frame_ms,
        sums=Sums(
            watch=row.watch_ms,
            stalls=row.stall_count,
            stalled=row.stall_ms,
            sought=row.seek_ms,
            ups=row.switches_up,
            downs=row.switches_down,
            dropped=row.dropped_frames,
            received=row.received_bytes,
            rate_ms=row.bitrate_ms,
            upscale_most=row.upscale_most,
        ),
        sections=list(row.sections),
        errors=row.errors,
        fatal=(row.fatal_code, row.is_business) if row.end_reason == PlaybackSession.EndReason.FAILED else None,
        upscale=row.upscale_average,
    )


def _last_event(row: PlaybackSession) -> PlayerEvent:
    """Return an event that tells how the session stood; before any other of that moment, which tell more."""
    return PlayerEvent(
        e="t",
        at=_milliseconds(row.last_seen_at),
        sn=-1,
        sta=row.state or None,
        bsda=row.stall_ms,
        seek=row.seek_ms,
        br=row.bitrate_kbps,
        q=row.quality or None,
        ltc=row.latency_ms,
        bytes=row.received_bytes,
        renewed=row.is_renewed,
    )


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
