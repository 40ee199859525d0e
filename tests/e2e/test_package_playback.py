"""Packages that the workers' own code has made are played by hls.js and dash.js, in a real browser."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from playwright.sync_api import Browser
from pytest_django import Settings

from catalog.models import Movie
from portal import clock
from streaming.models import Package, PackagingJob, QualityLevel
from streaming.services import jobs, packaging
from tests.e2e.players import BRIGHTER_PER_S, DASH_JS, HLS_JS, PlayerKind, playing
from tests.factories import make_caption, make_movie, make_source
from tests.streaming.media.sources import FFMPEG, H264, make_film

PATIENCE_S = 90.0
pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(300)]

# Forwards, backwards, to the beginnings and ends of segments, and beside the very end.
PLACES = (11.0, 3.0, 18.5, 0.0, 15.9, 8.04, 4.0, 19.0, 12.04, 1.5)


@pytest.fixture
def movie(transactional_db: None, media: Path) -> Movie:
    """A movie with captions, and a ladder of two rungs for its film."""
    QualityLevel.objects.all().delete()
    for name, width, height in (("large", 192, 108), ("small", 96, 64)):
        QualityLevel.objects.create(name=name, width_px=width, height_px=height, bitrate_bps=200_000)
    movie = make_movie()
    make_caption(movie)
    return movie


def enqueue_film(movie: Movie, folder: Path, *, seconds: int) -> PackagingJob:
    """Upload a film whose picture says which moment it shows, and queue its job."""
    picture = (
        f"-f lavfi -i color=c=black:s=192x108:r=25:d={seconds},format=yuv420p,"
        f"geq=lum='16+{BRIGHTER_PER_S}*T':cb=128:cr=128"
    )
    sound = f"-f lavfi -i sine=d={seconds}:sample_rate=48000"
    film = make_film(folder, f"{picture} {sound} {H264} -c:a aac -ac 2")
    source = make_source(movie=movie)
    with film.open("rb") as content:
        default_storage.save(source.storage_key, content)
    return jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())


def run_next_job() -> bool:
    try:
        return packaging.package_next(clock=clock.now)
    finally:
        connections.close_all()


@contextmanager
def at_work() -> Iterator[Future[bool]]:
    """Carry the next job out in a thread, as a worker beside us would."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run_next_job)


def wait_for_package(job: PackagingJob) -> Package:
    """Return the package of a job as soon as somebody can play it."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        package = Package.objects.playable().filter(source_id=job.source_id).first()
        if package is not None:
            return package
        time.sleep(0.05)
    job.refresh_from_db()
    pytest.fail(f"nothing to play; the job: {job.state} {job.failure_code} {job.failure_facts} {job.log}")


@pytest.mark.parametrize("kind", [HLS_JS, DASH_JS], ids=["hls.js", "dash.js"])
def test_a_player_plays_a_package_from_start_to_end_and_seeks_to_ten_places(
    browser: Browser, movie: Movie, media: Path, tmp_path: Path, kind: PlayerKind
) -> None:
    enqueue_film(movie, tmp_path, seconds=20)
    assert packaging.package_next(clock=clock.now)
    package = Package.objects.get(movie=movie, state=Package.State.READY)

    with playing(browser, kind, media / package.path, tmp_path / "site", patience_s=PATIENCE_S) as player:
        player.play(rate=4)
        player.wait_until("video.ended")
        found = player.state()
        shown = [player.shows_at(place) for place in PLACES]
        afterwards = player.state()

    assert found["duration_s"] == pytest.approx(20, abs=0.1)
    [(begin, end)] = found["played"]
    assert (begin, end) == (pytest.approx(0, abs=0.1), pytest.approx(20, abs=0.1))
    assert shown == pytest.approx(PLACES, abs=0.4)
    assert (afterwards["error"], afterwards["troubles"]) == (None, [])


def test_hls_js_plays_a_package_while_it_is_being_made(
    browser: Browser, movie: Movie, media: Path, tmp_path: Path, settings: Settings
) -> None:
    # As if this were a long film on a slow machine: it is read at one and a half times its speed.
    slow = tmp_path / "slow-ffmpeg"
    slow.write_text(f'#!/bin/sh\nexec {FFMPEG} -readrate 1.5 "$@"\n')
    slow.chmod(0o755)
    settings.NOVA_FFMPEG = str(slow)
    job = enqueue_film(movie, tmp_path, seconds=24)

    with at_work() as work:
        package = wait_for_package(job)
        assert package.state == Package.State.GROWING
        with playing(browser, HLS_JS, media / package.path, tmp_path / "site", patience_s=PATIENCE_S) as player:
            player.play()
            player.wait_until("video.currentTime > 1")
            assert not is_whole(media / package.path)
            early = player.state()
            player.wait_until("video.currentTime > 12")
            player.play(rate=2)
            player.wait_until("video.ended")
            found = player.state()
        assert work.result(PATIENCE_S)

    [(begin, _)] = early["played"]
    assert begin == pytest.approx(0, abs=0.1)
    [(begin, end)] = found["played"]
    assert (begin, end) == (pytest.approx(0, abs=0.1), pytest.approx(24, abs=0.1))
    assert (found["error"], found["troubles"]) == (None, [])
    job.refresh_from_db()
    assert (job.state, job.failure_code) == (PackagingJob.State.SUCCEEDED, "")


def is_whole(folder: Path) -> bool:
    """Tell whether any track's playlist says that nothing more comes."""
    return any("#EXT-X-ENDLIST" in playlist.read_text() for playlist in folder.glob("*/index.m3u8"))
