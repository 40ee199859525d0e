"""Writes about channels."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from portal import audit
from portal.models import User
from streaming.models import Channel

_CHANGEABLE = frozenset({"title", "description", "owner"})


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


def update_channel(*, channel_id: int, facts: Mapping[str, object], by: User, at: datetime) -> Channel:
    """Change any of a channel's title, description and owner. Its address stays: viewers keep it."""
    with transaction.atomic():
        channel = Channel.objects.select_for_update(of=("self",)).select_related("owner").get(pk=channel_id)
        old = _audited(channel)
        for name in _CHANGEABLE & facts.keys():
            setattr(channel, name, facts[name])
        before, after = audit.changed_fields(old, _audited(channel))
        if after:
            channel.save(update_fields=after.keys())
            audit.record("channel.updated", channel, by=by, at=at, before=before, after=after)
    return channel


def _audited(channel: Channel) -> dict[str, object]:
    return {"title": channel.title, "description": channel.description, "owner": channel.owner.username}
