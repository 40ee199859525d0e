"""Everything that an editor can say of a film is kept, audited, and held to its form by the database itself."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from catalog.models import Movie, MovieSlug
from catalog.services.movies import create_movie, update_movie
from portal.models import AuditEntry, User
from tests.factories import AT, make_genre, make_movie, make_tag

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "title": "The Far Signal",
    "original_title": "สัญญาณไกล",
    "tagline": "It left before we did.",
    "synopsis": "A relay hears a call.\n\nNobody has made it yet.",
    "year": 2024,
    "runtime_s": 6120,
    "countries": ["TH", "LA"],
    "languages": ["th", "zh-Hant"],
    "minimum_age": 13,
    "trailer_url": "https://films.example/far-signal",
    "is_announced": True,
}


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_is_kept_and_audited_by_itself(editor: User, name: str) -> None:
    movie = make_movie()
    before = getattr(movie, name)

    update_movie(movie_id=movie.pk, changes={name: FACTS[name]}, by=editor, at=AT)  # type: ignore[misc]  # one of them

    movie.refresh_from_db()
    assert (getattr(movie, name), movie.version) == (FACTS[name], 2)
    entry = AuditEntry.objects.get(action="movie.updated")
    assert (entry.before, entry.after, entry.actor) == ({name: before}, {name: FACTS[name]}, editor)


def test_all_facts_are_one_change() -> None:
    movie = make_movie()

    update_movie(movie_id=movie.pk, changes=FACTS, by=None, at=AT)  # type: ignore[arg-type]  # all of them

    movie.refresh_from_db()
    assert {name: getattr(movie, name) for name in FACTS} == FACTS
    assert (movie.version, AuditEntry.objects.count()) == (2, 1)


def test_the_same_facts_again_are_no_change() -> None:
    movie = make_movie(**FACTS)

    assert update_movie(movie_id=movie.pk, changes=FACTS, by=None, at=AT).version == 1  # type: ignore[arg-type]
    assert not AuditEntry.objects.exists()


def test_a_new_film_has_what_was_said_and_no_more(editor: User) -> None:
    genre, tag = make_genre(slug="drama"), make_tag(slug="space")
    facts: Any = {**FACTS, "genres": [genre], "tags": [tag]}

    movie = create_movie(title=FACTS["title"], year=FACTS["year"], facts=facts, by=editor, at=AT)

    assert {name: getattr(movie, name) for name in FACTS} == FACTS
    assert (list(movie.genres.all()), list(movie.tags.all())) == ([genre], [tag])
    assert (movie.visibility, movie.published_at, movie.first_available_at) == ("DRAFT", None, None)
    after = AuditEntry.objects.get(action="movie.created").after
    assert (after["genres"], after["tags"], after["countries"]) == (["drama"], ["space"], ["TH", "LA"])


def test_a_film_of_a_title_alone_is_possible() -> None:
    movie = create_movie(title="Untitled", year=2026, by=None, at=AT)

    assert (movie.countries, movie.languages, movie.minimum_age, movie.trailer_url) == ([], [], None, "")
    assert list(movie.slugs.values_list("slug", flat=True)) == ["untitled"]


@pytest.mark.parametrize(
    ("fault", "constraint"),
    [
        ({"minimum_age": 5}, "movie_minimum_age_known"),
        ({"minimum_age": 99}, "movie_minimum_age_known"),
        ({"trailer_url": "http://films.example/"}, "movie_trailer_is_https"),
        ({"trailer_url": "javascript:alert(1)"}, "movie_trailer_is_https"),
        ({"countries": ["TH"] * 21}, "movie_few_codes"),
        ({"languages": ["th"] * 21}, "movie_few_codes"),
        ({"first_available_at": None, "published_at": AT}, "movie_available_once_published"),
    ],
)
def test_the_database_itself_refuses_what_no_form_would_send(fault: dict[str, Any], constraint: str) -> None:
    movie = make_movie()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Movie.objects.filter(pk=movie.pk).update(**fault)


@pytest.mark.parametrize(
    ("fault", "field"),
    [({"minimum_age": 5}, "minimum_age"), ({"trailer_url": "no address"}, "trailer_url"), ({"year": 1700}, "year")],
)
def test_a_form_names_the_field(fault: dict[str, Any], field: str) -> None:
    movie = make_movie()
    for name, value in fault.items():
        setattr(movie, name, value)

    with pytest.raises(ValidationError) as refused:
        movie.full_clean()

    assert field in refused.value.message_dict


def test_an_address_belongs_to_one_film_for_ever() -> None:
    movie = make_movie(slug="far-signal")
    with pytest.raises(IntegrityError), transaction.atomic():
        MovieSlug.objects.create(slug="far-signal", movie=make_movie())
    assert str(movie.slugs.get()) == "far-signal"


@pytest.mark.parametrize(
    ("titles", "slugs"),
    [
        (["Meridian"] * 3, ["meridian", "meridian-2024", "meridian-2024-2"]),
        (["Über Grenzen"], ["uber-grenzen"]),
        (["สัญญาณไกล"], ["movie-2024"]),
        (["遥远的信号"] * 2, ["movie-2024", "movie-2024-2024"]),
        (["…"], ["movie-2024"]),
        (["under_score"], ["under-score"]),
        (["A" * 200], ["a" * (120 - len("-1234-999"))]),
    ],
)
def test_addresses_are_made_of_titles(titles: list[str], slugs: list[str]) -> None:
    made = [create_movie(title=title, year=2024, by=None, at=AT).slug for title in titles]
    assert made == slugs
