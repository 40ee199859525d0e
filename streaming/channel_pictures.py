"""The picture of a channel as pages, the API and link previews name it; of one whose `picture` was read with it."""

from functools import partial

from django.urls import reverse

from catalog.artwork.frames import SOCIAL_NAME, SOCIAL_SIZE
from catalog.artwork.pictures import picture_made_of
from catalog.metadata import SharedPicture
from catalog.pages.meta import absolute
from portal.pictures import Picture, cover_picture
from streaming.models import Channel, ChannelPicture
from streaming.models.channel_picture import KIND


def picture_of_channel(channel: Channel) -> Picture | None:
    """Return the picture that was sent for it; None if there is none."""
    made = _picture(channel)
    return picture_made_of(made, KIND, partial(_url, made)) if made else None


def poster_of_channel(channel: Channel) -> Picture:
    """Return what stands for it, generated where nobody has sent anything."""
    return picture_of_channel(channel) or cover_picture(channel.slug, "wide")


def shared_picture_of_channel(channel: Channel) -> SharedPicture | None:
    """Return what it looks like where its address is shared."""
    made = _picture(channel)
    width, height = SOCIAL_SIZE
    return SharedPicture(url=absolute(_url(made, SOCIAL_NAME)), width=width, height=height) if made else None


def _picture(channel: Channel) -> ChannelPicture | None:
    # The way back of a one-to-one relation raises where there is nothing.
    return getattr(channel, "picture", None)


def _url(made: ChannelPicture, name: str) -> str:
    return reverse("streaming:channel-picture", args=[made.channel_id, made.edition, name])
