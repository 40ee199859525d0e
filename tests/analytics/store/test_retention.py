"""How long figures are kept."""

from datetime import date, timedelta

import pytest
from structlog.testing import capture_logs

from analytics import partitions, tasks
from analytics.partitions import MINUTES, SECONDS, SESSIONS
from analytics.store import retention
from tests.analytics.store.rooms import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_room")]


def oldest(table: partitions.PartitionedTable) -> date:
    return partitions.existing(table)[0][1]


def tend(days: int) -> None:
    retention.tend_partitions(at=AT + timedelta(days=days), seconds_hours=72, session_days=30)


def test_what_is_fine_is_kept_for_days_and_what_is_coarse_for_a_year() -> None:
    partitions.make_partitions(AT, AT + timedelta(days=12))
    tend(10)
    assert oldest(SECONDS) == (AT + timedelta(days=7)).date()
    assert oldest(SESSIONS) == AT.date()
    tend(40)
    assert oldest(SESSIONS) == (AT + timedelta(days=10)).date()
    assert oldest(MINUTES) == AT.date().replace(day=1)
    tend(395)
    assert oldest(MINUTES) == AT.date().replace(day=1)
    tend(430)
    assert oldest(MINUTES) > AT.date()


def test_there_is_room_for_the_days_to_come() -> None:
    assert partitions.days_ahead(at=AT) == -1
    tend(0)
    assert partitions.days_ahead(at=AT) == partitions.DAYS_AHEAD
    assert partitions.days_ahead(at=AT + timedelta(days=2)) == 1


def test_the_log_tells_when_room_runs_out() -> None:
    tend(0)
    with capture_logs() as lines:
        assert not retention.warn_if_they_run_out(at=AT + timedelta(days=1))
        assert retention.warn_if_they_run_out(at=AT + timedelta(days=2))
    assert [(line["event"], line["log_level"], line["days_ahead"]) for line in lines] == [
        ("audience.partitions_run_out", "error", 1)
    ]


def test_beat_does_both() -> None:
    tasks.tend_partitions()
    tasks.count_viewers()
    assert partitions.existing(SESSIONS)
