"""Jobs that are stopped, lost, told twice or not told at all, and disks that are full."""

import resource
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import psutil
import pytest
from django.db import connections, transaction
from django_redis import get_redis_connection
from pytest_django import Settings

from catalog.models import Upload
from portal import clock
from portal.accounts.roles import Role
from portal.models import AuditEntry
from streaming.models import Package, PackagingJob, QualityLevel, Source
from streaming.services import jobs, packages, packaging
from streaming.services.packaging_lease import LeaseKeeper
from streaming.services.sources import SourceReceiver
from streaming.tasks import package_next, sweep_jobs
from tests.concurrency import at_once
from tests.factories import AT, make_movie, make_source, make_user
from tests.streaming.media.sources import FULL, make_film
from tests.streaming.services.packaging_way import make_small_ladder, upload
from tests.streaming.services.stumbling import StumblingFFmpeg
from tests.streaming.services.test_packaging_resume import ENCODED

pytestmark = pytest.mark.django_db(transaction=True)

State = PackagingJob.State
_PATIENCE_S = 30


@pytest.fixture(autouse=True)
def ladder(transactional_db: None, settings: Settings) -> None:
    make_small_ladder()
    # In two phases, the second of which can be hit.
    settings.NOVA_PACKAGING_PASSES = "two"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return upload(make_film(tmp_path, ENCODED))


@pytest.fixture
def endless(tmp_path: Path, settings: Settings) -> None:
    """Let the second phase of a job, and nothing else, take for ever."""
    settings.NOVA_FFMPEG = str(StumblingFFmpeg(tmp_path, at=2, mishap="exec sleep 600").path)


def enqueue(source: Source) -> PackagingJob:
    return jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())


@contextmanager
def worker(is_stopping: Callable[[], bool] = lambda: False) -> Iterator["Future[bool]"]:
    """Carry the next job out in a thread of its own."""

    def work() -> bool:
        try:
            return packaging.package_next(clock=clock.now, is_stopping=is_stopping)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(work)


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = monotonic() + _PATIENCE_S
    while not condition():
        assert monotonic() < deadline, "it did not happen"
        sleep(0.02)


def is_at_rest() -> bool:
    """Tell whether the endless phase runs."""
    return PackagingJob.objects.filter(step=PackagingJob.Step.REST).exists() and bool(sleepers())


def is_a_worker_woken() -> bool:
    return any(key.endswith(b"packaging") for key in get_redis_connection("default").keys("*"))


def sleepers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children(recursive=True) if child.name() == "sleep"]


@pytest.mark.usefixtures("endless")
def test_a_job_that_is_cancelled_while_it_runs_ends_within_seconds(source: Source) -> None:
    job = enqueue(source)
    with worker() as work:
        wait_for(is_at_rest)
        jobs.cancel_job(job_id=job.pk, by=make_user(Role.OPERATOR), at=clock.now())
        asked = monotonic()
        work.result(_PATIENCE_S)
        # Three seconds on a machine that has nothing else to do.
        assert monotonic() - asked < 6

    job.refresh_from_db()
    assert (job.state, sleepers()) == (State.CANCELLED, [])
    assert not Package.objects.playable().exists()


@pytest.mark.usefixtures("endless")
def test_a_job_that_was_given_to_another_worker_is_let_go_of(source: Source) -> None:
    job = enqueue(source)
    with worker() as work:
        wait_for(is_at_rest)
        other = uuid4()
        PackagingJob.objects.filter(pk=job.pk).update(lease=other, worker="another")
        work.result(_PATIENCE_S)

    job.refresh_from_db()
    assert (job.state, job.lease, job.worker, sleepers()) == (State.RUNNING, other, "another", [])
    # What that worker goes on with is still there.
    assert Package.objects.get().state == Package.State.GROWING


@pytest.mark.usefixtures("endless")
def test_a_worker_that_is_to_stop_gives_its_job_back_and_the_next_one_goes_on(source: Source) -> None:
    job, stop = enqueue(source), Event()
    with worker(stop.is_set) as work:
        wait_for(is_at_rest)
        begun = Package.objects.get()
        get_redis_connection("default").flushdb()
        stop.set()
        asked = monotonic()
        work.result(_PATIENCE_S)
        assert monotonic() - asked < 6

    job.refresh_from_db()
    assert (job.state, job.attempt, job.worker, sleepers()) == (State.QUEUED, 0, "", [])
    assert is_a_worker_woken()
    assert packaging.package_next(clock=clock.now)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.package) == (State.SUCCEEDED, 1, begun)


def test_a_worker_that_is_to_stop_takes_no_job(source: Source) -> None:
    enqueue(source)

    assert not packaging.package_next(clock=clock.now, is_stopping=lambda: True)

    assert PackagingJob.objects.get().state == State.QUEUED


@pytest.mark.usefixtures("endless")
def test_one_that_waits_does_not_wait_for_the_one_that_runs_to_end(source: Source) -> None:
    """The message that told of it may be lost, and another worker be idle."""
    job = enqueue(source)
    enqueue(make_source())
    get_redis_connection("default").flushdb()
    with worker() as work:
        wait_for(is_at_rest)
        assert is_a_worker_woken()
        jobs.cancel_job(job_id=job.pk, by=make_user(Role.OPERATOR), at=clock.now())
        work.result(_PATIENCE_S)


