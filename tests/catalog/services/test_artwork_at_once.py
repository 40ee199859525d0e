"""Two editors, or an editor and a worker, with the same picture at the same moment."""

from functools import partial

import pytest

from catalog.artwork.frames import FocalPoint
from catalog.models import Artwork, Movie, UnclaimedFile
from catalog.services.artwork import ArtworkPlan, add_later_formats, remove_artwork, set_artwork, set_focal_point
from portal.models import AuditEntry
from tests.concurrency import at_once
from tests.factories import AT, make_movie, make_picture_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

KIND = Artwork.Kind.POSTER
FILES = (make_picture_file(1000, 750), make_picture_file(1001, 750))


def put(movie: Movie, content: bytes = FILES[0]) -> Artwork:
    return set_artwork(movie_id=movie.pk, plan=ArtworkPlan(kind=KIND, content=content), by=None, at=AT)


def assert_nothing_is_lost(movie: Movie) -> None:
    """Every stored file is named by the picture, or is known to be named by nothing."""
    named = {key for artwork in movie.artwork.all() for key in (artwork.original_key, *artwork.file_keys())}
    unclaimed = set(UnclaimedFile.objects.values_list("key", flat=True))
    assert not named & unclaimed
    movie.refresh_from_db()
    assert movie.version == 1 + AuditEntry.objects.filter(action="movie.pictured").count()


def test_of_two_posters_the_last_one_stays() -> None:
    movie = make_movie()

    outcomes = at_once(partial(put, movie, FILES[0]), partial(put, movie, FILES[1]))

    assert [type(outcome).__name__ for outcome in outcomes] == ["Artwork", "Artwork"]
    assert movie.artwork.count() == 1
    assert_nothing_is_lost(movie)


def test_a_focal_point_for_a_picture_that_is_replaced_meanwhile_is_refused_or_was_first() -> None:
    movie = make_movie()
    put(movie)
    move = partial(set_focal_point, movie_id=movie.pk, kind=KIND, focal=FocalPoint(x=0), by=None, at=AT)

    moved, replaced = at_once(move, partial(put, movie, FILES[1]))

    assert type(moved).__name__ in {"Artwork", "MovieChangedMeanwhile"}
    assert isinstance(replaced, Artwork)
    # Whichever came first, or if the point was set on the new picture: its files are those of its point.
    assert movie.artwork.get().content_hash == replaced.content_hash
    assert_nothing_is_lost(movie)


def test_a_picture_that_is_removed_while_a_worker_is_at_it_stays_removed() -> None:
    movie = make_movie()
    artwork = put(movie)
    worker = partial(add_later_formats, artwork_id=artwork.pk, edition=artwork.edition, at=AT)

    removed, added = at_once(partial(remove_artwork, movie_id=movie.pk, kind=KIND, by=None, at=AT), worker)

    assert removed is None
    assert added is None or isinstance(added, FileNotFoundError)
    assert not movie.artwork.exists()
    assert_nothing_is_lost(movie)


def test_two_workers_with_the_same_task_do_it_once() -> None:
    movie = make_movie()
    artwork = put(movie)
    worker = partial(add_later_formats, artwork_id=artwork.pk, edition=artwork.edition, at=AT)

    assert at_once(worker, worker) == [None, None]

    artwork.refresh_from_db()
    assert artwork.formats == ["avif", "webp", "jpg"]
    assert_nothing_is_lost(movie)
