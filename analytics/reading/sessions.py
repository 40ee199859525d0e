"""Who watches a stream at this moment, without who they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, DateTimeField, DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from analytics.models import PlaybackSession
from analytics.records import SILENT_INTERVALS

# None lasts so long: older partitions need not be looked at.
_LONGEST_SESSION = timedelta(days=3)
_COUNTING_STATES = ("p", "k", "r")
_PAUSED = "a"
# For so long nothing need be heard of a session; those that are paused say something each minute.
_SILENCE = ExpressionWrapper(F("interval_s") * Value(timedelta(seconds=SILENT_INTERVALS)), DurationField())
_PAUSED_SILENCE = timedelta(seconds=150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """People, and their players, who see pictures."""

    viewers: int
    sessions: int


def active_sessions(subject: str, *, at: datetime) -> QuerySet[PlaybackSession]:
    """Return the sessions with a subject that are not over, those that pause too."""
    is_heard = Q(last_seen_at__gt=Value(at, DateTimeField()) - _SILENCE)
    is_paused = Q(state=_PAUSED, last_seen_at__gt=at - _PAUSED_SILENCE)
    return PlaybackSession.objects.filter(
        is_heard | is_paused, subject__name=subject, day__gte=(at - _LONGEST_SESSION).date(), ended_at=None
    )


def count_watching(subject: str, *, at: datetime) -> Watching:
    """Count those of the active sessions that see pictures; one query."""
    watches = Q(state__in=_COUNTING_STATES, first_frame_ms__isnull=False)
    counts = active_sessions(subject, at=at).aggregate(
        viewers=Count("viewer_key", filter=watches, distinct=True), sessions=Count("session", filter=watches)
    )
    return Watching(**counts)
