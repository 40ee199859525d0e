"""The planned catalogue: as large as it says, the same each time, and such as the database takes."""

import re
from collections import Counter
from random import Random

import pytest

from benchmarks.big_catalogue import plans
from benchmarks.big_catalogue.texts import Writer, misspell
from catalog.models import Credit, Movie
from catalog.slugs import SLUG_PATTERN


@pytest.fixture(scope="module")
def films() -> tuple[plans.FilmPlan, ...]:
    return plans.films()


def test_it_is_as_large_as_it_says(films: tuple[plans.FilmPlan, ...]) -> None:
    assert len(films) == 10_000
    assert sum(len(film.credits) for film in films) == 100_000
    assert len(list(plans.people())) == 50_000


def test_the_same_seed_writes_the_same() -> None:
    first, second = (Writer(5) for _ in range(2))
    assert [first.title("en") for _ in range(50)] == [second.title("en") for _ in range(50)]
    assert Writer(5).title("th") != Writer(6).title("th")


def test_addresses_are_unique_and_in_form(films: tuple[plans.FilmPlan, ...]) -> None:
    slugs = [film.slug for film in films]
    assert len(set(slugs)) == len(slugs)
    assert [slug for slug in slugs if not re.match(SLUG_PATTERN, slug) or len(slug) > 120] == []
    people = [person.slug for person in plans.people()]
    assert len(set(people)) == len(people)
    assert [slug for slug in people if not re.match(SLUG_PATTERN, slug)] == []


def test_every_script_is_there(films: tuple[plans.FilmPlan, ...]) -> None:
    languages = Counter(film.language for film in films)
    assert all(languages[language] > 1000 for language in ("en", "th", "zh"))
    assert any(re.search("[ก-๙]", film.title) for film in films)
    assert any(re.search("[一-鿿]", film.original_title) for film in films)


def test_some_words_are_frequent_and_many_are_rare() -> None:
    seen = Counter(Writer(1).words("en", 50_000))
    ranked = [count for _word, count in seen.most_common()]
    assert ranked[0] > 20 * ranked[500]
    assert sum(count < 5 for count in ranked) > 1000


def test_plans_name_what_the_catalogue_knows(films: tuple[plans.FilmPlan, ...]) -> None:
    assert {film.visibility for film in films} == set(Movie.Visibility)
    assert {line.role for film in films for line in film.credits} <= set(Credit.Role)
    assert {film.minimum_age for film in films} <= {None, *Movie.MinimumAge}
    assert all(0 <= line.person < plans.PEOPLE for film in films for line in film.credits)


def test_windows_are_of_every_kind(films: tuple[plans.FilmPlan, ...]) -> None:
    spans = [film.windows for film in films if film.windows]
    single = [windows[0] for windows in spans if len(windows) == 1]
    assert any(span.opens_h > 0 for span in single)
    assert any(span.closes_h is not None and span.closes_h < 0 for span in single)
    assert any(span.closes_h is not None and 0 < span.closes_h < 14 * 24 for span in single)
    assert any(windows[0].territories for windows in spans if len(windows) == 2)
    assert not any(film.is_always_seen for film in films if film.windows)


@pytest.mark.parametrize("seed", range(20))
def test_a_misspelt_word_is_near_to_the_right_one(seed: int) -> None:
    wrong = misspell("meridian", Random(seed))
    assert wrong[0] == "m"
    assert len(wrong) == 7 or sorted(wrong) == sorted("meridian")
