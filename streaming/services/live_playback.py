"""Let somebody watch a stream: a session, and addresses that are good as long as it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from portal import audience
from portal.ids import uuid7
from portal.models import User
from streaming import access, session_members
from streaming.delivery import media_access
from streaming.errors import StreamIsOver, StreamNotPlayable
from streaming.keys import playback_keyring
from streaming.live_playback import LivePlayback
from streaming.models import Channel, PlaybackRevocation, Stream
from streaming.services.playback_sessions import SessionData, store_session
from streaming.services.revocations import channel_subject
from streaming.session_members import OpenedSession
from streaming.tokens import PlaybackClaims, sign_token
from streaming.visitors import Visitor

log = structlog.get_logger("nova.playback")

# Nobody loses the right to watch a private channel without its token ending soon.
_LONGEST_PRIVATE = timedelta(hours=1)
# What a steered player holds with parts of a third of a second.
_TARGET_LATENCY_S = 1.0


def open_live_playback(
    *, stream: Stream, viewer: User | AnonymousUser, at: datetime, visitor: Visitor | None = None
) -> LivePlayback:
    """Begin a session with a stream that the caller got by `access.get_stream_for_viewing`.

    `visitor` is who watches as far as figures may know it; None: what is watched is not counted.

    Raises StreamIsOver, StreamNotPlayable, and NotFound if the channel was closed to this viewer meanwhile.
    """
    revoked = PlaybackRevocation.objects.filter(subject=channel_subject(stream.channel_id))
    issued_at = max(at, revoked.values_list("issued_before", flat=True).first() or at)
    if issued_at > at:
        # It may have been closed or ended behind the caller's back; if not, this token must outlive that revocation.
        stream = access.get_stream_for_viewing(viewer, stream.pk)
    _require_playable(stream)
    claims = PlaybackClaims(
        session_id=uuid7(at),
        subject=channel_subject(stream.channel_id),
        package=stream.package_hex,
        issued_at=issued_at,
        expires_at=at + _lasts(stream.channel),
    )
    session = SessionData(
        channel_id=stream.channel_id,
        package=claims.package,
        user_id=viewer.pk,
        territory=None,
        opened_at=at.isoformat(),
    )
    lasts_s = (claims.expires_at - at).total_seconds()
    store_session(claims.session_id, session, lasts_s=lasts_s)
    log.info("playback.opened", session=str(claims.session_id), stream=str(stream.pk))
    playback = _describe(stream, claims, lasts_s=lasts_s)
    return replace(playback, beacon=_beacon_of(playback, visitor, at=at)) if visitor else playback


def _beacon_of(playback: LivePlayback, visitor: Visitor, *, at: datetime) -> Mapping[str, Any] | None:
    opened = OpenedSession(
        session_id=playback.session_id,
        subject=audience.stream_subject(playback.stream),
        length_ms=None,
        visitor=visitor,
        at=at,
        expires_at=playback.expires_at,
    )
    return session_members.beacon_of(opened)


def _require_playable(stream: Stream) -> None:
    if not stream.is_live:
        raise StreamIsOver(state=stream.state)
    if stream.playable_at is None:
        raise StreamNotPlayable(phase=stream.phase.value)


def _lasts(channel: Channel) -> timedelta:
    longest: timedelta = settings.NOVA_DELIVERY.longest_session
    return min(longest, _LONGEST_PRIVATE) if channel.visibility == Channel.Visibility.PRIVATE else longest


def _describe(stream: Stream, claims: PlaybackClaims, *, lasts_s: float) -> LivePlayback:
    media = media_access(
        settings.NOVA_DELIVERY,
        token=sign_token(claims, playback_keyring()),
        package=claims.package,
        expires_at=claims.expires_at,
    )
    return LivePlayback(
        session_id=claims.session_id,
        expires_at=claims.expires_at,
        lasts_s=lasts_s,
        package=claims.package,
        stream=stream.pk,
        channel=stream.channel.slug,
        state=stream.state,
        phase=stream.phase.value,
        hls_url=media.url_for("master.m3u8"),
        dash_url=media.url_for("manifest.mpd"),
        media_query=media.query,
        dvr_s=stream.dvr_s,
        target_latency_s=_TARGET_LATENCY_S,
        beacon=None,
    )
