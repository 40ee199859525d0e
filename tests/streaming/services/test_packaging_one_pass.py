"""A film whose rungs are all encoded: at once where that is as fast as it is watched, else one ahead of the others."""

from fractions import Fraction
from pathlib import Path

import pytest
from pytest_django import Settings

from portal import clock
from streaming.models import Package, PackagingJob
from streaming.services import jobs, packaging_run
from tests.streaming.media.conformance import check_package
from tests.streaming.media.sources import make_film
from tests.streaming.services.packaging_way import folder_of, make_small_ladder, package, upload
from tests.streaming.services.stumbling import StumblingFFmpeg
from tests.streaming.services.test_packaging_ends import wait_for, worker

# The lease is kept from a thread of its own, which sees only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ffmpeg]

State = PackagingJob.State
# Three segments.
FILM = "-f lavfi -i testsrc2=s=128x72:r=25:d=9 -f lavfi -i sine=d=9:sample_rate=48000 -c:v mpeg4 -g 25 -c:a mp2 -ac 2"


@pytest.fixture(autouse=True)
def ladder(transactional_db: None) -> None:
    make_small_ladder()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return make_film(tmp_path, FILM, name="film.mkv")


def phases_of(job: PackagingJob) -> list[int]:
    """Return how many tracks each phase of the job's plan makes."""
    assert job.plan is not None
    return [len(phase["tracks"]) for phase in job.plan["phases"]]


def test_all_rungs_come_from_one_run_of_ffmpeg(film: Path, tmp_path: Path, settings: Settings) -> None:
    program = StumblingFFmpeg(tmp_path, at=0)
    settings.NOVA_FFMPEG = str(program.path)

    job = package(upload(film))

    assert (job.state, job.failure_code, phases_of(job), program.runs) == (State.SUCCEEDED, "", [3], 1)
    made = Package.objects.get(state=Package.State.READY)
    assert [track["height_px"] for track in made.index["video"]] == [36, 72]
    assert {track["name"] for track in made.index["images"]} == {"storyboard"}
    check_package(folder_of(made))


def test_players_begin_with_the_smallest_rung_while_the_others_are_made(
    film: Path, tmp_path: Path, settings: Settings
) -> None:
    may_end = tmp_path / "may-end"
    wait = f'while [ ! -e "{may_end}" ]; do sleep 0.1; done'
    # It has written everything, but does not end before it may.
    settings.NOVA_FFMPEG = str(StumblingFFmpeg(tmp_path, at=1, mishap=f'"$REAL" "$@"; {wait}; exit 0').path)
    jobs.enqueue_job(source_id=upload(film).pk, by=None, at=clock.now())
    with worker() as work:
        try:
            wait_for(lambda: Package.objects.playable().exists())
            growing = Package.objects.get()
            master = (folder_of(growing) / "master.m3u8").read_text(encoding="utf-8")
        finally:
            may_end.touch()
        assert work.result(60)

    assert growing.state == Package.State.GROWING
    assert "RESOLUTION=64x36" in master
    assert "RESOLUTION=128x72" not in master
    whole = (folder_of(growing) / "master.m3u8").read_text(encoding="utf-8")
    assert "RESOLUTION=128x72" in whole


def test_a_machine_that_does_not_keep_up_makes_the_smallest_rung_first(
    film: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.NOVA_PACKAGING_PASSES = "auto"
    monkeypatch.setattr(packaging_run, "_FIRST_SEGMENT_WITHIN", Fraction(1, 8))
    # Nothing comes from the first try; the second one is made of two runs.
    program = StumblingFFmpeg(tmp_path, at=1, mishap="exec sleep 600")
    settings.NOVA_FFMPEG = str(program.path)

    job = package(upload(film))

    assert (job.state, job.attempt, phases_of(job), program.runs) == (State.SUCCEEDED, 1, [2, 1], 3)
    assert Package.objects.playable().get() == job.package


def test_the_next_attempt_keeps_what_it_finishes_first_even_where_operators_want_one_pass(
    film: Path, tmp_path: Path, settings: Settings
) -> None:
    settings.NOVA_PACKAGING_PASSES = "one"
    program = StumblingFFmpeg(tmp_path, at=1)
    settings.NOVA_FFMPEG = str(program.path)
    source = upload(film)
    job = package(source)
    assert (job.state, phases_of(job), program.runs) == (State.QUEUED, [3], 1)

    with worker() as work:
        assert work.result(60)

    job.refresh_from_db()
    assert (job.state, job.attempt, phases_of(job), program.runs) == (State.SUCCEEDED, 2, [2, 1], 3)
    assert Package.objects.playable().get() == job.package


def test_operators_have_all_rungs_made_at_once_however_long_it_takes(
    film: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaging_run, "_FIRST_SEGMENT_WITHIN", Fraction(0))
    settings.NOVA_PACKAGING_PASSES = "one"
    assert phases_of(package(upload(film))) == [3]


def test_operators_have_the_smallest_rung_made_first(film: Path, settings: Settings) -> None:
    settings.NOVA_PACKAGING_PASSES = "two"
    assert phases_of(package(upload(film))) == [2, 1]
