"""The catalogue's pages, as a browser without scripts meets them."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog import pages
from catalog.viewpoints import Viewpoint
from portal.errors import MalformedRequest
from tests.factories import AT, make_genre, make_movie

pytestmark = pytest.mark.django_db


def page_of(client: Client, path: str, **query: str) -> Any:
    response = client.get(path, query)
    assert response.status_code == 200
    return response.context["page"]


def titles(cards: Any) -> list[str]:
    return [card.title for card in cards]


@pytest.mark.parametrize("path", ["/", "/movies/"])
@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN", "UNLISTED"])
def test_what_is_not_published_stands_in_no_list(client: Client, path: str, visibility: str) -> None:
    make_movie(title="Nobody lists me", visibility=visibility)

    assert "Nobody lists me" not in client.get(path).content.decode()


def test_what_is_published_later_stands_in_no_list_yet() -> None:
    make_movie(published_at=AT + timedelta(seconds=1))

    def total(at: datetime) -> int:
        return pages.movie_list_page(QueryDict(), viewpoint=Viewpoint(at=at)).films.listing.total

    assert (total(AT), total(AT + timedelta(seconds=1))) == (0, 1)


def test_a_search_finds_films_and_says_how_many(client: Client) -> None:
    make_movie(title="Meridian")
    make_movie(title="Overtime")

    page = page_of(client, "/movies/", q="meri")

    assert (titles(page.films.movies), page.films.listing.total) == (["Meridian"], 1)
    assert page.meta.is_indexed is False


def test_a_misspelt_search_says_what_it_looked_for_instead(client: Client) -> None:
    make_movie(title="Meridian")

    response = client.get("/movies/", {"q": "meridain"})

    assert titles(response.context["page"].films.movies) == ["Meridian"]
    assert "Nothing is called “meridain”. These are the films for “meridian”." in response.content.decode()


def test_filters_at_work_can_be_taken_away_one_by_one(client: Client) -> None:
    drama = make_genre(name="Drama", slug="drama")
    make_movie(title="Meridian", genres=(drama,), year=1999, countries=["TH"], languages=["th"], minimum_age=6)

    query = {"genre": "drama", "country": "TH", "language": "th", "year_from": "1990", "year_to": "2001", "age": "7"}
    page = page_of(client, "/movies/", **query)

    assert titles(page.films.movies) == ["Meridian"]
    assert [choice.label for choice in page.chosen] == [
        "Drama",
        "Thailand",
        "Thai",
        "from 1990",
        "until 2001",
        "for age 7",
    ]
    assert page.chosen[0].url == "/movies/?country=TH&language=th&year_from=1990&year_to=2001&age=7"
    assert "year_from" not in page.chosen[3].url


def test_a_search_without_results_offers_to_drop_a_filter(client: Client) -> None:
    make_genre(name="Drama", slug="drama")

    html = client.get("/movies/", {"genre": "drama", "availability": "coming"}).content.decode()

    assert "No film answers to that" in html
    assert 'href="/movies/?availability=coming">Without “Drama”' in html
    assert 'href="/movies/?genre=drama">Without “Coming soon”' in html


def test_what_an_address_says_in_vain_is_told_and_left_out(client: Client) -> None:
    make_movie(title="Meridian")

    response = client.get("/movies/", {"year_from": "soon", "genre": "no-such"})

    assert titles(response.context["page"].films.movies) == ["Meridian"]
    html = response.content.decode()
    assert "<code>year_from</code> A year such as 1994." in html
    assert "<code>genre</code> There is none of this name." in html


@pytest.mark.parametrize(
    ("sort", "label", "first"),
    [("-added", "Newest additions", "B"), ("title", "Title, A to Z", "A"), ("-year", "Latest films", "A")],
)
def test_the_list_can_be_sorted(client: Client, sort: str, label: str, first: str) -> None:
    make_movie(title="A", year=2001, published_at=AT - timedelta(days=1))
    make_movie(title="B", year=2000)

    page = page_of(client, "/movies/", sort=sort)

    assert titles(page.films.movies)[0] == first
    assert [str(choice.label) for choice in page.films.sorts if choice.is_current] == [label]


def test_the_list_turns_pages_there_and_back_without_losing_a_film(client: Client) -> None:
    for number in range(60):
        make_movie(title=f"Film {number:02}", published_at=AT - timedelta(minutes=number // 2))

    first = page_of(client, "/movies/", q="Film")
    second = client.get(first.films.next_url).context["page"]
    third = client.get(second.films.next_url).context["page"]
    back = client.get(third.films.previous_url).context["page"]

    seen = [*first.films.movies, *second.films.movies, *third.films.movies]
    assert sorted(titles(seen)) == [f"Film {number:02}" for number in range(60)]
    assert back.films.movies == second.films.movies
    assert (first.films.previous_url, third.films.next_url) == ("", "")
    assert all(page.query.text == "Film" and page.films.listing.total == 60 for page in (first, second, third))
    assert all(earlier.art_key != later.art_key for earlier, later in pairwise(seen))


@pytest.mark.parametrize("cursor", ["x", "WzFd:1:abc"])
def test_a_broken_page_address_is_refused(cursor: str) -> None:
    with pytest.raises(MalformedRequest):
        pages.movie_list_page(QueryDict(f"cursor={cursor}"), viewpoint=Viewpoint(at=AT))


@pytest.mark.parametrize("path", ["/", "/movies/", "/movies/?q=film"])
def test_more_films_cost_no_more_queries(client: Client, path: str) -> None:
    from django.core.cache import cache
    from django.db import connection

    def count() -> int:
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    genres = tuple(make_genre() for _ in range(3))
    for number in range(3):
        make_movie(title=f"Film {number}", genres=genres)
    few = count()
    for number in range(12):
        make_movie(title=f"Film {number}", genres=(*genres, make_genre()))

    assert count() == few
    assert few <= 14


def test_a_film_has_a_page(client: Client) -> None:
    make_movie(
        slug="meridian",
        title="Meridian",
        original_title="Méridien",
        synopsis="A call.",
        runtime_s=5640,
        genres=(make_genre(name="Thriller"), make_genre(name="Drama")),
    )

    page = page_of(client, "/movies/meridian/")

    assert (page.movie.title, page.original_title, page.synopsis) == ("Meridian", "Méridien", "A call.")
    assert (page.movie.runtime_label, [genre.label for genre in page.genres]) == ("1 h 34 min", ["Drama", "Thriller"])
    assert (page.socket_path, page.notes) == ("/ws/movies/meridian/", ())


def test_what_is_written_in_a_film_is_text_and_never_markup(client: Client) -> None:
    make_movie(slug="x", title="<script>1</script>", synopsis="<img src=x onerror=1>", tagline="<b>")

    html = client.get("/movies/x/").content.decode()

    assert "<script>1" not in html
    assert "<img src=x" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    ("runtime_s", "label"),
    [
        *((None, ""), (1, "1 s"), (59, "59 s"), (60, "1 min"), (89, "1 min")),
        *((59 * 60 + 29, "59 min"), (59 * 60 + 31, "1 h"), (7200, "2 h"), (5640, "1 h 34 min")),
    ],
)
def test_a_running_time_is_told_in_hours_and_minutes(runtime_s: int | None, label: str) -> None:
    with translation.override("en"):
        assert pages.format_runtime(runtime_s) == label


def test_the_first_pictures_of_a_list_are_fetched_at_once_and_the_others_when_they_come_into_view(
    client: Client,
) -> None:
    for number in range(6):
        make_movie(title=f"Film {number}", visibility="PUBLISHED")
    html = client.get("/movies/").content.decode()
    assert html.count('fetchpriority="high"') == 4
    assert html.count('loading="lazy"') == 2
