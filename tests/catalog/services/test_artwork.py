"""Giving movies pictures, cutting them anew, and taking them away."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from catalog import tasks
from catalog.artwork.faults import PictureRefused
from catalog.artwork.frames import FocalPoint
from catalog.errors import MovieChangedMeanwhile
from catalog.models import Artwork, Movie, UnclaimedFile
from catalog.services.artwork import (
    KEPT_AFTER_REPLACEMENT,
    ArtworkPlan,
    add_later_formats,
    remove_artwork,
    set_artwork,
    set_focal_point,
    tend_artwork,
)
from portal.celery import app
from portal.errors import NotFound
from portal.models import AuditEntry, User
from tests.factories import AT, make_artwork, make_movie, make_picture_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

POSTER, BACKDROP = Artwork.Kind.POSTER, Artwork.Kind.BACKDROP
SMALL = make_picture_file(500, 750)
OTHER = make_picture_file(501, 750)
LEFT = FocalPoint(x=0.25, y=0.5)
Committed = Callable[..., AbstractContextManager[list[Any]]]


def put(movie: Movie, content: bytes = SMALL, **rest: Any) -> Artwork:
    focal = rest.pop("focal", FocalPoint())
    plan = ArtworkPlan(kind=POSTER, content=content, focal=focal)
    return set_artwork(movie_id=movie.pk, plan=plan, **{"by": None, "at": AT} | rest)


def stored(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_movie_gets_a_poster(media: Path, editor: User) -> None:
    movie = make_movie()

    artwork = put(movie, by=editor)

    movie.refresh_from_db()
    assert movie.version == 2
    assert (artwork.width_px, artwork.height_px, artwork.widths) == (500, 750, [180, 360, 500])
    assert stored(media) == {artwork.original_key, *artwork.file_keys()}
    assert len(artwork.file_keys()) == 8
    with default_storage.open(artwork.original_key) as original:
        assert original.read() == SMALL
    assert not UnclaimedFile.objects.exists()
    entry = AuditEntry.objects.get(action="movie.pictured")
    assert (entry.actor, entry.object_id, entry.before) == (editor, str(movie.pk), {"poster": None})
    assert entry.after["poster"].startswith("500 × 750, ")


def test_the_same_picture_again_is_no_change() -> None:
    movie = make_movie()
    first = put(movie)
    assert put(movie).edition == first.edition
    assert AuditEntry.objects.count() == 1


def test_another_picture_replaces_it_and_the_old_files_stay_for_pages_that_are_open(media: Path) -> None:
    movie = make_movie()
    first = put(movie)

    second = put(movie, OTHER)

    assert Artwork.objects.get() == second
    assert first.edition != second.edition
    assert set(UnclaimedFile.objects.values_list("key", flat=True)) == {first.original_key, *first.file_keys()}
    assert set(first.file_keys()) < stored(media)


def test_a_movie_has_one_poster_and_one_backdrop() -> None:
    movie = make_movie()
    make_artwork(movie)
    make_artwork(movie, kind=BACKDROP)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_artwork(movie)


@pytest.mark.parametrize("wrong", [{"focal_x": 1.01}, {"focal_y": -0.1}, {"kind": "BANNER"}, {"widths": []}])
def test_the_database_refuses_what_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Artwork.objects.filter(pk=make_artwork(make_movie()).pk).update(**wrong)


def test_what_is_no_picture_leaves_nothing_behind(media: Path) -> None:
    movie = make_movie()
    put(movie)
    before = stored(media)

    with pytest.raises(PictureRefused):
        put(movie, b"PK\x03\x04")

    assert stored(media) == before
    assert Artwork.objects.count() == 1
    assert not UnclaimedFile.objects.exists()


def test_an_editor_who_read_an_older_version_changes_nothing(media: Path) -> None:
    movie = make_movie(version=5)

    with pytest.raises(MovieChangedMeanwhile):
        put(movie, expected_version=4)

    assert not Artwork.objects.exists()
    # What was made in vain is swept like anything else that nothing names.
    assert set(UnclaimedFile.objects.values_list("key", flat=True)) == stored(media) != set()


def test_an_unknown_movie_gets_nothing() -> None:
    with pytest.raises(NotFound):
        put(Movie(pk=999))


# --- Focal point ------------------------------------------------------------------------------------------------------


def test_moving_the_focal_point_cuts_the_picture_anew() -> None:
    movie = make_movie()
    first = put(movie, make_picture_file(1000, 750))

    moved = set_focal_point(movie_id=movie.pk, kind=POSTER, focal=LEFT, by=None, at=AT)

    assert (moved.pk, moved.focal, moved.original_key) == (first.pk, LEFT, first.original_key)
    assert moved.edition != first.edition
    assert all(default_storage.exists(key) for key in moved.file_keys())
    assert set(UnclaimedFile.objects.values_list("key", flat=True)) == set(first.file_keys())
    assert AuditEntry.objects.filter(action="movie.pictured").count() == 2


def test_the_same_focal_point_is_no_change() -> None:
    movie = make_movie()
    first = put(movie)
    same = set_focal_point(movie_id=movie.pk, kind=POSTER, focal=FocalPoint(), by=None, at=AT)
    assert same.edition == first.edition


def test_there_is_no_focal_point_without_a_picture() -> None:
    with pytest.raises(NotFound):
        set_focal_point(movie_id=make_movie().pk, kind=POSTER, focal=LEFT, by=None, at=AT)


# --- Removal ----------------------------------------------------------------------------------------------------------


def test_a_picture_is_taken_away(editor: User) -> None:
    movie = make_movie()
    artwork = put(movie)

    remove_artwork(movie_id=movie.pk, kind=POSTER, by=editor, at=AT)

    assert not Artwork.objects.exists()
    assert UnclaimedFile.objects.count() == 1 + len(artwork.file_keys())
    entry = AuditEntry.objects.filter(action="movie.pictured").latest("pk")
    assert entry.after == {"poster": None}
    with pytest.raises(NotFound):
        remove_artwork(movie_id=movie.pk, kind=POSTER, by=editor, at=AT)


# --- What workers do --------------------------------------------------------------------------------------------------


def test_a_worker_adds_the_format_that_takes_longer(media: Path) -> None:
    movie = make_movie()
    artwork = put(movie)

    tasks.add_later_formats(artwork_id=artwork.pk, edition=artwork.edition, of_tomorrow=True)

    artwork.refresh_from_db()
    movie.refresh_from_db()
    assert artwork.formats == ["avif", "webp", "jpg"]
    assert stored(media) == {artwork.original_key, *artwork.file_keys()}
    assert movie.version == 2
    assert not UnclaimedFile.objects.exists()


def test_it_is_told_once_the_picture_is_saved(django_capture_on_commit_callbacks: Committed) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        artwork = put(make_movie())
    with app.connection_for_read() as broker, broker.SimpleQueue("default") as queue:
        message = queue.get(block=False)
    assert message.headers["task"] == "catalog.add_later_formats"
    assert message.payload[1] == {"artwork_id": artwork.pk, "edition": artwork.edition}


@pytest.mark.parametrize("edition", ["another", None])
def test_it_leaves_alone_what_was_replaced_or_is_done(media: Path, edition: str | None) -> None:
    artwork = make_artwork(make_movie(), formats=["webp", "jpg"] if edition else ["avif", "webp", "jpg"])
    add_later_formats(artwork_id=artwork.pk, edition=edition or artwork.edition, at=AT)
    assert stored(media) == set()


def test_what_no_worker_was_told_of_is_found_later() -> None:
    artwork = put(make_movie())
    tend_artwork(at=AT + timedelta(minutes=9))
    assert Artwork.objects.get().formats == ["webp", "jpg"]
    tend_artwork(at=AT + timedelta(minutes=11))
    artwork.refresh_from_db()
    assert artwork.formats == ["avif", "webp", "jpg"]


def test_the_files_of_a_replaced_picture_are_deleted_a_day_later(media: Path) -> None:
    movie = make_movie()
    put(movie)
    kept = put(movie, OTHER)

    tend_artwork(at=AT + KEPT_AFTER_REPLACEMENT - timedelta(seconds=1))
    assert UnclaimedFile.objects.exists()
    assert len(stored(media)) > 8
    tend_artwork(at=AT + KEPT_AFTER_REPLACEMENT + timedelta(seconds=1))

    kept.refresh_from_db()
    assert not UnclaimedFile.objects.exists()
    assert stored(media) == {kept.original_key, *kept.file_keys()}


def test_sweeping_survives_a_file_that_is_gone_already() -> None:
    UnclaimedFile.objects.create(key="artwork/1/gone/360.jpg", since=AT)
    tend_artwork(at=AT + timedelta(days=2))
    assert not UnclaimedFile.objects.exists()


def test_beat_knows_the_task() -> None:
    put(make_movie())
    tasks.tend_artwork()
    assert Artwork.objects.get().formats == ["avif", "webp", "jpg"]
