"""What becomes of a stream once its encoder was admitted: every change of its row, told to open pages on commit.

The origin that has the encoder calls these; so does the checker, for streams whose origin is not heard of any more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from portal import audit, events
from portal.models import User
from streaming import live_commands, live_events
from streaming.errors import StreamIsOver
from streaming.live_commands import EndStream
from streaming.models import Stream, StreamQuerySet
from streaming.services.revocations import revoke_channel
from streaming.services.stream_plans import carry_out_plan
from streaming.stream_metrics import observe_end

log = structlog.get_logger("nova.live")

# An origin renews every other second. One that was not heard of for so long is taken for dead.
LEASE = timedelta(seconds=6)

Reason = Stream.EndReason


class HeldElsewhere(Exception):
    """Another origin has taken the stream up: it is that one's now, and so is what is stored of it."""


def grace() -> timedelta:
    """Return how long an encoder that was lost may come back."""
    return timedelta(seconds=settings.NOVA_LIVE_GRACE_S)


def mark_active(*, stream_id: UUID, facts: Mapping[str, object], at: datetime, lease_owner: str | None = None) -> None:
    """Media flows: put the stream on air, as what its channel has announced, and keep what its headers said.

    `facts` holds any of video_codec, width_px, height_px, audio_codec. Raises StreamIsOver, also when the row is gone
    with its channel; HeldElsewhere, as all that an origin tells, if `lease_owner` is not who holds the stream now.
    """
    with transaction.atomic():
        stream = _lock_live(stream_id, lease_owner)
        is_new = stream.state == Stream.State.PENDING
        stream.mark_active(at=at)
        for name, value in facts.items():
            setattr(stream, name, value)
        if is_new and not stream.is_test:
            carry_out_plan(stream, at=at)
        stream.save(update_fields=["state", "active_at", "plan", "title", *facts])
        if is_new:
            events.publish(live_events.StreamStarted.of(stream), at=at)


def mark_playable(*, stream_id: UUID, at: datetime, lease_owner: str | None = None) -> None:
    """Players can start. Raises StreamIsOver, HeldElsewhere."""
    with transaction.atomic():
        stream = _lock_live(stream_id, lease_owner)
        if stream.playable_at is not None:
            return
        stream.mark_playable(at=at)
        stream.save(update_fields=["state", "active_at", "playable_at"])
        events.publish(live_events.StreamPlayable.of(stream), at=at)


def report_qualities(
    *,
    stream_id: UUID,
    qualities: Sequence[Mapping[str, object]],
    warnings: Sequence[str],
    at: datetime,
    lease_owner: str | None = None,
) -> None:
    """Keep what viewers can choose, the best first, and what the broadcaster should know.

    Raises StreamIsOver, HeldElsewhere.
    """
    with transaction.atomic():
        stream = _lock_live(stream_id, lease_owner)
        told = [dict(quality) for quality in qualities], list(warnings)
        if told == (stream.qualities, stream.warnings):
            return
        stream.qualities, stream.warnings = told
        stream.save(update_fields=["qualities", "warnings"])
        events.publish(live_events.QualityChanged.of(stream), at=at)


def interrupt_stream(*, stream_id: UUID, at: datetime, lease_owner: str | None = None) -> bool:
    """Note that the encoder is gone; False if there is nothing that it could come back to: let go of the stream.

    One that never sent anything ends at once: nobody has seen it. Raises HeldElsewhere.
    """
    with transaction.atomic():
        stream = _find_locked(stream_id, lease_owner)
        if stream is None or not stream.is_live:
            return False
        if stream.state == Stream.State.PENDING or not settings.NOVA_LIVE_GRACE_S:
            _end(stream, Reason.DISCONNECTED, at=at)
            return False
        _interrupt(stream, at)
    return True


def resume_stream(*, stream_id: UUID, at: datetime, lease_owner: str | None = None) -> None:
    """Note that the encoder is back, and sends. Raises StreamIsOver, HeldElsewhere."""
    with transaction.atomic():
        _resume(_lock_live(stream_id, lease_owner), at)


def renew_lease(*, stream_id: UUID, at: datetime, is_sending: bool, lease_owner: str | None = None) -> bool:
    """Keep the stream from being taken for lost; False if it is over: its encoder has to go.

    So it is where its broadcaster's account was closed. What the checker has taken for lost while the encoder sent all
    the time goes on. Raises HeldElsewhere.
    """
    with transaction.atomic():
        stream = _find_locked(stream_id, lease_owner)
        if stream is None or not stream.is_live:
            return False
        if not stream.channel.owner.is_active:
            # As with a key that is revoked; here, since accounts are closed in places that know nothing of streams.
            _end(stream, Reason.KICKED, at=at)
            return False
        stream.lease_until = at + LEASE
        stream.save(update_fields=["lease_until"])
        # What was noted after this was asked for is no mistake of the checker's.
        if is_sending and stream.interrupted_at is not None and stream.interrupted_at < at:
            log.warning("live.was_not_lost", stream=str(stream_id), channel=stream.channel.slug)
            _resume(stream, at)
    return True


