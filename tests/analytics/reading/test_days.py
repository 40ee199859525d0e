"""What whole days come to, what was watched most on them, and how far viewers get."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.models import Subject
from analytics.reading.audience import latest_days, latest_period, period_of, read_movie, read_portal, read_stream
from analytics.reading.days import read_comparison, read_each_day, read_totals
from analytics.reading.periods import Days, Period
from analytics.reading.retention import BUCKETS, read_retention
from analytics.reading.titles import read_top_titles
from tests.analytics.figures import make_day, make_edges, make_seconds, make_subject
from tests.factories import AT, make_movie, make_stream

pytestmark = pytest.mark.django_db

TODAY = AT.date()
WEEK = Days(first=TODAY - timedelta(days=6), last=TODAY)


def days_ago(number: int) -> date:
    return TODAY - timedelta(days=number)


def test_days_are_added_up_and_ratios_are_those_of_the_sums() -> None:
    portal = make_subject()
    make_day(portal, TODAY, views=10, plays=8, exits=1, failures=1, startup_ms=8000, watch_ms=480_000, stall_ms=4800)
    ended = {"exits": 3, "failures": 3, "drops": 10}
    make_day(portal, days_ago(6), views=30, plays=8, watch_ms=0, startup_ms=0, stall_count=4, **ended)
    make_day(portal, days_ago(7), views=999)
    make_day(make_subject("movie:1"), TODAY, views=999)
    totals = read_totals("portal", WEEK)
    assert (totals.views, totals.viewers, totals.plays, totals.watch_s) == (40, 16, 16, 480)
    assert (totals.average_view_s, totals.average_startup_ms, totals.rebuffer_ratio) == (30.0, 500.0, 0.01)
    assert (totals.exit_ratio, totals.failure_ratio, totals.drop_ratio) == (0.1, 0.1, 0.25)
    assert totals.stalls_a_minute == 0.5
    assert totals.score is None


def test_of_days_without_anybody_there_are_no_ratios() -> None:
    totals = read_totals("portal", WEEK)
    assert (totals.views, totals.average_view_s, totals.rebuffer_ratio, totals.exit_ratio) == (0, None, None, None)


def test_the_score_of_days_is_the_mean_of_their_sessions_and_not_of_the_days() -> None:
    portal = make_subject()
    for day, count, each in ((TODAY, 3, 90.0), (days_ago(1), 1, 50.0)):
        parts: dict[str, Any] = {f"{part}_scores": count * each for part in ("success", "startup", "smoothness")}
        make_day(portal, day, scores=count * each, scored=count, started_scored=count, **parts)
    totals = read_totals("portal", WEEK)
    score = totals.score
    assert score is not None
    assert totals.scored == 4
    assert (score.overall, score.success, score.startup, score.smoothness, score.quality) == (80, 80, 80, 80, None)


def test_days_are_compared_with_as_many_before_them() -> None:
    portal = make_subject()
    for number, views in ((0, 5), (6, 5), (7, 3), (13, 1), (14, 100)):
        make_day(portal, days_ago(number), views=views)
    compared = read_comparison("portal", WEEK)
    assert (compared.now.views, compared.before.views) == (10, 4)


def test_days_to_come_are_compared_with_nothing() -> None:
    portal = make_subject()
    for number in (0, 1, 2):
        make_day(portal, days_ago(number), views=7)
    period = Period(starts_at=AT - timedelta(hours=1), ends_at=AT + timedelta(days=300 * 365))
    figures = read_portal(period, at=AT)
    assert figures.days == Days(first=TODAY, last=TODAY)
    assert (figures.totals.now.views, figures.totals.before.views) == (7, 7)
    tomorrow = AT.replace(hour=0) + timedelta(days=1)
    assert read_portal(Period(starts_at=tomorrow, ends_at=period.ends_at), at=AT).totals.now.views == 0


def test_a_day_on_which_nobody_came_is_one_of_the_days() -> None:
    make_day(make_subject(), days_ago(2), views=4)
    days = read_each_day("portal", WEEK)
    assert list(days) == WEEK.each()
    assert [totals.views for totals in days.values()] == [0, 0, 0, 0, 4, 0, 0]


def test_the_days_of_a_period_are_those_that_it_touches() -> None:
    midnight = AT.replace(hour=0)
    assert Period(starts_at=midnight - timedelta(hours=1), ends_at=midnight).days == Days(
        first=days_ago(1), last=days_ago(1)
    )
    assert Period(starts_at=midnight - timedelta(hours=1), ends_at=midnight + timedelta(seconds=1)).days.count == 2
    assert latest_days(at=AT) == Days(first=days_ago(29), last=TODAY)


def test_what_was_watched_longest_comes_first_and_the_whole_is_none_of_it() -> None:
    film, stream = make_movie(title="Harbour"), make_stream()
    make_day(make_subject(), TODAY, watch_ms=10**9)
    for day in (TODAY, days_ago(1)):
        make_day(make_subject(film) if day == TODAY else Subject.objects.get(movie=film), day, watch_ms=50_000)
    make_day(make_subject(stream), TODAY, watch_ms=90_000, views=3, viewers=2)
    make_day(make_subject("movie:999", title="Gone"), TODAY, watch_ms=1000)
    titles = read_top_titles(WEEK)
    assert [(title.title, title.watch_s, title.views) for title in titles] == [
        ("Harbour", 100, 20),
        (stream.channel.title, 90, 3),
        ("Gone", 1, 10),
    ]
    assert [(title.movie, title.stream) for title in titles] == [(film.slug, None), (None, stream.pk), (None, None)]
    assert titles[1].average_view_s == 30.0
    assert len(read_top_titles(WEEK, most=1)) == 1


def test_a_film_is_listed_by_the_title_that_it_has_now() -> None:
    film = make_movie(title="New")
    make_day(make_subject(film, title="Old"), TODAY)
    assert [title.title for title in read_top_titles(WEEK)] == ["New"]


def test_the_curve_is_the_running_sum_of_its_edges() -> None:
    film = make_subject("movie:1")
    make_day(film, TODAY, plays=40)
    make_day(film, days_ago(1), plays=10)
    make_edges(film, TODAY, [(0, 100), (0, 50), (20, 30)])
    make_edges(film, days_ago(1), [(0, 25)])
    make_edges(film, days_ago(9), [(0, 100)])
    curve = read_retention("movie:1", WEEK)
    assert (curve.views, curve.is_enough, len(curve.buckets)) == (50, True, BUCKETS)
    seen = {bucket.position: bucket.views for bucket in curve.buckets}
    assert [seen[position] for position in (0.0, 0.19, 0.2, 0.25, 0.3, 0.5, 0.99)] == [3, 3, 4, 3, 2, 1, 1]
    assert {bucket.viewers for bucket in curve.buckets} == {1, 2, 3, 4}


def test_of_fewer_than_thirty_there_is_no_curve() -> None:
    film = make_subject("movie:1")
    make_day(film, TODAY, plays=29)
    make_edges(film, TODAY, [(0, 100)])
    curve = read_retention("movie:1", WEEK)
    assert (curve.views, curve.is_enough, curve.buckets) == (29, False, ())


def test_a_stream_is_shown_from_when_it_went_on_air() -> None:
    stream = make_stream(ended_at=None, active_at=AT)
    at = AT + timedelta(minutes=20)
    assert period_of(stream, at=at) == Period(starts_at=AT, ends_at=at)
    stream.ended_at = AT + timedelta(minutes=5)
    assert period_of(stream, at=at).ends_at == stream.ended_at
    stream.ended_at = AT
    assert period_of(stream, at=at).length == timedelta(seconds=1)


def count_queries(subject: Subject) -> list[int]:
    assert subject.stream is not None
    at, counts = AT + timedelta(minutes=5), []
    movie = make_movie()
    for read in (
        lambda: read_portal(latest_period(at=at), at=at),
        lambda: read_stream(subject.stream, period_of(subject.stream, at=at), at=at),
        lambda: read_movie(movie, WEEK),
    ):
        with CaptureQueriesContext(connection) as queries:
            read()
        counts.append(len(queries))
    return counts


def test_more_figures_cost_no_more_queries() -> None:
    portal, subject = make_subject(), make_subject(make_stream())
    for of in (portal, subject):
        make_seconds(of, AT, [1])
        make_day(of, TODAY)
    few = count_queries(subject)
    make_seconds(subject, AT + timedelta(seconds=9), [5] * 200)
    for number in range(1, 30):
        make_day(portal, days_ago(number))
        make_day(make_subject(make_movie()), TODAY)
    assert count_queries(subject) == few
    assert all(count <= most for count, most in zip(few, (10, 7, 2), strict=True))
