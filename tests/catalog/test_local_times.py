"""Local times where clocks are put forward and back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.local_times import TimeSkipped, TimeTwice, moment_of, which_of_two

BERLIN = ZoneInfo("Europe/Berlin")
# Whole hours, half an hour, a day that was left out, and offsets with minutes.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")


def test_a_plain_time_is_one_moment() -> None:
    assert moment_of(datetime(2026, 12, 3, 20, 0), ZoneInfo("Asia/Bangkok")) == datetime(2026, 12, 3, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "local", "resumes_at"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 0), datetime(2026, 3, 29, 3, 0)),
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 3, 0)),
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 59, 59), datetime(2026, 3, 29, 3, 0)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 4, 2, 30)),
        ("Pacific/Apia", datetime(2011, 12, 30, 12, 0), datetime(2011, 12, 31, 0, 0)),
    ],
)
def test_a_time_that_no_clock_shows_is_refused(zone: str, local: datetime, resumes_at: datetime) -> None:
    with pytest.raises(TimeSkipped) as refused:
        moment_of(local, ZoneInfo(zone))
    assert refused.value.resumes_at == resumes_at


@pytest.mark.parametrize("local", [datetime(2026, 3, 29, 1, 59, 59), datetime(2026, 3, 29, 3, 0)])
def test_the_times_beside_a_gap_are_taken(local: datetime) -> None:
    assert moment_of(local, BERLIN).astimezone(BERLIN).replace(tzinfo=None) == local


def test_a_time_that_comes_twice_is_asked_about() -> None:
    local = datetime(2026, 10, 25, 2, 30)
    with pytest.raises(TimeTwice) as asked:
        moment_of(local, BERLIN)
    assert (asked.value.first, asked.value.second) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    assert moment_of(local, BERLIN, which=0) == asked.value.first
    assert moment_of(local, BERLIN, which=1) == asked.value.second


@given(st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)), st.sampled_from(ZONES))
def test_every_moment_comes_back_from_its_local_time(naive: datetime, name: str) -> None:
    moment, zone = naive.replace(tzinfo=UTC), ZoneInfo(name)
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    assert moment_of(local, zone, which=which_of_two(moment, zone)) == moment
