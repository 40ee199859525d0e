"""Processes are killed at random moments: in the end there are whole packages, and nothing else."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import sleep

import psutil
import pytest
from django.core.files.storage import default_storage

from portal import clock
from streaming.media.index_json import parse_index
from streaming.media.package_parts import all_files
from streaming.models import Package, PackagingJob
from streaming.runtime.segment_store import default_store
from streaming.services import jobs
from streaming.services.package_sweep import sweep_packages
from tests.streaming.media.conformance import check_package
from tests.streaming.media.sources import make_film
from tests.streaming.services.packaging_way import folder_of, make_small_ladder, upload
from tests.streaming.services.workers import Workers, packaging_workers

pytestmark = pytest.mark.django_db(transaction=True)

State = PackagingJob.State
_FILMS, _LONGEST_S = 2, 1.0
# Every rung is encoded, and it takes some seconds.
_FILM = (
    "-f lavfi -i testsrc2=s=640x360:r=25:d=8 -f lavfi -i sine=d=8:sample_rate=48000 "
    "-c:v mpeg4 -q:v 3 -g 25 -c:a mp2 -ac 2"
)


# Whoever is killed, and what is left to live: nothing of the worker, its parent, or all but the encoder.
_BLOWS: tuple[Callable[[Workers], None], ...] = (
    Workers.kill_encoder,
    Workers.kill_child,
    Workers.kill_worker,
    Workers.kill_encoder,
)


def is_running() -> bool:
    let_time_pass()
    return PackagingJob.objects.filter(state=State.RUNNING).exists() or are_all_over()


def are_all_over() -> bool:
    return not PackagingJob.objects.unfinished().exists()


def let_time_pass() -> None:
    """Let the leases of the dead be over, and the waits of those who try again; then do what beat does."""
    now = clock.now()
    for job in PackagingJob.objects.filter(state=State.RUNNING):
        if not psutil.pid_exists(int(job.worker.rpartition(":")[2])):
            PackagingJob.objects.filter(pk=job.pk, lease=job.lease).update(lease_expires_at=now)
    PackagingJob.objects.filter(state=State.QUEUED, not_before__gt=now).update(queued_at=now, not_before=now)
    jobs.sweep(at=now)
    sleep(0.1)


def are_over() -> bool:
    let_time_pass()
    return are_all_over()


def test_whoever_is_killed_every_film_gets_its_package_and_nothing_else_is_left(media: Path, tmp_path: Path) -> None:
    make_small_ladder()
    film = make_film(tmp_path, _FILM, name="film.mkv")
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    moments = random.Random(seed)
    with packaging_workers(media.parent) as workers:
        for _ in range(_FILMS):
            jobs.enqueue_job(source_id=upload(film).pk, by=None, at=clock.now())
        for strike in _BLOWS:
            workers.wait_for(is_running)
            sleep(moments.uniform(0, _LONGEST_S))
            strike(workers)
        workers.wait_for(are_over)
        assert workers.encoders() == []

    states = PackagingJob.objects.values_list("state", "failure_code")
    assert list(states) == [(State.SUCCEEDED, "")] * _FILMS
    assert_whole_and_nothing_else()


def assert_whole_and_nothing_else() -> None:
    sweep_packages(store=default_store(), at=clock.now() + timedelta(hours=24))
    expected = set()
    for package in Package.objects.filter(state=Package.State.READY):
        check_package(folder_of(package))
        index = parse_index(default_store().read(f"{package.path}/index.json").decode())
        assert len(index.video) == 2
        for track in index.media():
            for number, segment in enumerate(track.segments, 1):
                assert default_storage.size(f"{package.path}/{track.name}/{number}.m4s") == segment.size
        expected |= {f"{package.path}/{name}" for name in all_files(index)}
    assert Package.objects.filter(state=Package.State.READY).count() == _FILMS
    assert not Package.objects.unfinished().exists()
    assert set(default_store().list("packages")) == expected
