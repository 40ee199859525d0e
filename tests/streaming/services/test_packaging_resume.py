"""A job that was interrupted goes on from what is finished, if that is what it would make."""

from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from portal import clock
from portal.accounts.roles import Role
from streaming.media.index_json import parse_index
from streaming.media.package_parts import all_files
from streaming.models import Package, PackagingJob, QualityLevel, Source
from streaming.runtime.segment_store import default_store
from streaming.services import jobs, packages, packaging
from streaming.services.packaging_resume import known_copy_fault
from tests.factories import make_caption, make_user
from tests.streaming.media.conformance import check_package
from tests.streaming.media.sources import FULL, make_film
from tests.streaming.services.packaging_way import folder_of, make_small_ladder, upload
from tests.streaming.services.stumbling import StumblingFFmpeg

# The lease is kept from a thread of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

State = PackagingJob.State
# Of a codec that is encoded for every rung: a first run for the lowest one, a second for the rest.
ENCODED = FULL.replace("libx264 -preset ultrafast", "mpeg4").replace(" -sc_threshold 0", "").replace("aac", "mp2")


@pytest.fixture(autouse=True)
def ladder(transactional_db: None, settings: Settings) -> None:
    make_small_ladder()
    # In two phases, the second of which can be hit.
    settings.NOVA_PACKAGING_PASSES = "two"


@pytest.fixture
def ffmpeg(tmp_path: Path, settings: Settings) -> StumblingFFmpeg:
    """Is killed in its second run."""
    program = StumblingFFmpeg(tmp_path, at=2)
    settings.NOVA_FFMPEG = str(program.path)
    return program


@pytest.fixture
def interrupted(ffmpeg: StumblingFFmpeg, tmp_path: Path) -> PackagingJob:
    """A job whose first phase is whole, and whose second one was killed."""
    source = upload(make_film(tmp_path, ENCODED))
    assert source.movie is not None
    make_caption(source.movie)
    job = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    go_on(job)
    assert (job.state, ffmpeg.runs) == (State.QUEUED, 2)
    return job


def go_on(job: PackagingJob) -> None:
    assert packaging.package_next(clock=clock.now)
    job.refresh_from_db()


def the_package(source: Source) -> Package:
    return Package.objects.get(source=source, state=Package.State.READY)


def begun(job: PackagingJob) -> Package:
    assert job.package is not None
    return job.package


def test_the_next_attempt_keeps_the_package_and_makes_only_the_rest(
    interrupted: PackagingJob, ffmpeg: StumblingFFmpeg
) -> None:
    first = begun(interrupted)
    assert first.state == Package.State.GROWING

    go_on(interrupted)

    assert (interrupted.state, interrupted.attempt, ffmpeg.runs) == (State.SUCCEEDED, 2, 3)
    made = the_package(interrupted.source)
    assert (made.pk, made.path, made.playable_at) == (first.pk, first.path, first.playable_at)
    assert [track["height_px"] for track in made.index["video"]] == [36, 72]
    check_package(folder_of(made))


def test_what_goes_on_is_as_large_and_as_complete_as_what_was_made_at_once(interrupted: PackagingJob) -> None:
    go_on(interrupted)
    resumed = the_package(interrupted.source)

    again = jobs.enqueue_job(source_id=interrupted.source_id, by=None, at=clock.now())
    go_on(again)

    fresh = the_package(interrupted.source)
    assert fresh.pk != resumed.pk
    assert fresh.index == resumed.index
    expected = all_files(parse_index(default_store().read(f"{fresh.path}/index.json").decode()))
    for package in (fresh, resumed):
        assert {name.removeprefix(f"{package.path}/") for name in default_store().list(package.path)} == expected


def test_what_was_noticed_before_the_interruption_is_told_in_the_end(interrupted: PackagingJob) -> None:
    noticed = interrupted.warnings
    assert [warning["code"] for warning in noticed] == ["loudness"]

    go_on(interrupted)

    assert interrupted.warnings == noticed


def test_drafts_of_the_interrupted_attempt_do_not_stay(interrupted: PackagingJob) -> None:
    package = begun(interrupted)
    default_store().write(f"{package.path}/v-h264-128x72/.1.m4s.0a1b", b"half a segm")

    go_on(interrupted)

    assert not [name for name in default_store().list(package.path) if "/." in name]


def test_with_another_ladder_the_next_attempt_begins_anew(interrupted: PackagingJob, ffmpeg: StumblingFFmpeg) -> None:
    first = begun(interrupted)
    QualityLevel.objects.filter(name="36p").update(width_px=112)

    go_on(interrupted)

    assert (interrupted.state, ffmpeg.runs) == (State.SUCCEEDED, 4)
    assert the_package(interrupted.source).pk != first.pk
    first.refresh_from_db()
    assert first.state == Package.State.RETIRED


def test_a_plan_that_no_package_was_made_by_yet_does_not_pass_for_the_earlier_one(
    interrupted: PackagingJob, ffmpeg: StumblingFFmpeg
) -> None:
    """Package and plan are noted together: an attempt that ends between them must not mix them up."""
    package = begun(interrupted)
    assert interrupted.plan is not None
    interrupted.plan["segment_s"] = "2"
    interrupted.save(update_fields=["plan"])

    go_on(interrupted)

    assert the_package(interrupted.source).pk != package.pk


