import importlib
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command

from catalog.models import Credit, Movie, SearchDocument, SearchName, SearchWord
from catalog.search.finding import matching
from catalog.search.queries import parse_query
from catalog.services import credits, genres, movies, people, search_index, tags
from catalog.services.credits import CreditPlan
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_tag

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    query = parse_query(text)
    return sorted(matching(Movie.objects.all(), query.expression()).values_list("title", flat=True))


def test_a_movie_is_found_as_soon_as_it_is_created_and_by_what_it_says_now() -> None:
    movie = movies.create_movie(title="Metropolis", year=1927, by=None, at=AT, facts={"synopsis": "A robot rises."})
    assert found("metro") == found("robot") == found("1927") == ["Metropolis"]
    movies.update_movie(movie_id=movie.pk, changes={"title": "M", "original_title": "Mörder"}, by=None, at=AT)
    assert found("morder") == ["M"]
    assert found("metropolis") == []


def test_a_movie_is_found_by_its_people_and_the_names_they_take() -> None:
    movie, person = make_movie(title="Tropical Malady"), make_person(name="Joe", original_name="อภิชาติพงศ์")
    plan = CreditPlan(person=person, role=Credit.Role.CAST, character="Keng")
    credits.replace_credits(movie_id=movie.pk, plans=[plan], by=None, at=AT)
    assert found("joe") == found("อภิชาติ") == found("keng") == ["Tropical Malady"]
    people.update_person(person_id=person.pk, changes={"name": "Apichatpong"}, by=None, at=AT)
    assert found("apichatpong") == ["Tropical Malady"]
    assert found("joe") == []
    credits.replace_credits(movie_id=movie.pk, plans=[], by=None, at=AT)
    assert found("apichatpong") == []


def test_a_movie_is_found_by_its_shelves_and_the_names_they_take() -> None:
    genre = genres.create_genre(name="Krimi", by=None, at=AT)
    (tag,) = tags.ensure_tags(names=["heist"], by=None, at=AT)
    movie = movies.create_movie(title="Rififi", year=1955, by=None, at=AT, facts={"genres": [genre], "tags": [tag]})
    assert found("krimi") == found("heist") == ["Rififi"]
    genres.rename_genre(genre_id=genre.pk, name="Crime", by=None, at=AT)
    tags.merge_tags(tag_id=tag.pk, into_id=make_tag(name="robbery").pk, by=None, at=AT)
    assert found("crime robbery") == [movie.title]
    assert found("krimi") == found("heist") == []


def test_what_can_be_suggested_has_a_name_until_it_is_gone() -> None:
    genre, (tag,) = genres.create_genre(name="Drama", by=None, at=AT), tags.ensure_tags(names=["war"], by=None, at=AT)
    person = people.create_person(name="Ada Lovelace", by=None, at=AT)
    movie = movies.create_movie(title="The Engine", year=2000, by=None, at=AT)
    keys = {" drama ", " war ", " adalovelace ", " engine theengine "}
    assert set(SearchName.objects.values_list("keys", flat=True)) == keys
    for thing in (genre, tag, person, movie):
        thing.delete()
    assert not SearchName.objects.exists()
    assert not SearchDocument.objects.exists()


def test_the_words_of_names_are_learnt_once_and_those_of_synopses_never() -> None:
    for _ in range(2):
        movies.create_movie(title="Vertigo", year=1958, by=None, at=AT, facts={"synopsis": "Acrophobia"})
    assert list(SearchWord.objects.values_list("word", flat=True)) == ["vertigo"]


def test_indexing_costs_the_same_for_one_movie_and_for_many(django_assert_num_queries: object) -> None:
    ids = [make_movie(genres=(make_genre(),)).pk for _ in range(5)]
    for chosen in (ids[:1], ids):
        with django_assert_num_queries(7):  # type: ignore[operator]  # a fixture without a type
            search_index.index_movies(chosen)


def test_rebuilding_mends_what_was_lost_and_keeps_how_often_names_were_chosen() -> None:
    movie, person = make_movie(title="Stalker"), make_person(name="Tarkovsky")
    make_credit(movie, person)
    SearchDocument.objects.all().delete()
    SearchName.objects.filter(movie=movie).update(heat=3, keys="?")
    SearchName.objects.filter(person=person).delete()
    SearchWord.objects.create(word="forgotten", rests="")
    out = StringIO()
    call_command("rebuild_search", stdout=out)
    assert "rebuilt" in out.getvalue()
    assert found("tarkovsky") == ["Stalker"]
    assert SearchName.objects.filter(movie=movie).values_list("heat", "keys").get() == (3, " stalker ")
    assert SearchName.objects.filter(person=person).exists()
    assert not SearchWord.objects.filter(word="forgotten").exists()


def test_the_migration_indexes_what_an_older_catalogue_holds() -> None:
    movie = make_movie(title="Nosferatu", genres=(make_genre(name="Horror"),), tags=(make_tag(name="vampire"),))
    make_credit(movie, make_person(name="Max Schreck"), character="Count Orlok")
    expected = _all_that_is_kept()
    for model in (SearchDocument, SearchName, SearchWord):
        model.objects.all().delete()
    importlib.import_module("catalog.migrations.0003_search").index_what_stands(apps, None)
    assert _all_that_is_kept() == expected


def _all_that_is_kept() -> list[object]:
    return [
        *SearchDocument.objects.order_by("pk").values_list("movie", "vector", "title_keys", "sort_title"),
        *sorted(SearchName.objects.values_list("vector", "keys")),
        *sorted(SearchWord.objects.values_list("word", "rests")),
    ]
