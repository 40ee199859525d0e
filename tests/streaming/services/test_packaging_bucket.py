"""Films and packages in a bucket of a real S3 server: the whole way, and buckets that go away or refuse."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.db.models.signals import post_save
from pytest_django import Settings

from portal import clock
from streaming.media.index_json import index_from_json, parse_index
from streaming.media.media_types import is_replaced, media_type
from streaming.media.package_index import PackageIndex
from streaming.media.package_parts import all_files, media_files
from streaming.models import Package, PackagingJob, Source
from streaming.runtime.bucket_store import BucketStore
from streaming.services import jobs, packaging
from streaming.services.package_sweep import sweep_packages
from tests.streaming.buckets import ObjectServer, forbid
from tests.streaming.media.sources import FFMPEG, make_film
from tests.streaming.services.packaging_way import make_small_ladder, package, upload
from tests.streaming.services.stumbling import StumblingFFmpeg
from tests.streaming.services.test_packaging_ends import causes, wait_for, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]

State = PackagingJob.State
_PATIENCE_S = 60
# Three segments, of a codec that is encoded for both rungs: a run of FFmpeg for each.
_FILM = "-f lavfi -i testsrc2=s=128x72:r=25:d=9 -f lavfi -i sine=d=9:sample_rate=48000 -c:v mpeg4 -g 25 -c:a mp2 -ac 2"


@pytest.fixture(autouse=True)
def ladder(transactional_db: None, settings: Settings) -> None:
    make_small_ladder()
    # In two phases, the second of which can be hit.
    settings.NOVA_PACKAGING_PASSES = "two"


@pytest.fixture
def source(bucket: BucketStore, tmp_path: Path) -> Source:
    return upload(make_film(tmp_path, _FILM, name="film.mkv"))


class PatientFFmpeg(StumblingFFmpeg):
    """One whose run number `at` has written everything, and does not end before it is told to."""

    def __init__(self, folder: Path, *, at: int) -> None:
        self._signal, self._written = folder / "may-end", folder / "has-written"
        ending = (
            f'"{FFMPEG}" "$@"; touch "{self._written}"; while [ ! -e "{self._signal}" ]; do sleep 0.1; done; exit 0'
        )
        super().__init__(folder, at=at, mishap=ending)

    @property
    def has_written(self) -> bool:
        return self._written.exists()

    def end(self) -> None:
        self._signal.touch()


def index_of(made: Package, bucket: BucketStore) -> PackageIndex:
    return parse_index(bucket.read(f"{made.path}/index.json").decode())


def test_a_film_in_a_bucket_becomes_a_package_in_it_and_nothing_else_anywhere(
    source: Source, bucket: BucketStore, tmp_path: Path
) -> None:
    job = package(source)

    assert (job.state, job.failure_code) == (State.SUCCEEDED, "")
    made = Package.objects.get(movie=source.movie, state=Package.State.READY)
    expected = {f"{made.path}/{name}" for name in all_files(index_of(made, bucket))}
    assert set(bucket.list("")) == expected | {source.storage_key}
    for name in expected:
        head = bucket._client.head_object(**bucket._place(name))
        assert head["ContentType"] == media_type(name) != "application/octet-stream"
        assert head["CacheControl"].endswith("no-cache" if is_replaced(name) else "immutable")
        assert head["ContentLength"] > 0
    for track in index_of(made, bucket).media():
        sizes = [default_storage.size(f"{made.path}/{track.name}/{n}.m4s") for n in range(1, len(track.segments) + 1)]
        assert sizes == [segment.size for segment in track.segments]
    # What the film was fetched to is empty but for its lock; the film that the test made is not ours.
    assert [path.name for path in (tmp_path / "data").rglob("*")] == ["fetched", "lock"]


@pytest.fixture
def told_too_early(bucket: BucketStore) -> Iterator[list[str]]:
    """What a package named when it was told to players, and was not in the bucket."""
    missing: list[str] = []
    moments: list[datetime] = []

    def look(instance: Package, **_: object) -> None:
        if instance.state not in (Package.State.GROWING, Package.State.READY):
            return
        moments.append(clock.now())
        there = {name.removeprefix(f"{instance.path}/") for name in bucket.list(instance.path)}
        missing.extend({"master.m3u8", *media_files(index_from_json(instance.index))} - there)

    post_save.connect(look, sender=Package)
    yield missing
    post_save.disconnect(look, sender=Package)
    assert len(moments) > 2


def test_players_are_told_only_of_what_is_in_the_bucket(source: Source, told_too_early: list[str]) -> None:
    assert package(source).state == State.SUCCEEDED
    assert told_too_early == []


def test_segments_are_in_the_bucket_while_the_encoder_runs(
    source: Source, bucket: BucketStore, tmp_path: Path, settings: Settings
) -> None:
    ffmpeg = PatientFFmpeg(tmp_path, at=1)
    settings.NOVA_FFMPEG = str(ffmpeg.path)
    job = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    with worker() as work:
        try:
            wait_for(lambda: Package.objects.playable().exists() and ffmpeg.has_written)
            made = Package.objects.get()
            wait_for(lambda: f"{made.path}/v-h264-64x36/2.m4s" in set(bucket.list(made.path)))
            assert b"v-h264-64x36/index.m3u8" in bucket.read(f"{made.path}/master.m3u8")
            assert (made.state, ffmpeg.runs, work.done()) == (Package.State.GROWING, 1, False)
        finally:
            ffmpeg.end()
        assert work.result(_PATIENCE_S)

    job.refresh_from_db()
    assert job.state == State.SUCCEEDED


def leases_until_it_is_over(job: PackagingJob) -> set[UUID | None]:
    """Follow a job that runs to its end; each look must find its lease in force."""
    seen = set()

    def is_over() -> bool:
        job.refresh_from_db()
        if job.state == State.RUNNING:
            assert job.lease_expires_at
            assert job.lease_expires_at > clock.now()
            seen.add(job.lease)
        return job.state != State.RUNNING

    wait_for(is_over)
    return seen


def test_a_bucket_that_goes_away_interrupts_a_job_which_goes_on_from_its_finished_rung(
    source: Source, bucket: BucketStore, bucket_server: ObjectServer, tmp_path: Path, settings: Settings
) -> None:
    ffmpeg = PatientFFmpeg(tmp_path, at=2)
    settings.NOVA_FFMPEG = str(ffmpeg.path)
    job = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    with worker() as work:
        try:
            wait_for(lambda: ffmpeg.has_written)
            first = Package.objects.get()
            with bucket_server.away():
                ffmpeg.end()
                leases = leases_until_it_is_over(job)
                assert work.result(_PATIENCE_S)
        finally:
            ffmpeg.end()

    # One worker had it all the time, and nobody took it for dead.
    assert (job.state, job.attempt, causes()) == (State.QUEUED, 1, ["package-storage-unreachable"])
    assert len(leases) == 1
    assert not list((tmp_path / "data").rglob("*.mkv"))

    packaging.package_next(clock=clock.now)
    job.refresh_from_db()
    assert (job.state, ffmpeg.runs) == (State.SUCCEEDED, 3)
    made = Package.objects.get(state=Package.State.READY)
    assert (made.pk, made.path) == (first.pk, first.path)
    assert {name.removeprefix(f"{made.path}/") for name in bucket.list(made.path)} == all_files(index_of(made, bucket))


# What a call of S3 needs, where that is no right of its own name.
_RIGHTS = {"HeadObject": "GetObject", "DeleteObjects": "DeleteObject", "ListObjectsV2": "ListBucket"}


def test_the_rights_that_operators_are_told_to_give_are_enough(source: Source, bucket: BucketStore) -> None:
    guide = Path("docs/howto/upload-films.md").read_text().partition("## Keep films in a bucket")[2]
    calls: set[str] = set()
    storage: Any = default_storage
    for client in {bucket._client, storage.connection.meta.client}:
        client.meta.events.register("before-call.s3", lambda model, **_: calls.add(model.name))

    assert package(source).state == State.SUCCEEDED
    Package.objects.update(state=Package.State.DELETED)
    assert sweep_packages(store=bucket, at=clock.now() + timedelta(hours=2)) > 0

    assert {"PutObject", "DeleteObjects", "GetObject"} <= calls
    assert {_RIGHTS.get(call, call) for call in calls} <= set(re.findall(r'"s3:(\w+)"', guide))


def test_a_bucket_that_refuses_ends_a_job_and_is_told_as_what_it_is(source: Source, bucket: BucketStore) -> None:
    forbid(bucket, "s3:PutObject")

    job = package(source)

    assert (job.state, job.failure_code, job.attempt) == (State.FAILED, "package-storage-refused", 1)
    assert not Package.objects.playable().exists()


def test_a_film_that_the_bucket_has_lost_is_told_as_missing(source: Source, bucket: BucketStore) -> None:
    bucket.remove(source.storage_key)

    package(source)

    assert causes() == ["source-missing"]
