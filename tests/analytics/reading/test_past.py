"""What became of the audiences of streams."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from analytics.reading.past import read_past_audiences
from streaming.past_audiences import PastAudience, audiences_of
from tests.analytics.figures import make_minutes, make_seconds, make_subject
from tests.factories import AT, make_stream

pytestmark = pytest.mark.django_db


def test_each_stream_has_its_peak_its_average_and_its_watch_time(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, second, unwatched = (make_stream(phase="ended") for _ in range(3))
    make_minutes(make_subject(first), AT - timedelta(hours=3), [100, 300])
    make_minutes(make_subject(second), AT - timedelta(hours=2), [7])
    with django_assert_num_queries(2):
        found = read_past_audiences([first.pk, second.pk, unwatched.pk], at=AT)
    assert found == {
        first.pk: PastAudience(peak=300, average=200.0, watch_s=24_000),
        second.pk: PastAudience(peak=7, average=7.0, watch_s=420),
    }


def test_the_studio_asks_for_them_by_its_own_port() -> None:
    stream = make_stream(phase="ended")
    make_minutes(make_subject(stream), AT - timedelta(hours=1), [5])
    found = audiences_of([stream.pk], at=AT)
    assert found[stream.pk].peak == 5
    assert found == read_past_audiences([stream.pk], at=AT)


def test_a_minute_of_few_seconds_weighs_as_much_as_it_has() -> None:
    stream = make_stream(phase="ended")
    subject = make_subject(stream)
    make_minutes(subject, AT - timedelta(hours=1), [10])
    make_minutes(subject, AT - timedelta(minutes=59), [40], seconds=30, viewers_sum=1200)
    assert read_past_audiences([stream.pk], at=AT)[stream.pk].average == 20.0


def test_of_a_broadcast_that_has_just_ended_its_seconds_tell() -> None:
    stream = make_stream(phase="ended")
    subject = make_subject(stream)
    # This minute is made of the seconds that are counted by themselves, too.
    make_minutes(subject, AT - timedelta(minutes=7), [10] * 5)
    make_seconds(subject, AT - timedelta(minutes=5), [20] * 60)
    make_seconds(subject, AT - timedelta(seconds=40), [30] * 30, sealed=False)
    found = read_past_audiences([stream.pk], at=AT)[stream.pk]
    assert (found.peak, found.watch_s) == (30, 2 * 600 + 60 * 20 + 30 * 30)
    assert not found.is_final
    later = read_past_audiences([stream.pk], at=AT + timedelta(hours=1))[stream.pk]
    assert (later.watch_s, later.is_final) == (3000, True)
