from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import SearchName
from catalog.search.suggestions import Kind, suggest
from catalog.services.suggestions import count_choice
from catalog.viewpoints import Viewpoint
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_tag, make_window

pytestmark = pytest.mark.django_db

HERE = Viewpoint(at=AT + timedelta(days=1), territory="TH")


def suggested(text: str, *, viewpoint: Viewpoint = HERE) -> list[str]:
    return [f"{each.kind}:{each.label}" for each in suggest(text, viewpoint=viewpoint)]


def test_names_of_every_kind_go_on_as_was_typed() -> None:
    genre, tag = make_genre(name="Metal music"), make_tag(name="metafiction")
    movie = make_movie(title="The Metropolis", slug="metropolis", year=1927, genres=(genre,), tags=(tag,))
    make_credit(movie, make_person(name="Ada Metz", slug="ada-metz"))
    make_movie(title="Vertigo", synopsis="Nothing of metal.")
    assert suggested("met") == ["movie:The Metropolis", "person:Ada Metz", "genre:Metal music", "tag:metafiction"]
    film, person, *_ = suggest("met", viewpoint=HERE)
    assert (film.slug, film.detail, film.url) == ("metropolis", "1927", "/movies/metropolis/")
    assert (person.slug, person.detail) == ("ada-metz", "")


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("ame", "Amélie"),
        ("wall e", "WALL·E"),
        ("spiderm", "Spider-Man"),
        ("แฟน", "แฟนฉัน"),
        ("ฉัน", "แฟนฉัน"),
        ("年", "花样年华"),
        ("incepiton", "Inception"),
        ("incpe", "Inception"),
        ("dark kngiht", "The Dark Knight"),
    ],
)
def test_suggestions_understand_what_the_search_does(typed: str, title: str) -> None:
    make_movie(title=title)
    make_movie(title="Something Else")
    assert suggested(typed) == [f"movie:{title}"]


def test_a_film_is_suggested_by_its_original_title_too() -> None:
    make_movie(title="Spirited Away", original_title="千と千尋の神隠し")
    assert suggested("千と") == suggested("away") == ["movie:Spirited Away"]


def test_nothing_is_suggested_that_cannot_be_seen() -> None:
    for visibility in ("DRAFT", "HIDDEN", "UNLISTED", "PUBLISHED"):
        genre, tag = make_genre(name=f"Secret {visibility}"), make_tag(name=f"secret {visibility}")
        movie = make_movie(title="Secret", visibility=visibility, genres=(genre,), tags=(tag,))
        make_credit(movie, make_person(name="Secret Person"))
        make_window(movie, starts_at=HERE.at + timedelta(hours=1), territories=["TH"])
    make_person(name="Secret Nobody")
    for typed in ("secret", "secert"):
        assert suggested(typed) == []
        later = Viewpoint(at=HERE.at + timedelta(hours=1), territory="TH")
        assert len(suggested(typed, viewpoint=later)) == 4
        assert suggested(typed, viewpoint=Viewpoint(at=later.at, territory="FR")) == []


def test_the_name_itself_comes_first_then_what_is_chosen_most() -> None:
    for title in ("Star Wars", "A Star Is Born", "Star", "Stardust"):
        make_movie(title=title, slug=title.lower().replace(" ", "-"))
    # At first the newest; an article is no beginning.
    assert suggested("star") == ["movie:Star", "movie:Stardust", "movie:A Star Is Born", "movie:Star Wars"]
    for slug in ("star-wars", "star-wars", "a-star-is-born"):
        count_choice(kind=Kind.MOVIE, slug=slug, at=HERE.at)
    assert suggested("star") == ["movie:Star", "movie:Star Wars", "movie:A Star Is Born", "movie:Stardust"]


def test_choices_of_long_ago_count_no_more() -> None:
    for title in ("Old Hit", "Old News"):
        make_movie(title=title, slug=title.lower().replace(" ", "-"))
    count_choice(kind=Kind.MOVIE, slug="old-hit", at=HERE.at - timedelta(days=600))
    assert suggested("old") == ["movie:Old News", "movie:Old Hit"]
    count_choice(kind=Kind.MOVIE, slug="old-hit", at=HERE.at)
    assert suggested("old") == ["movie:Old Hit", "movie:Old News"]


def test_shelves_with_more_films_come_first() -> None:
    few, many = make_genre(name="Drama of few"), make_genre(name="Drama of many")
    for shelves in ((few, many), (many,), (many,)):
        make_movie(genres=shelves)
    make_genre(name="Drama of none")
    assert suggested("drama") == ["genre:Drama of many", "genre:Drama of few"]


def test_of_each_kind_only_a_few_are_suggested() -> None:
    for number in range(8):
        movie = make_movie(title=f"Film {number}", genres=(make_genre(name=f"Film genre {number}"),))
        make_credit(movie, make_person(name=f"Film Maker {number}"))
    kinds = [each.split(":")[0] for each in suggested("film")]
    assert kinds == ["movie"] * 5 + ["person"] * 3 + ["genre"] * 2


@pytest.mark.parametrize("typed", ["", " ", "!!!", "'", "a & b", "\x00", "%", "\\", "x" * 500])
def test_what_nobody_means_suggests_nothing(typed: str) -> None:
    make_movie(title="Film")
    assert suggested(typed) == []


def test_a_choice_of_nothing_leaves_nothing_behind() -> None:
    movie = make_movie(slug="film")
    count_choice(kind=Kind.PERSON, slug="film", at=AT)
    count_choice(kind=Kind.MOVIE, slug="gone", at=AT)
    assert SearchName.objects.get(movie=movie).heat == 0
    assert SearchName.objects.count() == 1


def test_films_behind_many_that_cannot_be_seen_are_suggested() -> None:
    make_movie(title="Film that can")
    for _ in range(25):
        make_movie(title="Film", visibility="DRAFT")
    assert suggested("film") == ["movie:Film that can"]


def test_suggesting_costs_the_same_however_much_there_is() -> None:
    def add_and_count() -> int:
        for number in range(4):
            movie = make_movie(title=f"Film {number}", genres=(make_genre(name=f"Film {SearchName.objects.count()}"),))
            make_credit(movie, make_person(name="Film Maker"))
        with CaptureQueriesContext(connection) as asked:
            suggested("film")
        return len(asked)

    assert add_and_count() == add_and_count() <= 8
