"""What became of the audiences of streams."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.reading.past import read_past_audiences
from streaming.past_audiences import PastAudience, audiences_of
from tests.analytics.figures import make_minutes, make_subject
from tests.factories import AT, make_stream

pytestmark = pytest.mark.django_db


def test_each_stream_has_its_peak_its_average_and_its_watch_time(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, second, unwatched = (make_stream(phase="ended") for _ in range(3))
    make_minutes(make_subject(first), AT - timedelta(hours=3), [100, 300])
    make_minutes(make_subject(second), AT - timedelta(hours=2), [7])
    with django_assert_num_queries(1):
        found = read_past_audiences([first.pk, second.pk, unwatched.pk])
    assert found == {
        first.pk: PastAudience(peak=300, average=200.0, watch_s=24_000),
        second.pk: PastAudience(peak=7, average=7.0, watch_s=420),
    }


def test_the_studio_asks_for_them_by_its_own_port() -> None:
    stream = make_stream(phase="ended")
    make_minutes(make_subject(stream), AT, [5])
    assert audiences_of([stream.pk]) == read_past_audiences([stream.pk])


def test_a_minute_of_few_seconds_weighs_as_much_as_it_has() -> None:
    stream = make_stream(phase="ended")
    subject = make_subject(stream)
    make_minutes(subject, AT, [10])
    make_minutes(subject, AT + timedelta(minutes=1), [40], seconds=30, viewers_sum=1200)
    assert read_past_audiences([stream.pk])[stream.pk].average == 20.0
