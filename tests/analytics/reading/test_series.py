"""The line of a subject, at every resolution."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import partitions
from analytics.errors import PeriodTooLong
from analytics.models import Subject
from analytics.reading.periods import Period, Resolution, choose_resolution
from analytics.reading.series import Series, read_series
from tests.analytics.figures import make_hours, make_minutes, make_seconds, make_subject

pytestmark = pytest.mark.django_db

# In the middle of a minute and of an hour.
AT = datetime(2026, 11, 20, 18, 40, 30, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def portal() -> Subject:
    return make_subject()


def last(length: timedelta) -> Period:
    return Period(starts_at=AT - length, ends_at=AT)


def read(length: timedelta, resolution: Resolution | None = None) -> Series:
    return read_series("portal", last(length), at=AT, resolution=resolution)


def told(series: Series) -> list[tuple[int, float]]:
    """Return how many seconds each point lies before AT, and its viewers."""
    return [(int(AT.timestamp()) - point.at, point.viewers) for point in series.points]


@pytest.mark.parametrize(
    ("length", "resolution"),
    [(SECOND, "1s"), (HOUR, "1s"), (HOUR + SECOND, "1m"), (2 * DAY, "1m"), (2 * DAY + SECOND, "1h"), (150 * DAY, "1h")],
)
def test_the_resolution_fits_the_length(length: timedelta, resolution: str) -> None:
    assert choose_resolution(last(length)) == resolution


@pytest.mark.parametrize(
    ("length", "resolution"),
    [
        (HOUR + SECOND, Resolution.SECOND),
        (61 * HOUR, Resolution.MINUTE),
        (151 * DAY, Resolution.HOUR),
        (151 * DAY, None),
    ],
)
def test_more_points_than_are_answered_at_once_are_refused(length: timedelta, resolution: Resolution | None) -> None:
    with pytest.raises(PeriodTooLong) as refused:
        read(length, resolution)
    assert refused.value.extras["most_points"] == 3600


def test_seconds_come_as_they_were_counted_and_gaps_stay_gaps(portal: Subject) -> None:
    make_seconds(portal, AT - 6 * SECOND, [3, None, 5], latency_ms=2000, qualities={"1080p": 3})
    make_seconds(portal, AT - 2 * SECOND, [6, 7], sealed=False)
    series = read(10 * SECOND)
    assert told(series) == [(6, 3.0), (4, 5.0), (2, 6.0), (1, 7.0)]
    assert [point.is_sealed for point in series.points] == [True, True, False, False]
    assert series.sealed_until == AT - 2 * SECOND
    assert (series.points[0].latency_ms, series.points[0].qualities) == (2000, {"1080p": 3})
    assert (series.resolution, series.is_coarser) == (Resolution.SECOND, False)


def test_the_end_is_not_of_the_period_and_nothing_is_beyond_the_present(portal: Subject) -> None:
    make_seconds(portal, AT - 2 * SECOND, [1, 2, 3, 4])
    assert told(read(HOUR)) == [(2, 1.0), (1, 2.0)]
    until_tomorrow = Period(starts_at=AT - MINUTE, ends_at=AT + DAY)
    series = read_series("portal", until_tomorrow, at=AT, resolution=Resolution.MINUTE)
    assert series.period.ends_at == AT


def test_of_a_time_to_come_nothing_is_known(portal: Subject) -> None:
    series = read_series("portal", Period(starts_at=AT + HOUR, ends_at=AT + 2 * HOUR), at=AT)
    assert (series.points, series.sealed_until) == ((), None)


def test_of_what_was_never_watched_there_is_an_empty_line() -> None:
    series = read_series("movie:1", last(DAY), at=AT)
    assert (series.points, series.sealed_until, series.columns()["viewers"]) == ((), None, [])


def test_another_subject_is_another_line(portal: Subject) -> None:
    make_seconds(make_subject("movie:1"), AT - 3 * SECOND, [9, 9, 9])
    make_seconds(portal, AT - 2 * SECOND, [2])
    assert told(read(HOUR)) == [(2, 2.0)]


def test_minutes_go_on_to_the_present_with_seconds_that_are_not_counted_yet(portal: Subject) -> None:
    make_minutes(portal, AT - 2 * HOUR - 30 * SECOND, [10] * 115)
    make_seconds(portal, AT - 5 * MINUTE - 30 * SECOND, [20] * 285)
    make_seconds(portal, AT - 45 * SECOND, [30] * 45, sealed=False)
    series = read(2 * HOUR, Resolution.MINUTE)
    assert (len(series.points), series.period.starts_at) == (121, AT - 2 * HOUR - 30 * SECOND)
    assert [viewers for _, viewers in told(series)[112:]] == [10.0, 10.0, 10.0, 20.0, 20.0, 20.0, 20.0, 22.5, 30.0]
    assert [point.seconds for point in series.points[-2:]] == [60, 30]
    assert series.sealed_until == AT - MINUTE - 30 * SECOND


def test_the_hour_that_goes_on_is_put_together_from_minutes_and_seconds(portal: Subject) -> None:
    make_hours(portal, AT - 3 * DAY - 40 * MINUTE - 30 * SECOND, [5] * 72)
    make_minutes(portal, AT - 40 * MINUTE - 30 * SECOND, [10] * 35)
    make_seconds(portal, AT - 5 * MINUTE - 30 * SECOND, [40] * 330, sealed=False)
    series = read(3 * DAY, Resolution.HOUR)
    assert len(series.points) == 73
    present = series.points[-1]
    assert (present.seconds, present.viewers_peak, present.is_sealed) == (2430, 40, False)
    assert present.viewers_sum == 35 * 600 + 330 * 40
    assert series.columns()["viewers"][-1] == round(present.viewers_sum / 2430, 2)
    assert series.sealed_until == AT - 40 * MINUTE - 30 * SECOND


def test_what_is_kept_by_the_second_no_more_is_told_by_the_minute(portal: Subject) -> None:
    start = AT - 4 * DAY
    make_minutes(portal, start - 30 * SECOND, [7] * 60)
    make_seconds(portal, start, [7] * 5)
    make_seconds(portal, AT - HOUR, [1])
    partitions.drop_partitions(partitions.SECONDS, before=AT - 3 * DAY)
    series = read_series("portal", Period(starts_at=start, ends_at=start + HOUR), at=AT, resolution=Resolution.SECOND)
    assert (series.resolution, series.is_coarser, len(series.points)) == (Resolution.MINUTE, True, 60)
    assert series.period.starts_at == start - 30 * SECOND


def test_what_is_kept_by_the_minute_no_more_is_told_by_the_hour(portal: Subject) -> None:
    start = AT - 70 * DAY
    make_hours(portal, start - 40 * MINUTE - 30 * SECOND, [7, 8])
    make_seconds(portal, AT - HOUR, [1])
    for table in (partitions.SECONDS, partitions.MINUTES):
        partitions.drop_partitions(table, before=AT - DAY)
    series = read_series("portal", Period(starts_at=start, ends_at=start + HOUR), at=AT)
    assert (series.resolution, series.is_coarser) == (Resolution.HOUR, True)
    assert [point.viewers for point in series.points] == [7.0, 8.0]


def test_every_column_has_a_figure_for_each_point(portal: Subject) -> None:
    make_seconds(portal, AT - 3 * SECOND, [1, 2], ingress_bps=5)
    columns = read(MINUTE).columns()
    assert {len(column) for column in columns.values()} == {2}
    assert (columns["viewers"], columns["ingress_bps"], columns["is_sealed"]) == ([1, 2], [5, 5], [True, True])


def count_queries(length: timedelta, resolution: Resolution | None = None) -> int:
    with CaptureQueriesContext(connection) as queries:
        read(length, resolution)
    return len(queries)


@pytest.mark.parametrize("length", [HOUR, DAY, 30 * DAY])
def test_a_line_costs_the_same_few_queries_however_much_there_is(portal: Subject, length: timedelta) -> None:
    make_seconds(portal, AT - 3 * SECOND, [1])
    few = count_queries(length)
    make_seconds(portal, AT - 10 * MINUTE, [1] * 500)
    make_minutes(portal, AT - 20 * HOUR - 30 * SECOND, [1] * 600)
    make_hours(portal, AT - 20 * DAY - 40 * MINUTE - 30 * SECOND, [1] * 300)
    assert count_queries(length) == few <= 6
