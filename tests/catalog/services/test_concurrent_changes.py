"""Two editors at the same moment: the row's lock is taken before the version is compared."""

import pytest
from django.db import transaction

from catalog.errors import MovieChangedMeanwhile
from catalog.models import Movie
from catalog.services.movies import update_movie
from tests.concurrency import start_and_wait
from tests.factories import AT, make_movie

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_changes_to_the_same_version_one_is_refused() -> None:
    movie = make_movie(title="Overtime")

    def change(title: str) -> None:
        update_movie(movie_id=movie.pk, changes={"title": title}, by=None, at=AT, expected_version=1)

    with transaction.atomic():
        change("First")
        second = start_and_wait(lambda: change("Second"))
    with pytest.raises(MovieChangedMeanwhile):
        second.result(20)

    assert Movie.objects.values_list("title", "version").get() == ("First", 2)
