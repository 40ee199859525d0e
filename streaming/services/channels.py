"""Writes about channels."""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction

from portal import audit, events
from portal.models import User
from streaming.errors import ChannelExists
from streaming.live_events import ChannelChanged
from streaming.models import Channel
from streaming.services.revocations import revoke_channel
from streaming.services.stream_keys import revoke_keys_of_channel

_CHANGEABLE = frozenset({"title", "description", "owner", "visibility", "dvr_s", "is_recorded"})
# What the list of who is on air shows.
_ON_CARDS = frozenset({"title", "description", "visibility"})


class ChannelFacts(TypedDict, total=False):
    """What may be said of a new channel beside its name; the model says what holds for the rest."""

    description: str
    visibility: str
    dvr_s: int
    is_recorded: bool


def create_channel(
    *, slug: str, title: str, owner: User, by: User | None, at: datetime, **facts: Unpack[ChannelFacts]
) -> Channel:
    """Make a channel. Raises ChannelExists."""
    try:
        with transaction.atomic():
            channel = Channel.objects.create(slug=slug, title=title, owner=owner, created_at=at, **facts)
            after = {"slug": slug, "title": title, "owner": owner.username, "visibility": channel.visibility}
            audit.record("channel.created", channel, by=by, at=at, after=after)
            tell_lists(channel, was=channel.visibility, at=at)
    except IntegrityError as error:
        raise ChannelExists() from error
    return channel


def update_channel(*, channel_id: int, facts: Mapping[str, object], by: User, at: datetime) -> Channel:
    """Change any of a channel's title, description, owner, visibility, DVR length and recording.

    Its address stays: viewers keep it. Whoever watches it when it becomes private is cut off, and asks anew. A channel
    that changes hands keeps no key of its former owner, who may have any of them: they are revoked, and the encoder
    that came in by one is sent away.
    """
    with transaction.atomic():
        # As weak as it can be: an encoder that is being let in refers to the row, and has locked its key before.
        locked = Channel.objects.select_for_update(of=("self",), no_key=True)
        channel = locked.select_related("owner").get(pk=channel_id)
        old = _audited(channel)
        for name in _CHANGEABLE & facts.keys():
            setattr(channel, name, facts[name])
        before, after = audit.changed_fields(old, _audited(channel))
        if after:
            channel.save(update_fields=after.keys())
            audit.record("channel.updated", channel, by=by, at=at, before=before, after=after)
        if _ON_CARDS & after.keys():
            tell_lists(channel, was=str(old["visibility"]), at=at)
        if "owner" in after:
            revoke_keys_of_channel(channel_id=channel.pk, by=by, at=at)
        if {"visibility", "owner"} & after.keys() and channel.visibility == Channel.Visibility.PRIVATE:
            revoke_channel(channel.pk, at=at)
    return channel


def tell_lists(channel: Channel, *, was: str, at: datetime) -> None:
    """Let lists follow a channel that they name, or have named."""
    if Channel.Visibility.PUBLIC in (was, channel.visibility):
        is_listed = channel.visibility == Channel.Visibility.PUBLIC
        events.publish(ChannelChanged(channel=channel.slug, is_listed=is_listed), at=at)


def _audited(channel: Channel) -> dict[str, object]:
    return {
        "title": channel.title,
        "description": channel.description,
        "owner": channel.owner.username,
        "visibility": channel.visibility,
        "dvr_s": channel.dvr_s,
        "is_recorded": channel.is_recorded,
    }
