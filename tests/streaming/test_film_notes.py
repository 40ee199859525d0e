"""What the page of a movie tells viewers of its film."""

from typing import Any

import pytest
from django.test import Client

from catalog.models import Movie
from streaming.film_notes import note_of_film
from streaming.models import PackagingJob
from tests.factories import make_job, make_movie, make_package, make_source

pytestmark = pytest.mark.django_db

WORDS = "This film is being prepared."


@pytest.fixture
def movie() -> Movie:
    return make_movie(slug="meridian")


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING"])
def test_a_film_that_is_packaged_for_the_first_time_is_being_prepared(movie: Movie, state: str) -> None:
    make_job(make_source(movie=movie), state=state)
    assert note_of_film(movie.pk) == WORDS


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_one_that_nobody_works_at_is_not(movie: Movie, state: str) -> None:
    make_job(make_source(movie=movie), state=state)
    assert note_of_film(movie.pk) == ""


@pytest.mark.parametrize("facts", [{}, {"state": "GROWING", "ready_at": None}])
def test_one_that_can_be_played_is_not_told_of_again(movie: Movie, facts: dict[str, Any]) -> None:
    source = make_source(movie=movie)
    make_package(source, **facts)
    make_job(source, state="RUNNING")
    assert note_of_film(movie.pk) == ""


def test_what_happens_to_other_movies_is_none_of_its_business(movie: Movie) -> None:
    make_job(state="RUNNING")
    assert note_of_film(movie.pk) == ""


def test_the_page_tells_it_and_ceases_at_once(client: Client, movie: Movie) -> None:
    job = make_job(make_source(movie=movie), state="RUNNING")
    assert WORDS in client.get("/movies/meridian/").content.decode()
    PackagingJob.objects.filter(pk=job.pk).delete()
    assert WORDS not in client.get("/movies/meridian/").content.decode()


def test_editors_are_told_too(client: Client, movie: Movie, editor: Any) -> None:
    client.force_login(editor)
    make_job(make_source(movie=movie))
    assert WORDS in client.get("/movies/meridian/").content.decode()
