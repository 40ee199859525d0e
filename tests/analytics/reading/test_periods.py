"""Which part of time is read, and how finely."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from analytics.errors import PeriodTooLong
from analytics.reading.periods import (
    LONGEST,
    MOST_POINTS,
    Days,
    Period,
    Resolution,
    choose_resolution,
    floor,
    require_room,
)

AT = datetime(2026, 11, 20, 18, 40, 30, 250_000, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("resolution", "beginning"),
    [
        (Resolution.SECOND, AT.replace(microsecond=0)),
        (Resolution.MINUTE, AT.replace(second=0, microsecond=0)),
        (Resolution.HOUR, AT.replace(minute=0, second=0, microsecond=0)),
    ],
)
def test_a_moment_lies_in_the_span_that_began_before_it(resolution: Resolution, beginning: datetime) -> None:
    assert floor(AT, resolution.span) == beginning
    assert floor(beginning, resolution.span) == beginning


def test_spans_are_counted_in_the_same_time_zone_for_everybody() -> None:
    kathmandu = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert floor(kathmandu, Resolution.HOUR.span) == floor(AT, Resolution.HOUR.span)


@pytest.mark.parametrize("resolution", list(Resolution))
def test_there_is_room_for_just_so_many_points(resolution: Resolution) -> None:
    fits = Period(starts_at=AT, ends_at=AT + MOST_POINTS * resolution.span)
    require_room(fits, resolution)
    with pytest.raises(PeriodTooLong) as refused:
        require_room(Period(starts_at=AT, ends_at=fits.ends_at + resolution.span), resolution)
    assert refused.value.extras["resolution"] == resolution.value
    assert str(refused.value.detail) == "At most 3600 points are answered at once."


def test_the_longest_line_is_one_of_hours() -> None:
    assert choose_resolution(Period(starts_at=AT - LONGEST, ends_at=AT)) is Resolution.HOUR
    with pytest.raises(PeriodTooLong):
        choose_resolution(Period(starts_at=AT - LONGEST - DAY, ends_at=AT))
    # A file has room for more.
    assert choose_resolution(Period(starts_at=AT - 2 * LONGEST, ends_at=AT), most=86_400) is Resolution.HOUR


def test_days_are_those_of_utc() -> None:
    bangkok = timezone(timedelta(hours=7))
    night = Period(
        starts_at=datetime(2026, 11, 21, 1, tzinfo=bangkok), ends_at=datetime(2026, 11, 21, 7, tzinfo=bangkok)
    )
    assert night.days == Days(first=date(2026, 11, 20), last=date(2026, 11, 20))
    assert night.length == timedelta(hours=6)


def test_the_days_before_are_as_many() -> None:
    days = Days(first=date(2026, 3, 1), last=date(2026, 3, 3))
    assert days.previous == Days(first=date(2026, 2, 26), last=date(2026, 2, 28))
    assert days.previous.count == days.count == 3
    assert days.each() == [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]
