"""A source becomes a package: the whole way, with the real FFmpeg."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import transaction

from portal import clock
from portal.accounts.roles import Role
from streaming.models import Package, PackagingJob
from streaming.runtime.segment_store import default_store
from streaming.services import jobs, packaging
from streaming.source_lines import source_lines
from tests.factories import make_movie, make_upload, make_user, receive_source
from tests.streaming.media.sources import FULL, make_film
from tests.streaming.services.packaging_way import make_small_ladder, package, upload

# The lease is kept from a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

State = PackagingJob.State


@pytest.fixture(autouse=True)
def ladder(transactional_db: None) -> None:
    make_small_ladder()


def test_a_film_becomes_a_package_of_its_movie(tmp_path: Path) -> None:
    source = upload(make_film(tmp_path, FULL))

    job = package(source)

    assert (job.state, job.failure_code, job.failure_facts, job.log) == (State.SUCCEEDED, "", {}, "")
    length, picture, _ = source_lines(job.probe)
    assert length == "Length: 0:01"
    assert picture.startswith("Picture: H.264, 128 × 72, 25 frames a second")
    made = Package.objects.get(movie=source.movie)
    assert (made.state, made.pk) == (Package.State.READY, job.package_id)
    files = set(default_store().list(made.path))
    assert {
        f"{made.path}/{name}"
        for name in ("master.m3u8", "manifest.mpd", "index.json", "storyboard/1.jpg", "storyboard.vtt")
    } <= files


def test_the_package_that_was_there_serves_until_the_new_one_is_ready(tmp_path: Path) -> None:
    source = upload(make_film(tmp_path, FULL))
    package(source)
    first = Package.objects.get(state=Package.State.READY)

    package(source)

    first.refresh_from_db()
    assert first.state == Package.State.RETIRED
    assert Package.objects.filter(movie=source.movie, state=Package.State.READY).count() == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no film at all, " * 500, "source-unreadable"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\0" * 4000, "truncated"),
    ],
)
def test_what_is_no_film_fails_with_its_cause_and_the_source_is_kept(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    source = upload(path)

    job = package(source)

    assert (job.state, job.failure_code) == (State.FAILED, code)
    assert "ffprobe" in job.log
    assert default_storage.exists(source.storage_key)
    assert not Package.objects.playable().exists()


def test_a_film_that_is_cancelled_leaves_nothing_that_plays(tmp_path: Path) -> None:
    source = upload(make_film(tmp_path, FULL))
    job = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    jobs.cancel_job(job_id=job.pk, by=make_user(Role.OPERATOR), at=clock.now())

    assert not packaging.package_next(clock=clock.now)

    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert not Package.objects.exists()


def test_what_was_uploaded_is_packaged_by_itself_and_goes_with_its_movie(tmp_path: Path) -> None:
    film = make_film(tmp_path, FULL)
    upload = make_upload(state="FINISHED", movie=None)
    with film.open("rb") as content:
        default_storage.save(upload.storage_key, content)
    with transaction.atomic():
        source = receive_source(upload)

    assert packaging.package_next(clock=clock.now)
    upload.movie = make_movie()
    with transaction.atomic():
        receive_source(upload)

    assert Package.objects.get(movie=upload.movie, state=Package.State.READY).source == source
    assert PackagingJob.objects.count() == 1