@pytest.mark.usefixtures("endless")
def test_a_job_ends_when_its_film_is_deleted(source: Source) -> None:
    job = enqueue(source)
    with worker() as work:
        wait_for(is_at_rest)
        with transaction.atomic():
            SourceReceiver().discard(Upload(pk=source.pk), at=clock.now())
        work.result(_PATIENCE_S)

    job.refresh_from_db()
    assert (job.state, sleepers()) == (State.CANCELLED, [])
    assert not Package.objects.playable().exists()


def test_a_job_that_waits_ends_when_its_film_is_deleted(source: Source) -> None:
    job = enqueue(source)
    with transaction.atomic():
        SourceReceiver().discard(Upload(pk=source.pk), at=clock.now())

    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_job_that_was_queued_while_its_film_was_deleted_is_not_tried_again_and_again(source: Source) -> None:
    job = enqueue(source)
    Source.objects.update(state=Source.State.DISCARDED)

    packaging.package_next(clock=clock.now)

    job.refresh_from_db()
    assert (job.state, job.failure_code) == (State.CANCELLED, "")


def test_a_worker_that_wakes_too_late_does_not_write_over_what_was_published_meanwhile(source: Source) -> None:
    enqueue(source)
    late = jobs.claim_job(worker="asleep", at=clock.now())
    assert late is not None
    stale = packages.begin_package(job=late, plan={}, at=clock.now())
    PackagingJob.objects.update(lease=uuid4())
    Package.objects.update(state=Package.State.READY, playable_at=AT, ready_at=AT, duration_s=2, index={"whole": 1})

    with pytest.raises(jobs.LeaseLost):
        packages.tell_playable(job=late, package=stale, index={}, duration_s=1.0, at=clock.now())

    row = Package.objects.get()
    assert (row.state, row.index) == (Package.State.READY, {"whole": 1})


def test_a_film_that_comes_to_a_movie_while_its_package_grows_stays_there() -> None:
    film = make_source(movie=None)
    enqueue(film)
    job = jobs.claim_job(worker="w", at=clock.now())
    assert job is not None
    package = packages.begin_package(job=job, plan={}, at=clock.now())
    packages.tell_playable(job=job, package=package, index={}, duration_s=1.0, at=clock.now())
    film.movie = make_movie()
    film.save()
    packages.move_to_movie(source=film, at=clock.now())

    packages.tell_playable(job=job, package=package, index={}, duration_s=2.0, at=clock.now())

    assert Package.objects.get().movie == film.movie


def test_a_worker_that_was_asleep_for_longer_than_its_lease_writes_nothing_more() -> None:
    enqueue(make_source())
    job = jobs.claim_job(worker="w", at=clock.now())
    assert job is not None
    moment = clock.now()
    lease = LeaseKeeper(job, clock=lambda: moment)

    lease.check()
    moment += jobs.LEASE + timedelta(seconds=1)

    assert not lease.is_held()
    with pytest.raises(jobs.LeaseLost):
        lease.check()


def test_an_attempt_that_is_cancelled_before_it_encodes_is_no_failure(tmp_path: Path, settings: Settings) -> None:
    """The program that looks at the source is ended, too; that is no fault of the source."""
    program = StumblingFFmpeg(tmp_path, at=1, mishap="exec sleep 600")
    settings.NOVA_FFPROBE = str(program.path)
    job = enqueue(upload(make_film(tmp_path, ENCODED)))
    with worker() as work:
        wait_for(sleepers)
        jobs.cancel_job(job_id=job.pk, by=make_user(Role.OPERATOR), at=clock.now())
        work.result(_PATIENCE_S)

    job.refresh_from_db()
    assert (job.state, job.failure_code) == (State.CANCELLED, "")


def test_a_message_that_comes_twice_makes_one_package(source: Source) -> None:
    enqueue(source)

    at_once(package_next, package_next)
    package_next()

    assert PackagingJob.objects.get().attempt == 1
    assert Package.objects.count() == 1


def test_a_message_without_a_job_does_nothing() -> None:
    package_next(something_new=1)

    assert not PackagingJob.objects.exists()


def test_a_message_that_is_lost_is_sent_again(source: Source) -> None:
    enqueue(source)
    get_redis_connection("default").flushdb()

    sweep_jobs()

    assert is_a_worker_woken()


def causes() -> list[object]:
    return [entry.after["cause"] for entry in AuditEntry.objects.filter(action="packaging_job.interrupted")]


def test_a_film_for_which_there_is_no_room_is_not_begun_and_tried_again(tmp_path: Path) -> None:
    """It is taken as it is, so its own size is what it needs."""
    QualityLevel.objects.update(bitrate_bps=20_000_000)
    source = upload(make_film(tmp_path, FULL.replace("-g 25", "-g 5")))
    Source.objects.update(size_bytes=10**15)
    job = enqueue(source)
    packaging.package_next(clock=clock.now)

    job.refresh_from_db()
    assert (job.state, causes()) == (State.QUEUED, ["package-storage-full"])
    assert not Package.objects.exists()
    Source.objects.update(size_bytes=source.size_bytes)
    packaging.package_next(clock=clock.now)
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED


def test_a_disk_that_fills_up_meanwhile_interrupts_a_job(source: Source) -> None:
    job = enqueue(source)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        packaging.package_next(clock=clock.now)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    job.refresh_from_db()
    assert (job.state, causes()) == (State.QUEUED, ["package-storage-full"])
    assert not Package.objects.playable().exists()
    assert not [child for child in psutil.Process().children(recursive=True) if "ffmpeg" in child.name()]
    packaging.package_next(clock=clock.now)
    job.refresh_from_db()
    assert job.state == State.SUCCEEDED
