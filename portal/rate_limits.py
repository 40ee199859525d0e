"""Named limits, counted in Redis over a moving window: exact for any number of processes and threads.

`NOVA_RATE_LIMITS` holds them as "10/5minutes"; the variable `NOVA_RATE_LIMIT_SIGN_IN` overrides the scope `sign-in`,
and `off` lifts it.
"""

import math
from collections.abc import Mapping
from functools import lru_cache

import limits
from django.conf import settings
from django.utils.crypto import salted_hmac
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from portal import clock
from portal.env import BadSetting, Env
from portal.errors import ServiceUnavailable, TooManyRequests
from portal.outages import REDIS_OUTAGES
from portal.redis_urls import limits_url

OFF = "off"
_ANSWER_WITHIN_S = 3


def read_limits(env: Env, defaults: Mapping[str, str]) -> dict[str, str]:
    """Return the limit of each scope: the default, or what its environment variable says."""
    return {scope: _read_limit(env, scope, default) for scope, default in defaults.items()}


def variable_of(scope: str) -> str:
    """Return the name of the environment variable that overrides a scope."""
    return f"NOVA_RATE_LIMIT_{scope.upper().replace('-', '_')}"


def check(scope: str, *identity: str) -> None:
    """Count one attempt of `identity` against the scope.

    Raises:
        TooManyRequests: the limit is reached; this attempt does not count.
        ServiceUnavailable: Redis does not answer. Without a count there is no limit, so the attempt waits.
    """
    limit = _limit(scope)
    if limit is None:
        return
    limiter = _limiter(settings.NOVA_REDIS_URL)
    key = (scope, _key(identity))
    try:
        if limiter.hit(limit, *key):
            return
        reset_at = limiter.get_window_stats(limit, *key).reset_time
    except REDIS_OUTAGES as error:
        raise ServiceUnavailable(part="redis") from error
    raise TooManyRequests(scope=scope, retry_after_s=max(1, math.ceil(reset_at - clock.now().timestamp())))


def forget(scope: str, *identity: str) -> None:
    """Let `identity` start anew in the scope, as after a success that proves it genuine."""
    limit = _limit(scope)
    if limit is None:
        return
    try:
        _limiter(settings.NOVA_REDIS_URL).clear(limit, scope, _key(identity))
    except REDIS_OUTAGES as error:
        raise ServiceUnavailable(part="redis") from error


def _read_limit(env: Env, scope: str, default: str) -> str:
    name = variable_of(scope)
    value = env.text(name) or default
    if value == OFF:
        return value
    try:
        amount = limits.parse(value).amount
    except ValueError:
        raise BadSetting(f"{name} is {value!r}; it takes a limit like 10/5minutes, or off.") from None
    if amount < 1:
        raise BadSetting(f"{name} is {value!r}; it takes at least one.")
    return value


def _limit(scope: str) -> limits.RateLimitItem | None:
    value = settings.NOVA_RATE_LIMITS[scope]
    return None if value == OFF else _parse(value)


@lru_cache(maxsize=64)
def _parse(value: str) -> limits.RateLimitItem:
    return limits.parse(value)


@lru_cache(maxsize=1)
def _limiter(redis_url: str) -> MovingWindowRateLimiter:
    storage = storage_from_string(
        limits_url(redis_url),
        key_prefix="nova:limits",
        socket_timeout=_ANSWER_WITHIN_S,
        socket_connect_timeout=_ANSWER_WITHIN_S,
    )
    return MovingWindowRateLimiter(storage)


def _key(identity: tuple[str, ...]) -> str:
    """Hash an identity: names and addresses are not for Redis to keep."""
    return salted_hmac("portal.rate_limits", "\0".join(identity)).hexdigest()[:32]