def end_stream(
    *, stream_id: UUID, reason: Stream.EndReason, at: datetime, error: str = "", lease_owner: str | None = None
) -> None:
    """Close the stream; `error` is the code of what a broadcaster should know.

    Closing one that is closed, or gone with its channel, changes nothing. Raises HeldElsewhere.
    """
    with transaction.atomic():
        stream = _find_locked(stream_id, lease_owner)
        if stream is not None and stream.is_live:
            _end(stream, reason, at=at, error=error)


def stop_stream(*, stream_id: UUID, by: User, at: datetime) -> Stream:
    """End a stream by hand: its encoder is sent away, and nobody watches on. Raises StreamIsOver."""
    with transaction.atomic():
        stream = _lock_live(stream_id)
        _end(stream, Reason.KICKED, at=at, by=by)
        revoke_channel(stream.channel_id, at=at)
        _tell_origins(stream)
    return stream


def end_streams_of_key(*, key_id: int, by: User | None, at: datetime) -> None:
    """Send the encoder away that came in by this key; call it in the transaction that revokes the key."""
    for stream in _locked().live().filter(key=key_id):
        _end(stream, Reason.KEY_REVOKED, at=at, by=by)
        _tell_origins(stream)


def end_abandoned_streams(*, at: datetime, lease_owner: str = "") -> int:
    """Deal with the streams that an origin of this name left open when it was lost; return how many have ended.

    Called by the origin when it starts, before it admits anybody. Those that were on air a moment ago wait for their
    encoders, which may come back to them.
    """
    mine = Stream.objects.live().filter(lease_owner=lease_owner, lease_until__gt=at).exclude(lease_owner="")
    mine.update(lease_until=at)
    return heal_streams(at=at)


def heal_streams(*, at: datetime) -> int:
    """Interrupt streams whose origin is lost, end those that nobody came back to; return how many have ended."""
    lost = list(Stream.objects.lost(at).values_list("pk", flat=True))
    return sum(heal_stream(stream_id=stream_id, at=at) for stream_id in lost)


def heal_stream(*, stream_id: UUID, at: datetime) -> bool:
    """Do so with one of them; whether it has ended. Nothing happens to a stream whose origin is heard of."""
    with transaction.atomic():
        stream = _locked().lost(at).filter(pk=stream_id).first()
        if stream is None:
            return False
        heard_at = stream.lease_until or stream.started_at
        # It may be the database that was away: whoever sends still has the grace period to say so.
        is_pending = stream.state == Stream.State.PENDING
        if at >= (heard_at if is_pending else stream.interrupted_at or at) + grace():
            _end(stream, Reason.ORIGIN_LOST, at=at)
        elif not is_pending and stream.interrupted_at is None:
            log.warning("live.origin_lost", stream=str(stream_id), channel=stream.channel.slug, since=str(heard_at))
            _interrupt(stream, at)
    return not stream.is_live


def _interrupt(stream: Stream, at: datetime) -> None:
    if stream.interrupted_at is None:
        stream.mark_interrupted(at=at)
        stream.save(update_fields=["state", "interrupted_at"])
        events.publish(live_events.StreamInterrupted.of(stream), at=at)


def _resume(stream: Stream, at: datetime) -> None:
    if stream.interrupted_at is not None:
        stream.mark_resumed()
        stream.save(update_fields=["state", "interrupted_at"])
        events.publish(live_events.StreamResumed.of(stream), at=at)


def _end(stream: Stream, reason: Stream.EndReason, *, at: datetime, by: User | None = None, error: str = "") -> None:
    stream.mark_ended(reason=reason, at=at, error=error)
    stream.save(update_fields=["state", "end_reason", "error", "ended_at", "interrupted_at", "lease_until"])
    after = {"reason": str(reason), "channel": stream.channel.slug} | ({"error": error} if error else {})
    audit.record("stream.ended", stream, by=by, at=at, after=after)
    has_failed = stream.state == Stream.State.ERROR
    events.publish((live_events.StreamFailed if has_failed else live_events.StreamEnded).of(stream), at=at)
    observe = partial(
        observe_end,
        reason=str(reason),
        duration_s=(at - stream.started_at).total_seconds(),
        error=error,
        has_failed=has_failed,
    )
    transaction.on_commit(observe, robust=True)


def _tell_origins(stream: Stream) -> None:
    command = EndStream(stream_id=stream.pk, reason=stream.end_reason)
    transaction.on_commit(lambda: live_commands.tell_origins(command), robust=True)


def _locked() -> StreamQuerySet:
    return Stream.objects.select_for_update(of=("self",)).select_related("channel__owner")


def _find_locked(stream_id: UUID, lease_owner: str | None = None) -> Stream | None:
    """Return the row; to an origin, which says who it is, only as long as the stream is its own."""
    stream = _locked().filter(pk=stream_id).first()
    if stream is not None and lease_owner is not None and stream.lease_owner != lease_owner:
        raise HeldElsewhere
    return stream


def _lock_live(stream_id: UUID, lease_owner: str | None = None) -> Stream:
    stream = _find_locked(stream_id, lease_owner)
    if stream is None:
        raise StreamIsOver()
    if not stream.is_live:
        raise StreamIsOver(state=stream.state)
    return stream
