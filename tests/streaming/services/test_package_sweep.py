"""Files of packages go when nobody needs them any more, and never before."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from portal import clock
from portal.celery import app
from portal.ids import uuid7
from streaming.models import Package
from streaming.runtime.segment_store import FolderStore
from streaming.services import packages
from streaming.services.package_sweep import sweep_packages
from streaming.tasks import sweep_packages as sweep_packages_task
from tests.factories import AT, make_job, make_source, make_stream

pytestmark = pytest.mark.django_db

State = Package.State
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def make_package(store: FolderStore, **overrides: Any) -> Package:
    key = uuid7(AT)
    values = {"id": key, "path": f"packages/{key.hex}", "state": State.RETIRED, "created_at": AT, "playable_at": AT}
    if overrides.get("state", State.RETIRED) == State.RETIRED:
        values["retired_at"] = AT
    if "source" not in overrides:
        overrides["source"] = make_source()
    package = Package.objects.create(**values | overrides)
    for name in ("master.m3u8", "v-h264-64x36/1.m4s"):
        store.write(f"{package.path}/{name}", b"x")
    return package


def state_of(package: Package) -> str:
    return Package.objects.get(pk=package.pk).state


def files_of(package: Package, store: FolderStore) -> int:
    return len(list(store.list(package.path)))


def age(store: FolderStore, at: datetime) -> None:
    """Let all files be of that moment."""
    for name in store.list("packages"):
        os.utime(store._path(name), (at.timestamp(), at.timestamp()))


def test_a_replaced_package_serves_those_who_watch_it_for_some_hours(store: FolderStore) -> None:
    package = make_package(store)

    assert sweep_packages(store=store, at=AT + 13 * HOUR - timedelta(seconds=1)) == 0
    assert (state_of(package), files_of(package, store)) == (State.RETIRED, 2)

    assert sweep_packages(store=store, at=AT + 13 * HOUR) == 2
    assert (state_of(package), files_of(package, store)) == (State.DELETED, 0)


def test_operators_set_how_many_hours(store: FolderStore, settings: Settings) -> None:
    settings.NOVA_PACKAGE_GRACE_HOURS = 48
    package = make_package(store)

    sweep_packages(store=store, at=AT + 47 * HOUR)

    assert state_of(package) == State.RETIRED


def test_what_nobody_could_ever_play_goes_at_once(store: FolderStore) -> None:
    package = make_package(store, playable_at=None)

    sweep_packages(store=store, at=AT)

    assert (state_of(package), files_of(package, store)) == (State.DELETED, 0)


@pytest.mark.parametrize(
    "kept",
    [
        {"state": State.READY, "ready_at": AT, "duration_s": 1},
        {"state": State.GROWING},
        {"state": State.MAKING, "playable_at": None},
    ],
)
def test_what_is_played_or_made_stays_however_old(store: FolderStore, kept: dict[str, object]) -> None:
    package = make_package(store, **kept)
    age(store, AT)

    assert sweep_packages(store=store, at=AT + 1000 * HOUR) == 0
    assert (state_of(package), files_of(package, store)) == (kept["state"], 2)


def test_files_that_no_package_has_go_when_they_are_an_hour_old(store: FolderStore) -> None:
    store.write("packages/abcdef/v/1.m4s", b"x")
    age(store, AT)

    assert sweep_packages(store=store, at=AT + HOUR) == 0
    assert sweep_packages(store=store, at=AT + HOUR + timedelta(seconds=1)) == 1
    assert list(store.list("packages")) == []


def test_what_a_sweep_that_was_killed_has_left_goes_with_the_next(store: FolderStore) -> None:
    package = make_package(store, state=State.DELETED)
    age(store, AT)

    sweep_packages(store=store, at=AT + 2 * HOUR)

    assert files_of(package, store) == 0


def test_files_of_others_are_not_touched(store: FolderStore) -> None:
    for name in ("sources/a/original.mkv", "artwork/1/a/180.webp"):
        store.write(name, b"x")

    sweep_packages(store=store, at=clock.now() + 1000 * HOUR)

    assert sorted(store.list("")) == ["artwork/1/a/180.webp", "sources/a/original.mkv"]


def test_an_empty_store_is_no_fault(store: FolderStore) -> None:
    assert sweep_packages(store=store, at=AT) == 0


def test_it_costs_no_more_questions_with_more_packages(store: FolderStore, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        make_package(store, state=State.READY, ready_at=AT, duration_s=1)

    with django_assert_max_num_queries(3):
        sweep_packages(store=store, at=AT)


def test_beat_starts_it(media: Path) -> None:
    package = make_package(FolderStore(media))

    sweep_packages_task(something_new=1)

    assert state_of(package) == State.DELETED
    assert sweep_packages_task.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


def test_one_that_was_replaced_goes_and_its_successor_stays(store: FolderStore) -> None:
    old = make_package(store, state=State.GROWING)
    new = make_package(store, state=State.MAKING, playable_at=None, source=old.source)

    job = make_job(old.source, state="RUNNING")
    packages.tell_playable(job=job, package=new, index={}, duration_s=1.0, at=AT)
    sweep_packages(store=store, at=AT + 14 * HOUR)

    assert (state_of(old), state_of(new)) == (State.DELETED, State.GROWING)


@pytest.mark.parametrize(
    ("phase", "ended_ago", "is_kept"),
    [("live", None, True), ("reconnecting", None, True), ("ended", 47 * HOUR, True), ("ended", 48 * HOUR, False)],
)
def test_what_a_stream_sends_stays_until_its_recording_could_be_finished(
    store: FolderStore, phase: str, ended_ago: timedelta | None, is_kept: bool
) -> None:
    at = AT + 72 * HOUR
    stream = make_stream(phase=phase, ended_at=None if ended_ago is None else at - ended_ago)
    store.write(f"packages/{stream.package_hex}/v1/1.m4s", b"x")
    age(store, AT)
    sweep_packages(store=store, at=at)
    assert len(list(store.list("packages"))) == is_kept
