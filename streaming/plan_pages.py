"""Broadcasts to come, as pages show them."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog import metadata
from portal.pictures import Picture, cover_picture
from streaming.models import Channel, PlannedStream

_MOST_IN_LIST = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCard:
    """One of them, in a list of those of all channels."""

    id: str
    title: str
    description: str
    starts_at: datetime
    channel: str
    url: str
    art_key: str

    @property
    def poster(self) -> Picture:
        return cover_picture(self.art_key, "wide")


def public_plans(at: datetime) -> tuple[PlanCard, ...]:
    """Return what public channels have announced, the next first."""
    plans = PlannedStream.objects.coming_up(at).filter(channel__visibility=Channel.Visibility.PUBLIC)
    return tuple(
        PlanCard(
            id=str(plan.pk),
            title=plan.title,
            description=metadata.describe(plan.description),
            starts_at=plan.starts_at,
            channel=plan.channel.title,
            url=reverse("streaming:channel", args=[plan.channel.slug]),
            art_key=plan.channel.slug,
        )
        for plan in plans.select_related("channel").order_by("starts_at", "id")[:_MOST_IN_LIST]
    )


def plans_of(channel: Channel, at: datetime) -> tuple[PlannedStream, ...]:
    """Return what a channel has announced, the next first; how many that may be, the service says."""
    return tuple(PlannedStream.objects.coming_up(at).filter(channel=channel).order_by("starts_at"))
