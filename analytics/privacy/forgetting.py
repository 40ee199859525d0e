"""Take from what was watched what tells who watched it."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.functions import RandomUUID
from django.db import transaction

from analytics.models import PlaybackSession
from portal import audit
from portal.models import User


def count_sessions_of(user: User) -> int:
    """Return how many sessions are known to be of somebody."""
    return PlaybackSession.objects.filter(user=user).count()


def forget_viewer(*, user: User, by: User | None, at: datetime) -> int:
    """Take the account and the viewer's keys from their sessions, whose figures stay; return how many there were."""
    with transaction.atomic():
        sessions = _unlink(user)
        audit.record("viewer.forgotten", user, by=by, at=at, after={"sessions": sessions})
    return sessions


def forget_deleted_account(instance: User, **_signal: Any) -> None:
    """Do the same before an account is deleted; its deletion is what the audit trail tells."""
    _unlink(instance)


def _unlink(user: User) -> int:
    # Each session gets a key of its own, as those have who never let themselves be counted as one viewer.
    return PlaybackSession.objects.filter(user=user).update(user=None, viewer_key=RandomUUID())
