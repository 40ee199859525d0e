import pytest

from portal.redis_urls import celery_url, limits_url


@pytest.mark.parametrize(
    ("url", "celery", "limits"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0", "redis://cache:6379/0"),
        ("rediss://:s3cret@cache:6380/2", "rediss://:s3cret@cache:6380/2", "rediss://:s3cret@cache:6380/2"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0", "redis+unix:///run/redis.sock"),
        (
            "unix:///run/redis.sock?db=3",
            "redis+socket:///run/redis.sock?virtual_host=3",
            "redis+unix:///run/redis.sock?db=3",
        ),
    ],
)
def test_one_address_is_written_as_each_client_reads_it(url: str, celery: str, limits: str) -> None:
    assert celery_url(url) == celery
    assert limits_url(url) == limits
