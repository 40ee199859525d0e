"""Encoders that were not let in: written down, and held off where somebody tries again and again."""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django_redis import get_redis_connection

from portal import audit, rate_limits
from portal.errors import ServiceUnavailable
from portal.outages import REDIS_OUTAGES
from streaming.models import StreamKey
from streaming.rtmp.peers import host_of, site_of

SCOPE = "publish"
# An encoder that tries every other second leaves one line a minute.
_ONE_LINE_IN_S = 60


def check_peer(peer: str) -> None:
    """Count an attempt of an address, given with its port; "" is nobody's. Raises TooManyRequests.

    While Redis is away nobody is counted: who has a key goes on air all the same.
    """
    if peer:
        with suppress(ServiceUnavailable):
            rate_limits.check(SCOPE, site_of(host_of(peer)))


def forget_peer(peer: str) -> None:
    """Let an address start anew that has shown a good key."""
    if peer:
        with suppress(ServiceUnavailable):
            rate_limits.forget(SCOPE, site_of(host_of(peer)))


def record_refusal(*, prefix: str, code: str, peer: str, at: datetime) -> None:
    """Tell in the trail of a key that somebody was refused who presented it, or what begins like it.

    What no key begins with is not kept: strangers could fill the trail.
    """
    key = StreamKey.objects.filter(prefix=prefix).first() if prefix else None
    if key is not None and _is_first(f"nova:refused:{key.pk}:{code}"):
        with transaction.atomic():
            audit.record("stream_key.refused", key, by=None, at=at, after={"code": code, "peer": host_of(peer)})


def _is_first(name: str) -> bool:
    """Tell whether nothing of this name was written for a while."""
    with suppress(*REDIS_OUTAGES):
        return bool(get_redis_connection("default").set(name, 1, nx=True, ex=_ONE_LINE_IN_S))
    return False
