"""Several who change names, or choose them, at the same moment."""

import math

import pytest
from django.db import transaction

from catalog.models import SearchName, SearchWord
from catalog.search.heat import heat_of_one
from catalog.search.suggestions import Kind
from catalog.services import movies, search_index
from catalog.services.suggestions import count_choice
from tests.concurrency import at_once, start_and_wait
from tests.factories import AT, make_movie

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_bring_the_same_new_words_both_succeed() -> None:
    def add(title: str) -> int:
        return movies.create_movie(title=title, year=2000, by=None, at=AT).pk

    made = at_once(lambda: add("Zebra Quartz Nomad"), lambda: add("Nomad Quartz Zebra"), lambda: add("Quartz Zebra"))
    assert all(isinstance(each, int) for each in made), made
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"zebra", "quartz", "nomad"}


def test_a_rebuild_waits_for_a_change_and_writes_what_it_left() -> None:
    movie = make_movie(title="Before")
    with transaction.atomic():
        movies.update_movie(movie_id=movie.pk, changes={"title": "Afterwards"}, by=None, at=AT)
        rebuilt = start_and_wait(search_index.rebuild)
    rebuilt.result(20)
    assert SearchName.objects.get(movie=movie).keys == " afterwards "
    assert list(SearchWord.objects.values_list("word", flat=True)) == ["afterwards"]


def test_choices_at_the_same_moment_are_all_counted() -> None:
    movie = make_movie(slug="chosen")
    at_once(*[lambda: count_choice(kind=Kind.MOVIE, slug="chosen", at=AT)] * 8)
    heat = SearchName.objects.get(movie=movie).heat
    assert heat == pytest.approx(heat_of_one(AT) + math.log2(8), abs=1e-4)
