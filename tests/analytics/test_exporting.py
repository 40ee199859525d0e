"""The state of the portal as Prometheus reads it: from real rows and a real Redis, and without them."""

import ast
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django_redis import get_redis_connection
from prometheus_client import REGISTRY, CollectorRegistry, Metric
from pytest_django import DjangoAssertNumQueries

from analytics import partitions
from analytics.counting.audience import Reception
from analytics.exporting import (
    KEPT_S,
    StateCollector,
    count_reception,
    observe_viewers,
    read_state,
    register_collectors,
)
from analytics.models import MetricMinute, MetricSecond, Subject
from analytics.records import COUNTS
from portal import clock
from streaming.ingest_samples import LOG, SAMPLE, IngestSample
from streaming.models import PackagingJob, Stream
from tests.factories import make_channel, make_job, make_stream

_entries = itertools.count()


def figures(at: datetime) -> dict[str, float]:
    """Return what is read, by name and labels."""
    return {_named(sample): sample.value for metric in read_state(at=at) for sample in metric.samples}


def _named(sample: Any) -> str:
    return " ".join([sample.name, *sample.labels.values()])


@pytest.fixture
def now(db: None) -> datetime:
    at = clock.now()
    partitions.make_partitions_ahead(at=at)
    return at


def make_subject(stream: Stream | None = None) -> Subject:
    if stream is None:
        return Subject.objects.create(kind=Subject.Kind.PORTAL, name="portal")
    return Subject.objects.create(kind=Subject.Kind.STREAM, name=f"stream:{stream.pk}", stream=stream)


def make_second(subject: Subject, at: datetime, viewers: int, *, is_sealed: bool = True) -> None:
    MetricSecond.objects.create(subject=subject, at=at, viewers=viewers, sessions=viewers, is_sealed=is_sealed)


def make_minute(subject: Subject, at: datetime, peak: int) -> None:
    sums = dict.fromkeys(("viewers_sum", "joins", "leaves", "rebuffering_sum", "errors", "egress_bps"), 0)
    MetricMinute.objects.create(subject=subject, at=at, seconds=60, viewers_peak=peak, sessions_peak=peak, **sums)


def write_counts(at: datetime, **sessions: int) -> None:
    """Write what the process that counts would: one viewer of each subject has two players."""
    counts = {name: json.dumps({"viewers": count - 1, "sessions": count}) for name, count in sessions.items()}
    get_redis_connection("default").hset(COUNTS, mapping={"at": int(at.timestamp()), **counts})


def write_sample(stream: Stream, at: datetime, sessions: int | None) -> None:
    sample = IngestSample(stream=str(stream.pk), at=round(1000 * at.timestamp()), sessions=sessions)
    entry = f"{sample.at}-{next(_entries)}"
    get_redis_connection("default").xadd(LOG, {SAMPLE: msgspec.msgpack.encode(sample)}, id=entry)


def test_beacons_for_which_there_is_no_room_are_counted() -> None:
    def turned_away() -> float:
        return REGISTRY.get_sample_value("nova_beacons_turned_away_total") or 0.0

    before = turned_away()
    count_reception(Reception(turned_away=3))
    assert turned_away() == before + 3


def test_a_portal_where_nothing_happens_says_so(now: datetime) -> None:
    read = figures(now)
    assert read["nova_streaming_active_streams"] == read["nova_streaming_peak_viewers"] == 0
    assert (read["nova_database_up"], read["nova_redis_up"], read["nova_audience_up"]) == (1, 1, 0)
    assert read["nova_audience_seal_lag_seconds"] == 0
    # Nobody counts: there is no figure, which is not nobody.
    assert "nova_audience_viewers" not in read


def test_streams_on_air_are_counted_in_the_database(now: datetime) -> None:
    for phase in ("live", "reconnecting", "starting", "pending", "ended", "failed"):
        make_stream(phase=phase)
    assert figures(now)["nova_streaming_active_streams"] == 3


def test_the_peak_is_sealed_and_of_what_is_live(now: datetime) -> None:
    live, over = make_subject(make_stream()), make_subject(make_stream(phase="ended"))
    minute = now.replace(second=0, microsecond=0)
    make_minute(live, minute - timedelta(minutes=9), 40)
    make_minute(over, minute - timedelta(minutes=9), 900)
    make_second(live, now - timedelta(seconds=50), 30)
    make_second(live, now - timedelta(seconds=10), 500, is_sealed=False)
    assert figures(now)["nova_streaming_peak_viewers"] == 40
    make_second(live, now - timedelta(seconds=46), 55)
    assert figures(now)["nova_streaming_peak_viewers"] == 55


def test_seconds_that_wait_for_their_seal_are_seen(now: datetime) -> None:
    portal = make_subject()
    make_second(portal, now - timedelta(seconds=200), 3)
    make_second(portal, now - timedelta(seconds=90), 3, is_sealed=False)
    make_second(portal, now - timedelta(seconds=2), 3, is_sealed=False)
    assert figures(now)["nova_audience_seal_lag_seconds"] == 90