def test_captions_that_were_edited_meanwhile_begin_a_new_package(
    interrupted: PackagingJob, ffmpeg: StumblingFFmpeg
) -> None:
    """Files of a package never change: caches have the old ones."""
    package = begun(interrupted)
    caption = interrupted.source.movie.captions.get()  # type: ignore[union-attr]  # the fixture gives it one
    caption.webvtt = caption.webvtt.replace("signal", "sirens")
    caption.save()

    go_on(interrupted)

    assert the_package(interrupted.source).pk != package.pk
    made = the_package(interrupted.source)
    assert b"sirens" in default_store().read(f"{made.path}/c1/1.vtt")


@pytest.mark.parametrize("lost", ["index.json", "v-h264-64x36/1.m4s", "a1-stereo/init.mp4", "c1/1.vtt"])
def test_a_package_that_has_lost_a_file_is_not_gone_on_with(interrupted: PackagingJob, lost: str) -> None:
    package = begun(interrupted)
    assert default_store().read(f"{package.path}/{lost}")
    default_store().remove(f"{package.path}/{lost}")

    go_on(interrupted)

    assert the_package(interrupted.source).pk != package.pk


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"version": 99}'])
def test_a_damaged_index_is_not_believed(interrupted: PackagingJob, content: bytes) -> None:
    package = begun(interrupted)
    default_store().write(f"{package.path}/index.json", content)

    go_on(interrupted)

    assert the_package(interrupted.source).pk != package.pk


def test_what_could_not_be_passed_through_is_not_tried_that_way_again(tmp_path: Path, settings: Settings) -> None:
    """Far behind where a source is looked at, its key frames end."""
    program = StumblingFFmpeg(tmp_path, at=3)
    settings.NOVA_FFMPEG = str(program.path)
    film = "-f lavfi -i testsrc2=s=128x72:r=5:d=90 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -sc_threshold 0"
    keys = "-g 1000 -force_key_frames expr:if(lt(t,61),gte(t,n_forced*2),0)"
    source = upload(make_film(tmp_path, f"{film} {keys}"))
    job = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    go_on(job)
    # The copy that failed, the lowest rung, and the other one, which was killed.
    assert (job.state, program.runs) == (State.QUEUED, 3)
    package, plan = begun(job), job.plan

    go_on(job)

    assert (job.state, program.runs, job.plan) == (State.SUCCEEDED, 4, plan)
    assert the_package(source).pk == package.pk
    again = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    assert known_copy_fault(again) is None
    assert known_copy_fault(job)


def test_a_retry_of_a_cancelled_job_goes_on_from_the_finished_rungs(
    interrupted: PackagingJob, ffmpeg: StumblingFFmpeg
) -> None:
    package = begun(interrupted)
    operator = make_user(Role.OPERATOR)
    jobs.cancel_job(job_id=interrupted.pk, by=operator, at=clock.now())
    package.refresh_from_db()
    assert package.state == Package.State.RETIRED

    retry = jobs.retry_job(job_id=interrupted.pk, by=operator, at=clock.now())
    go_on(retry)

    made = the_package(interrupted.source)
    assert (made.pk, made.retired_at, retry.package_id, ffmpeg.runs) == (package.pk, None, package.pk, 3)
    interrupted.refresh_from_db()
    assert interrupted.package is None


def test_files_that_are_being_deleted_are_not_gone_on_with(interrupted: PackagingJob) -> None:
    package = begun(interrupted)
    operator = make_user(Role.OPERATOR)
    jobs.cancel_job(job_id=interrupted.pk, by=operator, at=clock.now())
    Package.objects.filter(pk=package.pk).update(state=Package.State.DELETED)

    go_on(jobs.retry_job(job_id=interrupted.pk, by=operator, at=clock.now()))

    assert the_package(interrupted.source).pk != package.pk


def test_one_that_failed_before_it_could_be_played_leaves_nothing_to_go_on_with(
    tmp_path: Path, settings: Settings
) -> None:
    program = StumblingFFmpeg(tmp_path, at=1)
    settings.NOVA_FFMPEG = str(program.path)
    source = upload(make_film(tmp_path, ENCODED))
    job = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    go_on(job)
    first = begun(job)

    go_on(job)

    assert (job.state, program.runs) == (State.SUCCEEDED, 3)
    assert the_package(source).pk != first.pk


def test_a_worker_that_has_lost_its_job_begins_no_package(interrupted: PackagingJob) -> None:
    """Whoever was asleep for a while must not put its own package where another worker's is."""
    lost = jobs.claim_job(worker="asleep", at=clock.now())
    assert lost is not None
    jobs.sweep(at=clock.now() + jobs.LEASE + timedelta(seconds=1))
    before = Package.objects.count()

    with pytest.raises(jobs.LeaseLost):
        packages.begin_package(job=lost, plan={}, at=clock.now())

    assert Package.objects.count() == before
