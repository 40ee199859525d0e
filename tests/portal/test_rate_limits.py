import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django_redis import get_redis_connection
from pytest_django import Settings

from portal import rate_limits
from portal.env import BadSetting, Env
from portal.errors import ServiceUnavailable, TooManyRequests


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> None:
    settings.NOVA_RATE_LIMITS = {"slow": "5/hour", "quick": "2/2seconds", "lifted": "off"}


def _passes(*identity: str) -> bool:
    try:
        rate_limits.check("slow", *identity)
    except TooManyRequests:
        return False
    return True


def test_exactly_as_many_pass_as_the_limit_says_under_concurrency() -> None:
    with ThreadPoolExecutor(max_workers=16) as pool:
        passed = list(pool.map(lambda _: _passes("ada"), range(80)))
    assert passed.count(True) == 5


def test_identities_are_counted_apart() -> None:
    for _ in range(5):
        rate_limits.check("slow", "ada", "127.0.0.1")
    assert not _passes("ada", "127.0.0.1")
    assert _passes("ada", "127.0.0.2")
    assert _passes("ada127.0.0.1")


def test_retry_after_is_right_to_the_second() -> None:
    rate_limits.check("quick", "ada")
    rate_limits.check("quick", "ada")
    with pytest.raises(TooManyRequests) as refused:
        rate_limits.check("quick", "ada")
    assert refused.value.retry_after_s == 2
    assert refused.value.headers() == {"Retry-After": "2"}
    assert refused.value.extras == {"scope": "quick"}
    time.sleep(1.2)
    with pytest.raises(TooManyRequests) as refused:
        rate_limits.check("quick", "ada")
    assert refused.value.retry_after_s == 1
    time.sleep(1)
    rate_limits.check("quick", "ada")


def test_refused_attempts_do_not_prolong_the_wait() -> None:
    rate_limits.check("quick", "ada")
    rate_limits.check("quick", "ada")
    until = time.monotonic() + 2.1
    while time.monotonic() < until - 0.2:
        with pytest.raises(TooManyRequests):
            rate_limits.check("quick", "ada")
        time.sleep(0.1)
    time.sleep(until - time.monotonic())
    rate_limits.check("quick", "ada")


def test_forgetting_an_identity_lets_it_start_anew() -> None:
    for _ in range(5):
        rate_limits.check("slow", "ada")
    rate_limits.forget("slow", "ada")
    assert _passes("ada")


def test_a_lifted_limit_counts_nothing() -> None:
    for _ in range(50):
        rate_limits.check("lifted", "ada")
    rate_limits.forget("lifted", "ada")
    assert not get_redis_connection("default").keys("nova:limits*")


def test_no_name_or_address_is_kept_in_redis() -> None:
    rate_limits.check("slow", "ada@example.com", "203.0.113.7")
    keys = b" ".join(get_redis_connection("default").keys("nova:limits*"))
    assert b"slow" in keys
    assert b"ada" not in keys
    assert b"203.0" not in keys


def test_an_unknown_scope_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        rate_limits.check("no-such-scope", "ada")


def test_without_redis_nothing_passes_uncounted(settings: Settings) -> None:
    settings.NOVA_REDIS_URL = "unix:///nonexistent/redis.sock"
    with pytest.raises(ServiceUnavailable) as refused:
        rate_limits.check("slow", "ada")
    assert refused.value.part == "redis"
    with pytest.raises(ServiceUnavailable):
        rate_limits.forget("slow", "ada")


def test_the_environment_overrides_a_limit_by_name() -> None:
    env = Env({"NOVA_RATE_LIMIT_SIGN_IN": "3 per minute", "NOVA_RATE_LIMIT_API_READ": "off"})
    read = rate_limits.read_limits(env, {"sign-in": "10/5minutes", "api-read": "9/second", "token": "1/minute"})
    assert read == {"sign-in": "3 per minute", "api-read": "off", "token": "1/minute"}


@pytest.mark.parametrize("value", ["ten a minute", "10", "0/minute", "10/fortnight", "-1/minute"])
def test_a_malformed_limit_is_refused_by_the_name_of_its_variable(value: str) -> None:
    with pytest.raises(BadSetting, match="NOVA_RATE_LIMIT_SIGN_IN"):
        rate_limits.read_limits(Env({"NOVA_RATE_LIMIT_SIGN_IN": value}), {"sign-in": "10/5minutes"})
