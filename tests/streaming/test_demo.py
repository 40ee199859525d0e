"""What the first start adds to streaming; `tests/streaming/services/test_demo_films.py` has the films themselves."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog import demo
from streaming.demo import seed_films
from streaming.media.demo_films import DEMO_FILMS
from streaming.services.demo_films import movies_without_film
from tests.factories import make_movie, make_source

pytestmark = pytest.mark.django_db


def test_every_film_belongs_to_a_movie_of_the_demo() -> None:
    demo.seed()

    assert {movie.slug for movie in movies_without_film()} == {film.movie_slug for film in DEMO_FILMS}


def test_films_are_left_to_a_worker_and_the_newcomer_is_told(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    demo.seed()
    with django_capture_on_commit_callbacks() as orders:
        [line] = seed_films()

    assert len(orders) == 1
    assert line.label == "Films"
    assert line.value.startswith("3 ")


def test_films_that_are_there_or_not_wanted_are_not_ordered(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, settings: Settings
) -> None:
    demo.seed()
    with django_capture_on_commit_callbacks() as orders:
        settings.NOVA_DEMO_FILMS = False
        assert seed_films() == []
        settings.NOVA_DEMO_FILMS = True
        for movie in movies_without_film():
            make_source(movie=movie)
        assert seed_films() == []

    assert orders == []


def test_a_catalogue_without_the_demos_movies_gets_no_films(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    make_movie(slug=DEMO_FILMS[0].movie_slug)
    with django_capture_on_commit_callbacks() as orders:
        assert seed_films() == []

    assert orders == []
