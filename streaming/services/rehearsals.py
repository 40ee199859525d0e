"""Streams for testing: only whoever runs the channel sees them, and nothing is recorded."""

from datetime import datetime, timedelta

from django.db import transaction

from portal import audit
from portal.models import User
from streaming.models import Channel

# Time enough to set an encoder up. A test that has begun by then lasts as long as it is sent.
ARMED_FOR = timedelta(minutes=15)


def arm_test(*, channel_id: int, by: User, at: datetime) -> datetime:
    """Make tests of the streams that begin on a channel for a while; return until when.

    All of them, and not the next alone: an encoder that failed tries again by itself, and must not be on air then.
    """
    until = at + ARMED_FOR
    _set(channel_id, until, action="channel.test_armed", by=by, at=at)
    return until


def disarm_test(*, channel_id: int, by: User, at: datetime) -> None:
    """Show again what begins on a channel from now on; a test that is being sent stays one."""
    _set(channel_id, None, action="channel.test_disarmed", by=by, at=at)


def _set(channel_id: int, until: datetime | None, *, action: str, by: User, at: datetime) -> None:
    with transaction.atomic():
        channel = Channel.objects.select_for_update().get(pk=channel_id)
        if channel.test_until == until:
            return
        channel.test_until = until
        channel.save(update_fields=["test_until"])
        audit.record(action, channel, by=by, at=at, after={"test_until": until})
