"""Issue and revoke the secrets that admit encoders."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from portal import audit
from portal.errors import NotAllowed
from portal.models import User
from streaming.errors import StreamKeyIsRevoked, TooManyStreamKeys
from streaming.models import Channel, StreamKey
from streaming.models.stream_key import hash_secret
from streaming.services import live

_PREFIX_LENGTH = 8
_RANDOM_BYTES = 24
# Of a channel that can be used: more than anybody has encoders, and few enough to look through.
_MOST_KEYS = 20
_PREFIX = re.compile(rf"([0-9a-f]{{{_PREFIX_LENGTH}}})-")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A new key with its secret, which is shown once and then known to the encoder only."""

    key: StreamKey
    secret: str = field(repr=False)


def issue_stream_key(
    *, channel: Channel, label: str, by: User | None, at: datetime, expires_at: datetime | None = None
) -> IssuedKey:
    """Make a key for `channel`; `expires_at` None means that it stays valid until it is revoked.

    Raises TooManyStreamKeys; NotAllowed if the channel has got another owner since it was looked up.
    """
    prefix = secrets.token_hex(_PREFIX_LENGTH // 2)
    secret = f"{prefix}-{secrets.token_urlsafe(_RANDOM_BYTES)}"
    with transaction.atomic():
        # One at a time for each channel.
        if Channel.objects.select_for_update(no_key=True).get(pk=channel.pk).owner_id != channel.owner_id:
            raise NotAllowed()
        if StreamKey.objects.usable(at).filter(channel=channel).count() >= _MOST_KEYS:
            raise TooManyStreamKeys(most=_MOST_KEYS)
        key = StreamKey.objects.create(
            channel=channel,
            label=label,
            prefix=prefix,
            secret_sha256=hash_secret(secret),
            created_at=at,
            created_by=by,
            expires_at=expires_at,
        )
        audit.record("stream_key.issued", key, by=by, at=at, after={"channel": channel.slug, "expires_at": expires_at})
    return IssuedKey(key=key, secret=secret)


def revoke_stream_key(*, key_id: int, by: User | None, at: datetime) -> StreamKey:
    """Let the key admit nobody any more, and send the encoder away that it has admitted.

    Revoking it twice changes nothing.
    """
    with transaction.atomic():
        key = StreamKey.objects.select_for_update().get(pk=key_id)
        if key.revoked_at is None:
            key.revoked_at = at
            key.save(update_fields=["revoked_at"])
            audit.record("stream_key.revoked", key, by=by, at=at)
            live.end_streams_of_key(key_id=key.pk, by=by, at=at)
    return key


def revoke_keys_of_channel(*, channel_id: int, by: User | None, at: datetime) -> None:
    """Revoke all that admit anybody. The caller has locked the channel: no key is issued meanwhile."""
    for key_id in StreamKey.objects.filter(channel=channel_id, revoked_at=None).values_list("pk", flat=True):
        revoke_stream_key(key_id=key_id, by=by, at=at)


def rotate_stream_key(*, key_id: int, by: User | None, at: datetime) -> IssuedKey:
    """Put a new key in the place of this one: of the same label, for as long, and with another secret.

    Raises StreamKeyIsRevoked, also if it was revoked meanwhile.
    """
    with transaction.atomic():
        # A channel is locked before its keys, here and where it changes hands.
        Channel.objects.select_for_update(no_key=True).get(keys=key_id)
        if StreamKey.objects.select_for_update().get(pk=key_id).revoked_at is not None:
            raise StreamKeyIsRevoked()
        old = revoke_stream_key(key_id=key_id, by=by, at=at)
        return issue_stream_key(channel=old.channel, label=old.label, by=by, at=at, expires_at=old.expires_at)


def prefix_of(secret: str) -> str:
    """Return the part of a presented secret that names its key and may be shown; "" if it has none."""
    match = _PREFIX.match(secret)
    return match.group(1) if match else ""
