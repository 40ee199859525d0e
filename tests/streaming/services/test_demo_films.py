"""The demo's films come in as uploads do, once, and never over an editor's work."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest
from pytest_django import Settings

from catalog.models import Artwork, Caption, Movie, Upload
from catalog.services import artwork, captions, movies, uploads
from catalog.services.artwork import ArtworkPlan
from catalog.services.captions import CaptionPlan
from catalog.services.uploads import Announcement
from portal import clock
from portal.models import User
from streaming.media.demo_films import DEMO_FILMS, DemoFilm
from streaming.models import Package, PackagingJob, QualityLevel, Source
from streaming.runtime.segment_store import default_store
from streaming.services import packaging
from streaming.services.demo_films import bring_in_films, movies_without_film
from tests.factories import AT, SRT, make_picture_file, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.ffmpeg, pytest.mark.usefixtures("media")]

# As the real one in everything but its looks.
FILM = replace(
    DEMO_FILMS[0], picture="testsrc2=size=96x64:rate=24", sound="anoisesrc=sample_rate=48000,aformat=cl=stereo",
    duration_s=2, poster_s=1,
)  # fmt: skip


@pytest.fixture
def movie(db: None) -> Movie:
    """A movie as the seeder makes it."""
    return seed_movie(FILM)


def seed_movie(film: DemoFilm, *, by: User | None = None) -> Movie:
    facts = movies.MovieChanges(slug=film.movie_slug)
    return movies.create_movie(title=film.movie_slug.title(), year=2025, facts=facts, by=by, at=AT)


def bring_in(*films: DemoFilm) -> None:
    bring_in_films(clock=clock.now, films=films or (FILM,))


def clock_that_acts(on_call: int, act: Callable[[], object]) -> Callable[[], datetime]:
    """Return a clock that does something when it is asked for the n-th time, as somebody else would meanwhile."""
    calls = count(1)

    def now() -> datetime:
        if next(calls) == on_call:
            act()
        return clock.now()

    return now


def test_a_film_comes_in_as_an_upload_and_its_job_waits(movie: Movie, administrator: User) -> None:
    bring_in()

    upload = Upload.objects.get()
    assert (upload.state, upload.owner, upload.movie) == (Upload.State.FINISHED, administrator, movie)
    assert upload.file_name == FILM.file_name
    source = Source.objects.get(movie=movie)
    assert (source.state, source.container) == (Source.State.WAITING, "iso")
    assert PackagingJob.objects.get().source == source


def test_a_film_is_put_off_when_the_worker_is_to_stop_and_comes_in_with_the_next(
    movie: Movie, administrator: User
) -> None:
    endless = replace(FILM, picture=f"{FILM.picture},realtime", duration_s=600)
    stop = Timer(1, lambda: None)
    stop.start()
    begun = monotonic()
    bring_in_films(clock=clock.now, films=(endless, FILM), is_stopping=stop.finished.is_set)

    assert monotonic() - begun < 30
    assert not Upload.objects.exists()
    assert movies_without_film() == [movie]
    bring_in()
    assert PackagingJob.objects.exists()


def test_a_film_brings_captions_in_two_languages_and_a_poster(movie: Movie, administrator: User) -> None:
    bring_in()

    assert sorted(movie.captions.values_list("language", "cue_count", "warning_count")) == [("en", 5, 0), ("th", 5, 0)]
    poster = movie.artwork.get()
    assert (poster.kind, poster.width_px, poster.height_px) == (Artwork.Kind.POSTER, 720, 1080)


def test_a_second_time_changes_nothing(movie: Movie, administrator: User) -> None:
    bring_in()
    movie.refresh_from_db()

    bring_in()

    assert Upload.objects.count() == Source.objects.count() == PackagingJob.objects.count() == 1
    assert Movie.objects.get().version == movie.version


def test_a_movie_that_an_editor_has_changed_gets_nothing(movie: Movie, administrator: User, editor: User) -> None:
    assert movies_without_film() == [movie]
    movies.update_movie(movie_id=movie.pk, changes=movies.MovieChanges(tagline="Ours"), by=editor, at=AT)

    bring_in()

    assert movies_without_film() == []
    assert not Upload.objects.exists()
    assert not movie.captions.exists()
    assert not movie.artwork.exists()


def test_an_editors_own_movie_of_that_address_gets_nothing(administrator: User, editor: User) -> None:
    seed_movie(FILM, by=editor)

    bring_in()

    assert not Upload.objects.exists()


def test_a_movie_that_has_or_had_a_source_gets_no_other(movie: Movie, administrator: User) -> None:
    make_source(movie=movie, state=Source.State.DISCARDED)

    bring_in()

    assert not Upload.objects.exists()


@pytest.mark.parametrize("moment", [1, 2], ids=["before the poster", "before the captions"])
def test_an_editor_who_comes_while_the_film_is_made_has_the_last_word(
    movie: Movie, administrator: User, editor: User, moment: int
) -> None:
    changes = movies.MovieChanges(tagline="Ours")

    def change() -> None:
        movies.update_movie(movie_id=movie.pk, changes=changes, by=editor, at=AT)

    bring_in_films(clock=clock_that_acts(moment, change), films=(FILM,))

    assert Movie.objects.get().tagline == "Ours"
    assert not Upload.objects.exists()
    assert not movie.captions.exists()


def test_a_poster_and_captions_that_are_there_stay(movie: Movie, administrator: User) -> None:
    plan = ArtworkPlan(kind=Artwork.Kind.POSTER, content=make_picture_file(600, 900))
    poster = artwork.set_artwork(movie_id=movie.pk, plan=plan, by=None, at=AT)
    own = captions.add_caption(movie_id=movie.pk, plan=CaptionPlan(language="en", content=SRT), by=None, at=AT)

    bring_in()

    assert Source.objects.filter(movie=movie).exists()
    assert movie.artwork.get() == poster
    assert Caption.objects.get(movie=movie, language="en").webvtt == own.webvtt
    assert set(movie.captions.values_list("language", flat=True)) == {"en", "th"}


def test_an_upload_that_a_killed_worker_has_left_is_begun_anew(movie: Movie, administrator: User) -> None:
    announced = Announcement(file_name=FILM.file_name, size_bytes=42)
    left = uploads.create_upload(announced=announced, owner=administrator, at=AT, movie_id=movie.pk)

    bring_in()

    left.refresh_from_db()
    assert left.state == Upload.State.REMOVED
    assert Upload.objects.get(state=Upload.State.FINISHED).pk == Source.objects.get().pk


def test_a_film_that_cannot_be_made_is_left_out_and_the_next_one_comes_in(movie: Movie, administrator: User) -> None:
    other = seed_movie(DEMO_FILMS[2])
    broken = replace(FILM, picture="no_such_filter")
    good = replace(FILM, movie_slug=DEMO_FILMS[2].movie_slug)

    bring_in(broken, good)

    assert Source.objects.get().movie == other
    assert not movie.captions.exists()


def test_a_film_that_storage_has_no_room_for_leaves_no_upload_and_no_captions(
    movie: Movie, administrator: User, settings: Settings
) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_total_bytes=1)

    bring_in()

    assert not Upload.objects.exists()
    assert not movie.captions.exists()


def test_without_an_administrator_nobody_uploads(movie: Movie) -> None:
    bring_in()

    assert not Upload.objects.exists()
    assert not movie.captions.exists()


@pytest.mark.django_db(transaction=True)
def test_a_film_becomes_a_package_with_its_captions(movie: Movie, administrator: User, media: Path) -> None:
    QualityLevel.objects.all().delete()
    QualityLevel.objects.create(name="64p", width_px=96, height_px=64, bitrate_bps=100_000)
    bring_in()

    assert packaging.package_next(clock=clock.now)

    package = Package.objects.get(movie=movie, state=Package.State.READY)
    master = default_store().read(f"{package.path}/master.m3u8").decode()
    assert 'LANGUAGE="en"' in master
    assert 'LANGUAGE="th"' in master
