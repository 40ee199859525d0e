"""Two editors at the same moment: the row's lock is taken before the version is compared."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from catalog.errors import MovieChangedMeanwhile
from catalog.models import Movie
from catalog.services.movies import update_movie
from tests.factories import AT, make_movie

pytestmark = pytest.mark.django_db(transaction=True)


def change_title(movie_id: int, title: str) -> None:
    try:
        update_movie(movie_id=movie_id, changes={"title": title}, by=None, at=AT, expected_version=1)
    finally:
        connections.close_all()


def wait_until_somebody_waits(future: "Future[None]") -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not future.done():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.02)
    pytest.fail("nobody waits for the row")


def test_of_two_changes_to_the_same_version_one_is_refused() -> None:
    movie = make_movie(title="Overtime")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            update_movie(movie_id=movie.pk, changes={"title": "First"}, by=None, at=AT, expected_version=1)
            second = pool.submit(change_title, movie.pk, "Second")
            wait_until_somebody_waits(second)
        with pytest.raises(MovieChangedMeanwhile):
            second.result(20)

    assert Movie.objects.values_list("title", "version").get() == ("First", 2)
