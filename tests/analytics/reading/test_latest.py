"""What was counted last, and the most of a day."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.counting.figures import PORTAL
from analytics.reading.latest import Peak, read_latest, read_peak
from tests.analytics.figures import make_minutes, make_seconds, make_subject
from tests.factories import AT, make_channel, make_movie, make_stream

pytestmark = pytest.mark.django_db


def test_where_nothing_is_counted_there_is_no_latest_second() -> None:
    assert read_latest(at=AT) == (None, [])


def test_what_is_a_minute_old_is_no_latest_second() -> None:
    make_seconds(make_subject(), AT - timedelta(minutes=1), [5])
    assert read_latest(at=AT) == (None, [])
    make_seconds(make_subject("movie:1"), AT - timedelta(seconds=59), [3])
    second, subjects = read_latest(at=AT)
    assert second == int(AT.timestamp()) - 59
    assert [row["subject"] for row in subjects] == ["movie:1"]


def test_the_latest_second_is_that_of_every_subject_the_portal_first() -> None:
    movie, stream = make_movie(title="Meridian"), make_stream(make_channel(title="Harbour"))
    figures = {"ingress_bps": 6_000_000, "latency_ms": 2100, "qualities": {"720p": 9}}
    for subject, viewers in ((make_subject(movie), 2), (make_subject(stream), 9), (make_subject(), 1)):
        make_seconds(subject, AT - timedelta(seconds=3), [99, viewers], sealed=False, errors=1, **figures)
    second, subjects = read_latest(at=AT)
    assert second == int(AT.timestamp()) - 2
    assert [(row["subject"], row["title"], row["viewers"]) for row in subjects] == [
        (PORTAL, "", 1),
        (f"stream:{stream.pk}", "Harbour", 9),
        (f"movie:{movie.pk}", "Meridian", 2),
    ]
    assert {name: subjects[1][name] for name in figures} == figures
    assert (subjects[1]["at"], subjects[1]["errors"], subjects[1]["is_sealed"]) == (second, 1, False)


def test_a_second_that_is_to_come_is_none() -> None:
    make_seconds(make_subject(), AT - timedelta(seconds=1), [1, 2, 3, 4])
    second, subjects = read_latest(at=AT)
    assert (second, subjects[0]["viewers"]) == (int(AT.timestamp()), 2)


def test_nobody_has_no_peak() -> None:
    assert read_peak(PORTAL, at=AT) == Peak(viewers=0, is_sealed=True)


def test_a_peak_is_the_highest_minute_of_a_day() -> None:
    portal = make_subject()
    make_minutes(portal, AT - timedelta(hours=25), [900])
    make_minutes(portal, AT - timedelta(hours=23), [40, 70, 50])
    make_minutes(make_subject("movie:1"), AT - timedelta(hours=1), [800])
    assert read_peak(PORTAL, at=AT) == Peak(viewers=70, is_sealed=True)


def test_a_second_that_is_higher_is_the_peak_though_it_may_change() -> None:
    portal = make_subject()
    make_minutes(portal, AT - timedelta(hours=1), [70])
    make_seconds(portal, AT - timedelta(seconds=10), [60, 71], sealed=False)
    assert read_peak(PORTAL, at=AT) == Peak(viewers=71, is_sealed=False)


def test_a_second_that_is_sealed_holds_before_its_minute_is_counted() -> None:
    portal = make_subject()
    make_minutes(portal, AT - timedelta(hours=1), [70])
    make_seconds(portal, AT - timedelta(seconds=90), [80])
    make_seconds(portal, AT - timedelta(seconds=10), [80], sealed=False)
    assert read_peak(PORTAL, at=AT) == Peak(viewers=80, is_sealed=True)


def test_however_much_is_watched_it_takes_two_queries_each() -> None:
    make_seconds(make_subject(), AT - timedelta(seconds=2), [5])
    for number in range(4):
        make_seconds(make_subject(f"movie:{number}"), AT - timedelta(seconds=2), [5])
    with CaptureQueriesContext(connection) as queries:
        read_latest(at=AT)
    assert len(queries) == 2
    with CaptureQueriesContext(connection) as queries:
        read_peak(PORTAL, at=AT)
    assert len(queries) == 2
