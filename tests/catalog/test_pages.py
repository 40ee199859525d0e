"""The catalogue's pages, as a browser without scripts meets them."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
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


def test_an_empty_catalogue_has_a_home_page(client: Client) -> None:
    page = page_of(client, "/")

    assert (page.hero, page.rows) == (None, ())


def test_the_newest_film_opens_the_home_page_and_stands_in_no_row_of_the_newest(client: Client) -> None:
    for days, title in enumerate(("Third", "Second", "First")):
        make_movie(title=title, published_at=AT - timedelta(days=3 - days))

    page = page_of(client, "/")

    assert page.hero.card.title == "First"
    assert [(str(row.title), titles(row.movies)) for row in page.rows] == [("New", ["Second", "Third"])]


def test_genres_with_films_enough_get_a_shelf_the_fullest_first(client: Client) -> None:
    drama, comedy, music = (make_genre(name=name) for name in ("Drama", "Comedy", "Music"))
    for title in ("A", "B", "C"):
        make_movie(title=title, genres=(drama, comedy, music) if title < "C" else (drama, comedy))
    make_movie(title="D", genres=(drama,))
    make_movie(title="Hidden", genres=(music,), visibility="HIDDEN")

    rows = {str(row.title): titles(row.movies) for row in page_of(client, "/").rows}

    assert list(rows) == ["New", "Drama", "Comedy"]
    assert rows["Drama"] == ["D", "C", "B", "A"]


@pytest.mark.parametrize("path", ["/", "/movies/"])
@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN", "UNLISTED"])
def test_what_is_not_published_stands_in_no_list(client: Client, path: str, visibility: str) -> None:
    make_movie(title="Nobody lists me", visibility=visibility)

    assert "Nobody lists me" not in client.get(path).content.decode()


def test_what_is_published_later_stands_in_no_list_yet() -> None:
    make_movie(published_at=AT + timedelta(seconds=1))

    assert pages.movie_list_page(query="", cursor="", viewpoint=Viewpoint(at=AT)).total == 0
    assert pages.movie_list_page(query="", cursor="", viewpoint=Viewpoint(at=AT + timedelta(seconds=1))).total == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("meri", ["Meridian"]),
        ("  MERIDIAN ", ["Meridian"]),
        ("เรือ", ["Night Ferry"]),
        ("thrill", ["Night Ferry", "Meridian"]),
        ("100%", []),
    ],
)
def test_a_search_looks_in_titles_and_genres(client: Client, query: str, found: list[str]) -> None:
    genres = (make_genre(name="Thriller"), make_genre(name="Thrilling too"))
    make_movie(title="Meridian", genres=genres, published_at=AT - timedelta(days=1))
    make_movie(title="Night Ferry", original_title="เรือเที่ยวสุดท้าย", genres=genres)
    make_movie(title="Overtime")

    page = page_of(client, "/movies/", q=query)

    assert titles(page.movies) == found
    assert page.total == len(found)


def test_the_list_turns_pages_there_and_back_without_losing_a_film(client: Client) -> None:
    for number in range(60):
        make_movie(title=f"Film {number:02}", published_at=AT - timedelta(minutes=number // 2))

    first = page_of(client, "/movies/", q="Film")
    second = client.get(first.next_url).context["page"]
    third = client.get(second.next_url).context["page"]
    back = client.get(third.previous_url).context["page"]

    seen = [*first.movies, *second.movies, *third.movies]
    assert sorted(titles(seen)) == [f"Film {number:02}" for number in range(60)]
    assert back.movies == second.movies
    assert (first.previous_url, third.next_url) == ("", "")
    assert all(page.query == "Film" and page.total == 60 for page in (first, second, third))
    assert all(earlier.art_key != later.art_key for earlier, later in pairwise(seen))


@pytest.mark.parametrize("cursor", ["x", "WzFd:1:abc"])
def test_a_broken_page_address_is_refused(cursor: str) -> None:
    with pytest.raises(MalformedRequest):
        pages.movie_list_page(query="", cursor=cursor, viewpoint=Viewpoint(at=AT))


@pytest.mark.parametrize("path", ["/", "/movies/", "/movies/?q=film"])
def test_more_films_cost_no_more_queries(client: Client, path: str) -> None:
    from django.db import connection

    def count() -> int:
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
    assert few <= 13


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
    [(None, ""), (1, "1 min"), (59 * 60 + 29, "59 min"), (59 * 60 + 31, "1 h"), (7200, "2 h"), (5640, "1 h 34 min")],
)
def test_a_running_time_is_told_in_hours_and_minutes(runtime_s: int | None, label: str) -> None:
    with translation.override("en"):
        assert pages.format_runtime(runtime_s) == label
