"""Recognise, among the errors of the libraries, that a part which Nova needs does not answer."""

from django.db import InterfaceError, OperationalError
from django_redis.exceptions import ConnectionInterrupted
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError

from portal.errors import ServiceUnavailable

# Gone, silent, or in the middle of a failover.
REDIS_OUTAGES = (RedisConnectionError, RedisTimeoutError, ReadOnlyError)

_PARTS: dict[str, tuple[type[Exception], ...]] = {
    # Connections refused or lost, the pool exhausted, deadlocks: all may pass by themselves.
    "database": (OperationalError, InterfaceError),
    "redis": (*REDIS_OUTAGES, ConnectionInterrupted),
    "broker": (BrokerError,),
}

OUTAGES: tuple[type[Exception], ...] = tuple(cause for causes in _PARTS.values() for cause in causes)


def as_outage(error: BaseException) -> ServiceUnavailable | None:
    """Return the outage that `error` tells of, or None if it tells of none."""
    for part, causes in _PARTS.items():
        if isinstance(error, causes):
            return ServiceUnavailable(part=part)
    return None
