"""How many watch what, as those who count said it last; behind portal.audience, for every app that shows it."""

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
from django_redis import get_redis_connection

from analytics.records import COUNTS, Count
from portal import clock
from portal.outages import REDIS_OUTAGES

_AT = "at"
# It is written anew each second. What is older, nobody stands for.
_HOLDS_S = 10


def read_counts(subjects: Collection[str]) -> Mapping[str, int]:
    return counts_of(subjects, at=clock.now())


def counts_of(subjects: Collection[str], *, at: datetime) -> Mapping[str, int]:
    """Return how many people watch each at that moment; of nothing while nobody counts, or Redis does not answer."""
    names = list(subjects)
    try:
        second, *found = get_redis_connection("default").hmget(COUNTS, [_AT, *names])
    except REDIS_OUTAGES:
        return {}
    if second is None or at.timestamp() - int(second) > _HOLDS_S:
        return {}
    # Whom nobody watches has no field.
    return {name: _viewers(count) if count else 0 for name, count in zip(names, found, strict=True)}


def _viewers(count: bytes) -> int:
    return msgspec.json.decode(count, type=Count).viewers
