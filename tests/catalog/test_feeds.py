"""The Atom feed of new films."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client

from portal import clock
from portal.models import User
from tests.factories import AT, make_genre, make_movie, make_window

pytestmark = pytest.mark.django_db

PATH = "/feeds/new-movies.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client) -> list[ElementTree.Element]:
    response = client.get(PATH)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")


def text_of(entry: ElementTree.Element, name: str) -> str:
    return entry.findtext(f"{ATOM}{name}") or ""


def test_the_feed_tells_of_the_newest_films_first(client: Client) -> None:
    make_movie(title="Older", published_at=AT - timedelta(days=1))
    make_movie(slug="newer", title="Newer", synopsis="A call.", year=2025, genres=(make_genre(name="Drama"),))

    first, second = entries(client)

    assert (text_of(first, "title"), text_of(second, "title")) == ("Newer (2025)", "Older (2020)")
    assert text_of(first, "summary") == "A call."
    assert [link.get("href", "")[-len("/movies/newer/") :] for link in first.findall(f"{ATOM}link")] == [
        "/movies/newer/"
    ]
    assert [c.get("term") for c in first.findall(f"{ATOM}category")] == ["Drama"]
    assert text_of(first, "published").startswith("2026-11-20T18:00:00")


def test_an_entry_keeps_its_id_when_the_address_changes(client: Client) -> None:
    movie = make_movie(slug="before")
    (before,) = entries(client)
    movie.slug = "after"
    movie.save()
    (after,) = entries(client)

    assert text_of(before, "id") == text_of(after, "id")


@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN", "UNLISTED"])
def test_the_feed_tells_of_nothing_that_stands_in_no_list(client: Client, visibility: str) -> None:
    make_movie(visibility=visibility)

    assert entries(client) == []


def test_a_film_outside_its_window_is_in_no_feed(client: Client) -> None:
    make_window(make_movie(), starts_at=clock.now() + timedelta(hours=1))
    make_window(make_movie(), starts_at=AT - timedelta(days=2), ends_at=clock.now() - timedelta(seconds=1))

    assert entries(client) == []


def test_markup_and_letters_that_xml_cannot_hold_do_no_harm(client: Client) -> None:
    genre = make_genre(name="A \x02<i>")
    make_movie(title="<b>& \x01\ufffe", synopsis="]]> \x0b <script>", genres=(genre,))

    (entry,) = entries(client)

    assert text_of(entry, "title") == "<b>&  (2020)"
    assert text_of(entry, "summary") == "]]>  <script>"
    assert [category.get("term") for category in entry.iter() if category.tag.endswith("category")] == ["A <i>"]


def test_nobody_keeps_the_feed_beyond_a_window_edge(client: Client) -> None:
    make_movie()
    assert client.get(PATH).headers["Cache-Control"] == "private, max-age=60"

    make_window(make_movie(), starts_at=clock.now() + timedelta(seconds=20))

    kept = client.get(PATH).headers["Cache-Control"]
    assert 0 <= int(kept.removeprefix("private, max-age=")) <= 20


def test_a_preview_is_kept_by_nobody(client: Client, editor: User) -> None:
    client.force_login(editor)

    assert client.get(PATH, {"at": "2026-12-01T20:00"}).headers["Cache-Control"] == "no-store"
