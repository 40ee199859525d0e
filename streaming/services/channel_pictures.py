"""Writes about the picture of a channel. It is made before the channel is locked, as those of movies are."""

import hashlib
import secrets
from datetime import datetime

from django.db import transaction

from catalog.artwork.frames import FIRST_FORMATS, FocalPoint
from catalog.artwork.renditions import make_renditions
from catalog.services.picture_files import claim, disown, write_unclaimed
from portal import audit
from portal.errors import NotFound
from portal.models import User
from streaming.models import Channel, ChannelPicture
from streaming.models.channel_picture import KIND
from streaming.services.channels import tell_lists


def set_channel_picture(*, channel_id: int, content: bytes, by: User, at: datetime) -> ChannelPicture:
    """Give a channel a picture, in place of the one that it has. The same again changes nothing.

    Raises PictureRefused.
    """
    digest = hashlib.sha256(content).hexdigest()
    present = _present(channel_id)
    if present is not None and present.content_hash == digest:
        return present
    made = make_renditions(content, KIND, FocalPoint(), FIRST_FORMATS)
    picture = ChannelPicture(
        channel_id=channel_id,
        content_hash=digest,
        blurhash=made.blurhash,
        edition=secrets.token_hex(8),
        widths=list(made.widths),
        formats=list(FIRST_FORMATS),
        created_at=at,
    )
    stored = zip(picture.file_keys(), picture.file_names(), strict=True)
    write_unclaimed({key: made.files[name] for key, name in stored}, at=at)
    with transaction.atomic():
        channel = _lock(channel_id)
        replaced = _take_away(channel_id, at=at)
        picture.save()
        claim(picture.file_keys())
        _record(channel, (replaced, picture), by=by, at=at)
    return picture


def remove_channel_picture(*, channel_id: int, by: User, at: datetime) -> None:
    """Take it away; pages show a generated cover again. Raises NotFound if there is none."""
    with transaction.atomic():
        channel = _lock(channel_id)
        removed = _take_away(channel_id, at=at)
        if removed is None:
            raise NotFound()
        _record(channel, (removed, None), by=by, at=at)


def _lock(channel_id: int) -> Channel:
    return Channel.objects.select_for_update(no_key=True).get(pk=channel_id)


def _present(channel_id: int) -> ChannelPicture | None:
    return ChannelPicture.objects.filter(channel=channel_id).first()


def _take_away(channel_id: int, *, at: datetime) -> ChannelPicture | None:
    present = _present(channel_id)
    if present is not None:
        disown(present.file_keys(), at=at)
        present.delete()
    return present


def _record(
    channel: Channel, change: tuple[ChannelPicture | None, ChannelPicture | None], *, by: User, at: datetime
) -> None:
    before, after = ({"picture": picture.content_hash[:12] if picture else None} for picture in change)
    audit.record("channel.pictured", channel, by=by, at=at, before=before, after=after)
    tell_lists(channel, was=channel.visibility, at=at)
