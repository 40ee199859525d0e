"""The partitions of tables that grow by the second."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection

from analytics import partitions
from analytics.models import MetricMinute, MetricSecond, PlaybackSession, Subject
from analytics.models.playback_session import day_of
from portal.ids import uuid7

AT = datetime(2026, 12, 30, 23, 59, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("no_room")


def second(subject: Subject, at: datetime) -> MetricSecond:
    return MetricSecond(subject=subject, at=at, viewers=3, sessions=4)


@pytest.fixture
def subject(db: None) -> Subject:
    return Subject.objects.create(kind=Subject.Kind.PORTAL, name="portal")


def test_models_and_migrations_are_one(db: None) -> None:
    call_command("makemigrations", "analytics", check=True, dry_run=True, stdout=StringIO())


def test_there_is_room_from_yesterday_to_some_days_ahead(subject: Subject) -> None:
    partitions.make_partitions_ahead(at=AT)
    for days in (-1, 0, 1, 2, 3):
        second(subject, AT + timedelta(days=days)).save(force_insert=True)
    assert MetricSecond.objects.count() == 5
    assert [start for _, start in partitions.existing(partitions.SECONDS)] == [
        date(2026, 12, 29) + timedelta(days=days) for days in range(5)
    ]
    assert [name for name, _ in partitions.existing(partitions.MINUTES)] == [
        "analytics_metricminute_202612",
        "analytics_metricminute_202701",
    ]


def test_room_is_made_once(db: None) -> None:
    partitions.make_partitions_ahead(at=AT)
    before = partitions.existing(partitions.SESSIONS)
    partitions.make_partitions_ahead(at=AT + timedelta(minutes=1))
    assert len(partitions.existing(partitions.SESSIONS)) == len(before) + 1


def test_what_is_too_old_goes_with_its_partition(subject: Subject) -> None:
    partitions.make_partitions_ahead(at=AT)
    second(subject, AT).save(force_insert=True)
    second(subject, AT + timedelta(days=1)).save(force_insert=True)
    before = datetime(2026, 12, 31, 12, tzinfo=UTC)
    dropped = partitions.drop_partitions(partitions.SECONDS, before=before)
    assert dropped == ["analytics_metricsecond_20261229", "analytics_metricsecond_20261230"]
    assert list(MetricSecond.objects.values_list("at", flat=True)) == [AT + timedelta(days=1)]


def test_a_month_goes_when_its_last_day_is_too_old(db: None) -> None:
    partitions.make_partitions_ahead(at=AT)
    assert partitions.drop_partitions(partitions.MINUTES, before=datetime(2026, 12, 31, 23, tzinfo=UTC)) == []
    dropped = partitions.drop_partitions(partitions.MINUTES, before=datetime(2027, 1, 1, tzinfo=UTC))
    assert dropped == ["analytics_metricminute_202612"]


def test_a_row_without_room_is_refused(subject: Subject) -> None:
    with pytest.raises(IntegrityError):
        second(subject, AT).save(force_insert=True)


def test_a_session_belongs_to_the_day_in_its_id() -> None:
    assert day_of(uuid7(AT)) == date(2026, 12, 30)
    assert day_of(UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")) == date(2022, 2, 22)


def test_each_table_is_in_partitions(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'p'")
        assert {name for (name,) in cursor.fetchall()} == {table.name for table in partitions.TABLES}
    assert {model._meta.db_table for model in (MetricSecond, MetricMinute, PlaybackSession)} == {
        table.name for table in partitions.TABLES
    }
