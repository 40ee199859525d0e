"""Who may publish, and what is known of what they publish."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from portal import audit
from portal.ids import uuid7
from streaming.errors import ChannelIsLive, StreamIsOver, StreamKeyExpired, StreamKeyUnknown
from streaming.models import Stream, StreamKey
from streaming.services.stream_keys import prefix_of

# Compared when no key has the presented prefix, so that a wrong prefix takes as long as a wrong secret.
_NOBODYS_KEY = StreamKey(secret_sha256="0" * 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedStream:
    """What the ingest needs to know of the stream that it was allowed to take in."""

    stream_id: uuid.UUID
    channel_slug: str


def admit_publisher(*, presented_secret: str, at: datetime) -> AdmittedStream:
    """Open a stream for whoever presents a valid key.

    Raises StreamKeyUnknown (also for a revoked key), StreamKeyExpired, ChannelIsLive.
    """
    try:
        with transaction.atomic():
            key = _lock_key(presented_secret, at)
            stream = Stream.objects.create(id=uuid7(at), channel=key.channel, key=key, started_at=at)
            StreamKey.objects.filter(pk=key.pk).update(last_used_at=at)
            audit.record(
                "stream.admitted", stream, by=None, at=at, after={"channel": key.channel.slug, "key": key.prefix}
            )
    except IntegrityError as error:
        raise ChannelIsLive() from error
    return AdmittedStream(stream_id=stream.pk, channel_slug=key.channel.slug)


def record_media(*, stream_id: uuid.UUID, facts: Mapping[str, object], at: datetime) -> None:
    """Media flows: mark the stream active and keep what its headers said.

    `facts` holds any of video_codec, width_px, height_px, audio_codec. Raises StreamIsOver, also when the row is gone
    with its channel.
    """
    with transaction.atomic():
        stream = Stream.objects.select_for_update().filter(pk=stream_id).first()
        if stream is None:
            raise StreamIsOver()
        stream.mark_active(at=at)
        for name, value in facts.items():
            setattr(stream, name, value)
        stream.save(update_fields=["state", "active_at", *facts])


def end_stream(*, stream_id: uuid.UUID, reason: Stream.EndReason, at: datetime) -> None:
    """Close the stream. Closing one that is closed, or gone with its channel, changes nothing."""
    with transaction.atomic():
        stream = Stream.objects.select_for_update().select_related("channel").filter(pk=stream_id).first()
        if stream is None or not stream.is_live:
            return
        stream.mark_ended(reason=reason, at=at)
        stream.save(update_fields=["state", "end_reason", "ended_at"])
        audit.record(
            "stream.ended", stream, by=None, at=at, after={"reason": str(reason), "channel": stream.channel.slug}
        )


def end_abandoned_streams(*, at: datetime) -> int:
    """Close the streams that an origin left open when it was lost; return how many.

    Called by the origin when it starts, before it admits anybody.
    """
    abandoned = list(Stream.objects.filter(state__in=Stream.LIVE_STATES).values_list("pk", flat=True))
    for stream_id in abandoned:
        end_stream(stream_id=stream_id, reason=Stream.EndReason.ORIGIN_LOST, at=at)
    return len(abandoned)


def _lock_key(presented_secret: str, at: datetime) -> StreamKey:
    # Locked before it is looked at: once a revocation is through, nobody comes in with what was read before it.
    keys = StreamKey.objects.select_for_update(of=("self",)).select_related("channel")
    found = keys.filter(prefix=prefix_of(presented_secret)).first()
    if not (found or _NOBODYS_KEY).matches(presented_secret) or found is None or found.revoked_at is not None:
        raise StreamKeyUnknown()
    if not found.is_usable(at):
        raise StreamKeyExpired()
    return found
