"""Writes about channels."""

from datetime import datetime

from django.db import transaction

from portal import audit
from portal.models import User
from streaming.models import Channel


def create_channel(
    *, slug: str, title: str, owner: User, by: User | None, at: datetime, description: str = ""
) -> Channel:
    """Make a channel."""
    with transaction.atomic():
        channel = Channel.objects.create(slug=slug, title=title, description=description, owner=owner, created_at=at)
        audit.record(
            "channel.created", channel, by=by, at=at, after={"slug": slug, "title": title, "owner": owner.username}
        )
    return channel
