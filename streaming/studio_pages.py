"""What broadcasters see of their channels: where to send, what arrives, what is announced, and what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import segno
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from catalog.artwork.forms import PICTURE_TYPES
from catalog.viewpoints import Viewpoint
from portal import audience
from portal.models import User
from portal.pictures import Picture
from streaming.channel_pictures import picture_of_channel
from streaming.live_pages import ChannelPage, channel_page
from streaming.live_wording import live_words
from streaming.models import Channel, PlannedStream, Stream, StreamKey
from streaming.past_audiences import PastAudience, audiences_of
from streaming.plan_forms import PlanForm
from streaming.services.stream_keys import IssuedKey
from streaming.viewers import viewers_of_streams

_MOST_STREAMS = 20
_MOST_KEYS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioCard:
    """One of the channels that somebody runs. `subject` and `viewers` are as in ChannelPage."""

    title: str
    url: str
    is_on_air: bool
    subject: str
    viewers: int | None
    visibility: str
    socket_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioPage:
    channels: tuple[StudioCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that is shown this once. `address` is server and key in one, as phones take it; `qr` shows the same."""

    label: str
    secret: str
    address: str
    qr: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """`state` says why a key admits nobody, "" of one that does."""

    id: int
    label: str
    prefix: str
    last_used_at: datetime | None
    expires_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What arrives. `picture` and `sound` are "" while nothing is known of them; qualities are the best first."""

    phase: str
    started_at: datetime
    picture: str
    sound: str
    qualities: tuple[str, ...]
    warnings: tuple[str | Promise, ...]
    is_test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PastStream:
    """`lasted` is "" of one that never was on air; `recording_url` leads to its film, "" where there is none.

    `audience` is None of one of which nothing was counted.
    """

    id: UUID
    started_at: datetime
    lasted: str
    reason: str
    recording_url: str
    audience: PastAudience | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """A broadcast to come, and the form that changes it."""

    plan: PlannedStream
    form: PlanForm


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioChannelPage:
    """One channel, to whom runs it. `live` is its page as viewers have it; `health` None while nobody sends.

    `secure_server` is "" where no encoder can send over TLS; `plan_form` is that of a broadcast to announce; what
    begins before `test_until` is a test, None if nothing is.
    """

    live: ChannelPage
    server: str
    secure_server: str
    keys: tuple[KeyRow, ...]
    new_key: NewKey | None
    health: Health | None
    plans: tuple[PlanRow, ...]
    plan_form: PlanForm
    test_until: datetime | None
    past: tuple[PastStream, ...]
    fault: str
    picture: Picture | None
    picture_types: str = PICTURE_TYPES


def studio_page(channels: QuerySet[Channel]) -> StudioPage:
    on_air = Stream.objects.live().filter(channel=OuterRef("pk"))
    described = channels.annotate(is_on_air=Exists(on_air), stream_id=Subquery(on_air.values("pk")[:1]))
    found = list(described.order_by("-is_on_air", "title"))
    viewers = viewers_of_streams([channel.stream_id for channel in found if channel.stream_id])
    return StudioPage(
        channels=tuple(
            StudioCard(
                title=channel.title,
                url=reverse("streaming:studio-channel", args=[channel.slug]),
                is_on_air=channel.is_on_air,
                subject=audience.stream_subject(channel.stream_id) if channel.stream_id else "",
                viewers=viewers.get(channel.stream_id),
                visibility=str(channel.get_visibility_display()),
                socket_path=f"/ws/channels/{channel.slug}/",
            )
            for channel in found
        )
    )


def studio_channel_page(
    request: HttpRequest,
    channel: Channel,
    viewpoint: Viewpoint,
    *,
    issued: IssuedKey | None = None,
    fault: str = "",
    refused: PlanForm | None = None,
) -> StudioChannelPage:
    """Describe a channel that the caller got by `access.get_channel_for_studio`; a new key is shown this once.

    `refused` is the form of which nothing came: it is shown with its faults in the place of its like.
    """
    assert isinstance(request.user, User), "strangers have no studio"
    stream = Stream.objects.live().filter(channel=channel).first()
    live = channel_page(request, channel, viewpoint, waits=True)
    return StudioChannelPage(
        live=live,
        server=settings.NOVA_RTMP_URL,
        secure_server=settings.NOVA_RTMPS.url,
        keys=_keys(channel, viewpoint.at),
        new_key=_new_key(issued) if issued else None,
        health=_health(stream) if stream else None,
        plans=tuple(PlanRow(plan=plan, form=_form_of(plan, refused)) for plan in live.plans),
        plan_form=refused if refused and refused.plan_id is None else PlanForm(),
        test_until=channel.test_until if channel.test_until and viewpoint.at < channel.test_until else None,
        past=_past(channel, sees_drafts=request.user.has_perm("catalog.change_movie"), at=viewpoint.at),
        fault=fault,
        picture=picture_of_channel(channel),
    )


def _form_of(plan: PlannedStream, refused: PlanForm | None) -> PlanForm:
    return refused if refused and refused.plan_id == plan.pk else PlanForm(plan=plan)


def _new_key(issued: IssuedKey) -> NewKey:
    # A phone is in other people's networks: its key goes over TLS where it can.
    address = f"{settings.NOVA_RTMPS.url or settings.NOVA_RTMP_URL}/{issued.secret}"
    # Its own white border, as cameras want one whatever the page is like.
    picture = segno.make(address, micro=False).svg_inline(omitsize=True, border=4, light="#fff", dark="#000")
    return NewKey(label=issued.key.label, secret=issued.secret, address=address, qr=mark_safe(picture))


def _keys(channel: Channel, at: datetime) -> tuple[KeyRow, ...]:
    return tuple(
        KeyRow(
            id=key.pk,
            label=key.label,
            prefix=key.prefix,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
            state=_state_of(key, at),
        )
        for key in channel.keys.filter(revoked_at=None).order_by("-created_at", "-pk")[:_MOST_KEYS]
    )


def _state_of(key: StreamKey, at: datetime) -> str:
    return "" if key.is_usable(at) else _("expired")


def _health(stream: Stream) -> Health:
    size = f"{stream.width_px}×{stream.height_px}" if stream.width_px and stream.height_px else ""
    return Health(
        phase=str(stream.phase.label),
        started_at=stream.started_at,
        picture=" · ".join(part for part in (size, stream.video_codec) if part),
        sound=stream.audio_codec,
        qualities=tuple(_quality_words(each) for each in stream.qualities),
        warnings=tuple(live_words(code) for code in stream.warnings),
        is_test=stream.is_test,
    )


def _quality_words(quality: dict[str, object]) -> str:
    bitrate_bps = quality.get("bitrate_bps")
    rate = f"{bitrate_bps / 1e6:.1f} Mbit/s" if isinstance(bitrate_bps, int) else ""
    way = _("passed on as you send it") if quality.get("is_copied") else ""
    return " · ".join(str(part) for part in (quality.get("name", ""), rate, way) if part)


def _past(channel: Channel, *, sees_drafts: bool, at: datetime) -> tuple[PastStream, ...]:
    ended = channel.streams.exclude(state__in=Stream.LIVE_STATES).select_related("recording__movie")
    streams = ended.order_by("-started_at")[:_MOST_STREAMS]
    audiences = audiences_of([stream.pk for stream in streams], at=at)
    return tuple(
        PastStream(
            id=stream.pk,
            started_at=stream.started_at,
            lasted=_lasted(stream),
            reason=_reason_words(stream),
            recording_url=_recording_url(stream) if sees_drafts else "",
            audience=audiences.get(stream.pk),
        )
        for stream in streams
    )


def _lasted(stream: Stream) -> str:
    if stream.active_at is None or stream.ended_at is None:
        return ""
    return str(timedelta(seconds=round((stream.ended_at - stream.active_at).total_seconds())))


def _reason_words(stream: Stream) -> str:
    words = str(stream.get_end_reason_display())
    return f"{words}: {live_words(stream.error)}" if stream.error else words


def _recording_url(stream: Stream) -> str:
    movie_id = stream.recording.movie_id if stream.recording else None
    return reverse("admin:catalog_movie_change", args=[movie_id]) if movie_id else ""
