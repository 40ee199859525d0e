"""What streaming puts on the catalogue's home page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.pages.shelves import Row
from catalog.viewpoints import Viewpoint
from streaming.models import Channel, Stream, StreamQuerySet

_ROW_SIZE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCard:
    """A channel that is on air."""

    title: str
    art_key: str
    url: str
    is_live: bool = True


def live_now(viewpoint: Viewpoint) -> Row:
    """Return the channels that are on air, the latest first; in a preview none, as nobody knows of another moment."""
    streams = Stream.objects.none() if viewpoint.is_preview else _streams()
    cards = tuple(
        LiveCard(
            title=stream.channel.title,
            art_key=stream.channel.slug,
            url=reverse("streaming:channel", args=[stream.channel.slug]),
        )
        for stream in streams.select_related("channel").order_by("-active_at")[:_ROW_SIZE]
    )
    return Row(title=_("Live now"), movies=cards, url=reverse("streaming:live"))


def _streams() -> StreamQuerySet:
    """What anybody may watch; one that has just connected shows nothing yet."""
    public = Channel.Visibility.PUBLIC
    return Stream.objects.filter(state=Stream.State.ACTIVE, channel__visibility=public, is_test=False)
