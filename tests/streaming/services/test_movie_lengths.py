"""A movie whose length nobody has said has that of its film."""

import pytest

from catalog.models import Movie
from portal.models import AuditEntry, User
from streaming.models import Source
from streaming.services import packages
from tests.factories import AT, make_movie, make_package, make_source

pytestmark = pytest.mark.django_db


def attach(source: Source, movie: Movie) -> int | None:
    """Let a source belong to a movie, and return how long that one is now."""
    source.movie = movie
    source.save()
    packages.move_to_movie(source=source, at=AT)
    movie.refresh_from_db()
    return movie.runtime_s


def test_a_film_tells_how_long_its_movie_is() -> None:
    source, movie = make_source(), make_movie(runtime_s=None)
    make_package(source, duration_s=20.4)
    assert attach(source, movie) == 20
    entry = AuditEntry.objects.get(action="movie.runtime_measured")
    assert (entry.actor, entry.before, entry.after) == (None, {"runtime_s": None}, {"runtime_s": 20})
    assert movie.version == 2


def test_what_an_editor_said_stays() -> None:
    source, movie = make_source(), make_movie(runtime_s=5640)
    make_package(source, duration_s=20.4)
    assert attach(source, movie) == 5640
    assert not AuditEntry.objects.filter(action="movie.runtime_measured").exists()


def test_a_film_that_grows_tells_nothing_yet() -> None:
    source, movie = make_source(), make_movie(runtime_s=None)
    make_package(source, state="GROWING", duration_s=4.0, ready_at=None)
    assert attach(source, movie) is None


def test_the_shortest_film_is_a_second_long() -> None:
    source, movie = make_source(), make_movie(runtime_s=None)
    make_package(source, duration_s=0.04)
    assert attach(source, movie) == 1


def test_a_movie_that_is_gone_is_not_missed(editor: User) -> None:
    source = make_source()
    made = make_package(source)
    attach(source, make_movie(runtime_s=None))
    Movie.objects.all().delete()
    packages.move_to_movie(source=Source.objects.get(pk=source.pk), at=AT)
    made.refresh_from_db()
    assert made.movie_id is None
