"""How many watch is known for ten seconds after it was counted, and of nothing longer than that."""

from datetime import timedelta

import pytest
from django_redis import get_redis_connection
from pytest_django import Settings

from analytics.counts import counts_of, read_counts
from analytics.records import COUNTS
from portal import audience, clock
from tests.factories import AT
from tests.viewer_counts import count_viewers

SUBJECTS = ("movie:7", "stream:a")


def test_nothing_is_known_where_nobody_counts() -> None:
    assert counts_of(SUBJECTS, at=AT) == {}


def test_whom_nobody_watches_is_watched_by_nobody() -> None:
    count_viewers({"movie:7": 1234, "movie:8": 1}, at=AT)
    assert counts_of(SUBJECTS, at=AT) == {"movie:7": 1234, "stream:a": 0}


@pytest.mark.parametrize(("age_s", "is_known"), [(-2, True), (0, True), (10, True), (11, False), (86_400, False)])
def test_a_count_is_of_its_second(age_s: int, is_known: bool) -> None:
    count_viewers({"movie:7": 3}, at=AT)
    assert counts_of(("movie:7",), at=AT + timedelta(seconds=age_s)) == ({"movie:7": 3} if is_known else {})


def test_counts_without_a_moment_are_none() -> None:
    count_viewers({"movie:7": 3}, at=AT)
    get_redis_connection("default").hdel(COUNTS, "at")
    assert counts_of(("movie:7",), at=AT) == {}


def test_nothing_is_known_while_redis_is_away(settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert counts_of(SUBJECTS, at=AT) == {}


def test_every_app_reads_it_by_the_port() -> None:
    count_viewers({"stream:a": 5}, at=clock.now())
    assert audience.viewers_of(SUBJECTS) == read_counts(SUBJECTS) == {"movie:7": 0, "stream:a": 5}
    assert audience.viewers_of(()) == {}
    assert (audience.viewers_of_one("stream:a"), audience.viewers_of_one("stream:b")) == (5, 0)
    count_viewers({"stream:a": 5}, at=clock.now() - timedelta(minutes=1))
    assert audience.viewers_of_one("stream:a") is None
