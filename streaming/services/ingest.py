"""Who may publish: the door for encoders."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from portal import audit, events
from portal.errors import PortalError
from portal.ids import uuid7
from streaming.errors import ChannelIsLive, StreamKeyExpired, StreamKeyUnknown
from streaming.live_events import StreamAdmitted
from streaming.models import Stream, StreamKey
from streaming.services import refusals
from streaming.services.live import LEASE, end_stream, grace, heal_stream
from streaming.services.stream_keys import prefix_of

# Compared when no key has the presented prefix, so that a wrong prefix takes as long as a wrong secret.
_NOBODYS_KEY = StreamKey(secret_sha256="0" * 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedStream:
    """What the ingest needs to know of the stream that it was allowed to take in.

    `package_hex` names the folder of its segments; `dvr_s` is how far viewers can go back. `is_resumed`: it is one that
    had lost its encoder, and goes on. What `lease_owner` tells of it counts until another one takes it up.
    """

    stream_id: uuid.UUID
    channel_id: int
    channel_slug: str
    package_hex: str
    dvr_s: int
    is_recorded: bool
    is_resumed: bool
    lease_owner: str = ""


def admit_publisher(
    *,
    presented_secret: str,
    at: datetime,
    may_take_up: Callable[[uuid.UUID], bool] | None = None,
    lease_owner: str = "",
    peer: str = "",
) -> AdmittedStream:
    """Open a stream for whoever presents a valid key, or let it take up the one that its channel has.

    A stream is free that has lost its encoder a moment ago; of others of the same origin, which `lease_owner` names,
    `may_take_up` tells whether they are, as when their encoder is silent. `peer` is the encoder's address: from one
    that tries again and again nothing is taken for a while.

    Raises StreamKeyUnknown (also for a revoked key), StreamKeyExpired, ChannelIsLive, TooManyRequests.
    """
    refusals.check_peer(peer)
    try:
        admitted = _admit(presented_secret, at, lease_owner, may_take_up)
    except PortalError as error:
        refusals.record_refusal(prefix=prefix_of(presented_secret), code=error.code, peer=peer, at=at)
        raise
    refusals.forget_peer(peer)
    return admitted


def list_waiting(*, lease_owner: str) -> list[AdmittedStream]:
    """Return the streams whose encoders an origin of this name had, before it was started again, and waits for."""
    waiting = Stream.objects.live().exclude(interrupted_at=None).exclude(lease_owner="").exclude(package_hex="")
    mine = waiting.filter(lease_owner=lease_owner).select_related("channel")
    return [_admitted(stream, is_resumed=True, lease_owner=lease_owner) for stream in mine]


def _admit(
    presented_secret: str, at: datetime, lease_owner: str, may_take_up: Callable[[uuid.UUID], bool] | None
) -> AdmittedStream:
    try:
        with transaction.atomic():
            key = _lock_key(presented_secret, at)
            stream = _take_up(key, at, lease_owner, may_take_up)
            is_resumed = stream is not None
            stream = stream or _open(key, at)
            stream.channel = key.channel
            Stream.objects.filter(pk=stream.pk).update(key=key, lease_until=at + LEASE, lease_owner=lease_owner)
            StreamKey.objects.filter(pk=key.pk).update(last_used_at=at)
            audit.record(
                "stream.taken_up" if is_resumed else "stream.admitted",
                stream,
                by=None,
                at=at,
                after={"channel": key.channel.slug, "key": key.prefix},
            )
    except IntegrityError as error:
        raise ChannelIsLive() from error
    return _admitted(stream, is_resumed=is_resumed, lease_owner=lease_owner)


def _admitted(stream: Stream, *, is_resumed: bool, lease_owner: str) -> AdmittedStream:
    return AdmittedStream(
        stream_id=stream.pk,
        channel_id=stream.channel_id,
        channel_slug=stream.channel.slug,
        package_hex=stream.package_hex,
        dvr_s=stream.dvr_s,
        is_recorded=stream.is_recorded,
        is_resumed=is_resumed,
        lease_owner=lease_owner,
    )


def _take_up(
    key: StreamKey, at: datetime, lease_owner: str, may_take_up: Callable[[uuid.UUID], bool] | None
) -> Stream | None:
    """Return the stream that the channel has; None if it has none. Raises ChannelIsLive."""
    streams = Stream.objects.live().select_for_update().filter(channel=key.channel_id)
    for lost in streams.lost(at):
        # The checker may be busy, or away itself.
        if lost.state == Stream.State.PENDING:
            end_stream(stream_id=lost.pk, reason=Stream.EndReason.ORIGIN_LOST, at=at)
        else:
            heal_stream(stream_id=lost.pk, at=at)
    stream = streams.first()
    if stream is None:
        return None
    if may_take_up is not None and stream.lease_owner == lease_owner:
        # The origin knows better than the row: another encoder may have come back a moment ago.
        is_free = may_take_up(stream.pk)
    else:
        is_free = stream.may_come_back(at=at, grace=grace())
    if not is_free:
        raise ChannelIsLive()
    return stream


def _open(key: StreamKey, at: datetime) -> Stream:
    is_test = key.channel.test_until is not None and at < key.channel.test_until
    stream = Stream.objects.create(
        id=uuid7(at),
        channel=key.channel,
        key=key,
        package_hex=secrets.token_hex(16),
        dvr_s=key.channel.dvr_s,
        is_recorded=key.channel.is_recorded and not is_test,
        is_test=is_test,
        started_at=at,
    )
    events.publish(StreamAdmitted.of(stream), at=at)
    return stream


def _lock_key(presented_secret: str, at: datetime) -> StreamKey:
    # Locked before it is looked at: once a revocation is through, nobody comes in with what was read before it.
    keys = StreamKey.objects.select_for_update(of=("self",)).select_related("channel__owner")
    found = keys.filter(prefix=prefix_of(presented_secret)).first()
    if not (found or _NOBODYS_KEY).matches(presented_secret) or found is None or found.revoked_at is not None:
        raise StreamKeyUnknown()
    if not found.channel.owner.is_active:
        raise StreamKeyUnknown()
    if not found.is_usable(at):
        raise StreamKeyExpired()
    return found
