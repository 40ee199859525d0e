"""Make playback tokens void before their time.

The rows are read by every origin, at once when it hears of one, and now and then in case it heard of none. A token is
void if it was issued before the moment of its movie, its channel or its session. That moment lies a minute ahead of the
change: clocks differ, and so do the moments at which a change is decided and is seen by others. Whoever opens playback
soon after is looked at once more, and given a token that counts as issued at that very moment; so nothing that was
decided before the change survives it, and nothing that was decided after it is lost.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django_redis import get_redis_connection

from streaming.models import PlaybackRevocation
from streaming.tokens import MOST_LIFETIME

# On which Redis channel origins hear that there is another row.
CHANNEL = "nova:playback:revocations"
# More than clocks of one portal differ, and than a transaction waits for a lock.
_AHEAD = timedelta(minutes=1)
_KEPT_ON = timedelta(hours=1)


def movie_subject(movie_id: int) -> str:
    return f"movie:{movie_id}"


def channel_subject(channel_id: int) -> str:
    return f"channel:{channel_id}"


def session_subject(session_id: object) -> str:
    return f"session:{session_id}"


def revoke(subject: str, *, at: datetime) -> None:
    """Make the tokens void that were issued so far for what `subject` names, once this transaction commits."""
    # Whole seconds, as tokens have them.
    mark = at.replace(microsecond=0) + _AHEAD
    row = PlaybackRevocation(subject=subject, issued_before=mark, expires_at=mark + MOST_LIFETIME + _KEPT_ON)
    with transaction.atomic():
        PlaybackRevocation.objects.bulk_create([row], ignore_conflicts=True)
        # Later than the last time, also within one second: by then others have been issued at that moment.
        PlaybackRevocation.objects.filter(subject=subject).update(
            issued_before=Greatest(F("issued_before") + timedelta(seconds=1), Value(mark)), expires_at=row.expires_at
        )
        transaction.on_commit(lambda: _tell(subject), robust=True)


def revoke_movie(movie_id: int, *, at: datetime) -> None:
    """End what is watched of a movie. Who still may watch it gets another session by asking for one."""
    revoke(movie_subject(movie_id), at=at)


def revoke_channel(channel_id: int, *, at: datetime) -> None:
    """End what is watched of a channel, in the same way."""
    revoke(channel_subject(channel_id), at=at)


def list_revocations(at: datetime) -> Sequence[PlaybackRevocation]:
    """Return all that are in force: few, as each is forgotten when its tokens have expired by themselves."""
    return list(PlaybackRevocation.objects.filter(expires_at__gt=at))


def forget_revocations(*, at: datetime) -> int:
    """Delete those whose tokens have expired by themselves; return how many."""
    deleted, _ = PlaybackRevocation.objects.filter(expires_at__lte=at).delete()
    return deleted


def _tell(subject: str) -> None:
    get_redis_connection("default").publish(CHANNEL, subject)
