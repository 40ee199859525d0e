"""The pages of live channels: who is on air, and one channel with its player."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import metadata
from catalog.metadata import Metadata
from catalog.models import Movie
from catalog.pages.cards import MovieCard, cards_of, with_cards
from catalog.pages.meta import absolute
from catalog.viewpoints import Viewpoint
from portal import audience, rate_limits
from portal.api.throttling import identity_of
from portal.context_processors import SITE_NAME
from portal.errors import PortalError
from portal.outages import REDIS_OUTAGES
from portal.pictures import Picture
from streaming import access
from streaming.channel_pictures import poster_of_channel, shared_picture_of_channel
from streaming.models import Channel, PlannedStream, Stream, StreamQuerySet
from streaming.plan_pages import PlanCard, plans_of, public_plans
from streaming.services.live_playback import open_live_playback
from streaming.viewers import viewers_of_streams
from streaming.visits import is_by_a_viewer

# Of a channel that waits for its next stream.
OFFLINE = "offline"
_MOST_CHANNELS = 60
_MOST_RECORDINGS = 16
_PLAYABLE = (Stream.Phase.LIVE, Stream.Phase.RECONNECTING)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlayerPart:
    """What streaming/_player.html wants to know of a player for one stream; of none yet, where `playback_url` is ""."""

    title: str
    told: Mapping[str, object]
    playback_url: str
    manifest_url: str
    poster: Picture
    waits: bool
    state: str = "ready"
    position_url: str = ""
    report_url: str = "/api/v1/playback-reports/"
    is_live: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPage:
    """One channel.

    `phase` is one of Stream.Phase, or OFFLINE. `player` is None while nothing can be played; `spare` is the player
    that the page puts in its place when that changes. `since` is when the stream began, or when the last one ended.
    `stream_title` is what the stream was announced as, "" where it was not; `plans` are those to come, the next first.
    `viewers` watch the stream `subject`, which is "" where there is none; None where nobody knows how many.
    """

    meta: Metadata
    slug: str
    title: str
    description: str
    owner: str
    phase: str
    stream_id: str
    stream_title: str
    since: datetime | None
    subject: str
    viewers: int | None
    plans: tuple[PlannedStream, ...]
    poster: Picture
    player: LivePlayerPart | None
    spare: LivePlayerPart

    @property
    def socket_path(self) -> str:
        return f"/ws/channels/{self.slug}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCard:
    """A channel in the list, with members as in ChannelPage; on air it is described by what is shown."""

    title: str
    slug: str
    url: str
    poster: Picture
    description: str
    phase: str
    since: datetime | None
    subject: str
    viewers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePage:
    """Who is on air, the latest first, who will be, the next first, and who was."""

    meta: Metadata
    on_air: tuple[ChannelCard, ...]
    coming_up: tuple[PlanCard, ...]
    off_air: tuple[ChannelCard, ...]
    socket_path: str = "/ws/live/"


def live_page(viewpoint: Viewpoint) -> LivePage:
    """Read the list: three queries, however many channels there are."""
    public = Channel.Visibility.PUBLIC
    streams = list(listed_streams())
    viewers = viewers_of_streams([stream.pk for stream in streams])
    on_air = [_card(stream.channel, stream, viewers=viewers.get(stream.pk)) for stream in streams]
    listed = Channel.objects.filter(visibility=public).select_related("picture")
    live = Stream.objects.live().filter(is_test=False, channel=OuterRef("pk"))
    off_air = listed.exclude(Exists(live))
    return LivePage(
        meta=Metadata(
            title=_("Live"),
            description=_("Who is on air on %(site)s now.") % {"site": SITE_NAME},
            canonical=absolute(reverse("streaming:live")),
        ),
        on_air=tuple(on_air),
        coming_up=public_plans(viewpoint.at),
        off_air=tuple(_card(channel, None) for channel in off_air.order_by("title")[:_MOST_CHANNELS]),
    )


def listed_streams() -> StreamQuerySet:
    """Return what is on air of public channels, the latest first, with the channels."""
    streams = Stream.objects.live().filter(is_test=False, channel__visibility=Channel.Visibility.PUBLIC)
    return streams.select_related("channel__picture").order_by("-started_at")[:_MOST_CHANNELS]


def channel_page(request: HttpRequest, channel: Channel, viewpoint: Viewpoint, *, waits: bool = False) -> ChannelPage:
    """Describe a channel that the caller got by `access.get_channel_for_viewing`; with a session if it is on air.

    A player that `waits` begins when somebody presses Play, and has no session until then.
    """
    streams = access.get_streams_of(request.user, channel)
    stream = streams.live().select_related("channel").first()
    phase = stream.phase if stream else OFFLINE
    subject = audience.stream_subject(stream.pk) if stream else ""
    ended_at = None if stream else streams.order_by("-started_at").values_list("ended_at", flat=True).first()
    return ChannelPage(
        meta=_meta_of(channel),
        slug=channel.slug,
        title=channel.title,
        description=channel.description,
        owner=channel.owner.shown_name,
        phase=phase,
        stream_id=str(stream.pk) if stream else "",
        stream_title=stream.title if stream else "",
        since=stream.active_at if stream else ended_at,
        subject=subject,
        viewers=audience.viewers_of_one(subject) if subject else None,
        plans=plans_of(channel, viewpoint.at),
        poster=poster_of_channel(channel),
        player=_player(request, channel, stream, viewpoint, waits=waits) if stream and phase in _PLAYABLE else None,
        spare=_part(channel, waits=waits),
    )


def earlier_broadcasts(channel: Channel, viewpoint: Viewpoint) -> tuple[MovieCard, ...]:
    """Return the streams of a channel that became films which stand in the catalogue, the latest first."""
    recorded = channel.streams.filter(recording__movie__in=Movie.objects.listed(viewpoint)).order_by("-started_at")
    keys = dict.fromkeys(recorded.values_list("recording__movie", flat=True)[:_MOST_RECORDINGS])
    found = with_cards(Movie.objects.all()).in_bulk(keys)
    return cards_of((found[key] for key in keys), viewpoint)


def _meta_of(channel: Channel) -> Metadata:
    return Metadata(
        title=channel.title,
        description=metadata.describe(channel.description, _("%(title)s live.") % {"title": channel.title}),
        canonical=absolute(reverse("streaming:channel", args=[channel.slug])),
        kind="video.other",
        picture=shared_picture_of_channel(channel),
        is_indexed=channel.visibility == Channel.Visibility.PUBLIC,
    )


def _player(
    request: HttpRequest, channel: Channel, stream: Stream, viewpoint: Viewpoint, *, waits: bool
) -> LivePlayerPart:
    told = {} if waits else _begin(request, stream, viewpoint)
    return _part(channel, stream=stream, told=told, waits=waits)


def _begin(request: HttpRequest, stream: Stream, viewpoint: Viewpoint) -> dict[str, Any]:
    """Return a session for somebody who opens the page to watch, {} where its script has to ask: as for films."""
    if viewpoint.is_preview or not is_by_a_viewer(request):
        return {}
    try:
        rate_limits.check("playback", *identity_of(request.user, request))
        return dict(open_live_playback(stream=stream, viewer=request.user, at=viewpoint.at).as_json())
    except (PortalError, *REDIS_OUTAGES):
        return {}


def _part(
    channel: Channel, *, stream: Stream | None = None, told: Mapping[str, Any] | None = None, waits: bool
) -> LivePlayerPart:
    told = told or {}
    return LivePlayerPart(
        title=channel.title,
        told={**told, "title": channel.title, "is_live": True, "is_signed_in": False, "next": None},
        playback_url=f"/api/v1/streams/{stream.pk}/playback/" if stream else "",
        manifest_url=str(told.get("hls_url", "")),
        poster=poster_of_channel(channel),
        waits=waits,
    )


def _card(channel: Channel, stream: Stream | None, *, viewers: int | None = None) -> ChannelCard:
    return ChannelCard(
        title=channel.title,
        slug=channel.slug,
        url=reverse("streaming:channel", args=[channel.slug]),
        poster=poster_of_channel(channel),
        description=(stream.title if stream else "") or metadata.describe(channel.description),
        phase=stream.phase if stream else OFFLINE,
        since=stream.active_at if stream else None,
        subject=audience.stream_subject(stream.pk) if stream else "",
        viewers=viewers,
    )
