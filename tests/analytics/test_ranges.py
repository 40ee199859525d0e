"""Which time a page of figures shows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict

from analytics.pages.ranges import DAY, HOUR, MONTH, WHOLE, RangeForm, TimeRange
from analytics.reading.periods import Period

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PRESETS = (HOUR, DAY, MONTH)


def form_of(query: str, *, whole: TimeRange | None = None) -> RangeForm:
    return RangeForm(QueryDict(query), at=AT, presets=PRESETS, whole=whole)


def test_nothing_asked_for_is_the_first_of_the_ranges() -> None:
    form = form_of("")
    assert not form.errors
    period = Period(starts_at=AT - timedelta(hours=1), ends_at=AT)
    assert form.chosen == TimeRange(name=HOUR, period=period, goes_on=True)
    assert form.chosen.moving_s == 3600


def test_a_range_is_asked_for_by_its_name() -> None:
    form = form_of("range=day")
    assert form.chosen.period.starts_at == AT - timedelta(days=1)
    assert [link.query for link in form.links if link.is_current] == ["?range=day"]


def test_any_time_can_be_asked_for() -> None:
    form = form_of("range=custom&from=2026-11-20T10:00&to=2026-11-20T11:30")
    assert not form.errors
    begins_at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert form.chosen.period == Period(starts_at=begins_at, ends_at=begins_at + timedelta(minutes=90))
    assert not form.chosen.goes_on
    assert form.chosen.query == "from=2026-11-20T10%3A00%3A00Z&to=2026-11-20T11%3A30%3A00Z"
    assert form.chosen.days_query == "from=2026-11-20&to=2026-11-20"


@pytest.mark.parametrize("query", ["", "range=day"])
def test_both_moments_have_to_be_given_and_say_at_first_what_is_shown(query: str) -> None:
    form = form_of(query)
    assert form.fields["from"].required
    assert form.fields["to"].required
    period = form.chosen.period
    assert (form["from"].value(), form["to"].value()) == tuple(
        moment.replace(tzinfo=None) for moment in (period.starts_at, period.ends_at)
    )


def test_a_range_that_has_a_name_needs_no_moments() -> None:
    form = form_of("range=day&from=soon")
    assert not form.errors
    assert form.chosen.name == DAY


def test_what_is_to_come_is_left_out() -> None:
    assert form_of("range=custom&from=2026-11-22T10:00&to=2026-12-24T00:00").chosen.period.ends_at == AT


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("range=year", "range"),
        ("range=custom", "from"),
        ("range=custom&from=soon&to=2026-11-20T11:30", "from"),
        ("range=custom&from=2026-11-20T10:00&to=later", "to"),
        ("range=custom&from=2026-11-20T10:00&to=2026-11-20T10:00", "from"),
        ("range=custom&from=2026-11-22T12:00&to=2026-12-01T10:00", "from"),
        ("range=custom&from=0001-01-01T00:00&to=0001-01-02T00:00", "from"),
        ("range=custom&from=2026-01-01T00:00&to=2026-11-01T00:00", "from"),
        ("range=hour%00", "range"),
    ],
)
def test_what_makes_no_sense_is_said_and_the_first_is_shown(query: str, field: str) -> None:
    form = form_of(query)
    assert list(form.errors) == [field] or field in form.errors
    assert form.chosen.name == HOUR


def test_a_broadcast_is_shown_whole_unless_something_else_is_asked_for() -> None:
    period = Period(starts_at=AT - timedelta(minutes=5), ends_at=AT)
    whole = TimeRange(name=WHOLE, period=period, goes_on=True)
    assert whole.moving_s is None
    assert form_of("", whole=whole).chosen == whole
    assert form_of("range=whole", whole=whole).chosen == whole
    assert form_of("range=day", whole=whole).chosen.name == DAY
    assert form_of("range=whole").errors