def test_jobs_are_counted_in_every_state_there_is(now: datetime) -> None:
    make_job()
    make_job(state="FAILED")
    read = figures(now)
    assert {name: value for name, value in read.items() if name.startswith("nova_packaging_jobs") and value} == {
        "nova_packaging_jobs queued": 1,
        "nova_packaging_jobs failed": 1,
    }
    assert sum(name.startswith("nova_packaging_jobs") for name in read) == len(PackagingJob.State)


def test_tasks_that_wait_are_counted_by_queue(now: datetime) -> None:
    prefix = django_settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    get_redis_connection("default").lpush(f"{prefix}packaging", "one", "two")
    read = figures(now)
    assert (read["nova_task_queue_length packaging"], read["nova_task_queue_length default"]) == (2, 0)


def test_who_watches_is_read_where_it_is_counted(now: datetime) -> None:
    write_counts(now - timedelta(seconds=2), portal=12)
    read = figures(now)
    assert (read["nova_audience_up"], read["nova_audience_viewers"], read["nova_audience_sessions"]) == (1, 11, 12)
    assert 2 <= read["nova_audience_counted_age_seconds"] < 3


def test_players_and_origin_are_held_against_each_other(now: datetime) -> None:
    first, second, by_cdn = make_stream(), make_stream(), make_stream()
    write_counts(now, **{f"stream:{stream.pk}": 9 for stream in (first, by_cdn)})
    write_sample(first, now - timedelta(seconds=2), 99)
    for stream, sessions in ((first, 10), (second, 2), (by_cdn, None)):
        write_sample(stream, now - timedelta(seconds=1), sessions)
    read = figures(now)
    assert read["nova_audience_live_sessions players"] == 9
    assert read["nova_audience_live_sessions origin"] == 12
    assert read["nova_audience_divergence_ratio"] == 0.25


def test_however_many_streams_there_are_the_database_is_asked_as_often(
    now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_second(make_subject(make_stream()), now - timedelta(seconds=60), 7)
    with django_assert_num_queries(5):
        figures(now)


_READ_ALL = """
import django; django.setup()
from portal import clock
from analytics.exporting import read_state
print({sample.name: sample.value for metric in read_state(at=clock.now()) for sample in metric.samples})
"""


def figures_without(**away: str) -> dict[str, float]:
    """Return what a process reads to which one of the two does not answer."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    done = subprocess.run(
        [sys.executable, "-c", _READ_ALL],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "DATABASE_URL": url, **away},
        capture_output=True,
        text=True,
        check=True,
    )
    read: dict[str, float] = ast.literal_eval(done.stdout)
    return read


@pytest.mark.django_db(transaction=True)
def test_redis_that_is_away_leaves_no_figure_behind() -> None:
    read = figures_without(REDIS_URL="redis://127.0.0.1:1/0")
    assert (read["nova_redis_up"], read["nova_database_up"], read["nova_streaming_active_streams"]) == (0, 1, 0)
    assert not [name for name in read if name.startswith(("nova_audience_up", "nova_task_queue"))]


def test_a_database_that_is_away_leaves_no_figure_behind(db: None) -> None:
    read = figures_without(DATABASE_URL="postgresql://nova@127.0.0.1:1/nova")
    assert (read["nova_database_up"], read["nova_redis_up"], read["nova_audience_up"]) == (0, 1, 0)
    assert not [name for name in read if name.startswith(("nova_streaming", "nova_packaging"))]


@pytest.mark.django_db(transaction=True)
def test_the_truth_is_read_once_in_five_seconds() -> None:
    moment = 0.0
    collector = StateCollector(now_s=lambda: moment)

    def active() -> float:
        return next(_values(collector.collect(), "nova_streaming_active_streams"))

    assert active() == 0
    make_stream(make_channel())
    moment = KEPT_S - 0.1
    assert active() == 0
    moment = KEPT_S
    assert active() == 1


def _values(metrics: Iterator[Metric], name: str) -> Iterator[float]:
    return (sample.value for metric in metrics for sample in metric.samples if sample.name == name)


def test_to_register_is_not_to_read() -> None:
    # Without the mark that lets a test ask the database.
    register_collectors(CollectorRegistry())


def test_both_histograms_of_viewers_are_observed() -> None:
    names = ("nova_streaming_viewers_total", "nova_streaming_stream_viewers")

    def read(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    before = {name: (read(f"{name}_count"), read(f"{name}_bucket", le="25.0")) for name in names}
    observe_viewers([3, 25, 26])
    for name in names:
        count, up_to_25 = before[name]
        assert (read(f"{name}_count"), read(f"{name}_bucket", le="25.0")) == (count + 3, up_to_25 + 2)
        assert read(f"{name}_bucket", le="25000.0") > 0
