"""What search engines are told."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from catalog import sitemaps
from portal import clock
from tests.factories import AT, make_credit, make_genre, make_movie, make_person, make_window

pytestmark = pytest.mark.django_db

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(client: Client, path: str) -> list[str]:
    """Return the paths that a sitemap names."""
    response = client.get(path)
    assert response.status_code == 200, path
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    found = ElementTree.fromstring(response.content).iter(f"{NAMESPACE}loc")
    return ["/" + (place.text or "").split("/", 3)[3] for place in found]


def test_robots_are_told_where_the_sitemap_is_and_where_nothing_is(client: Client, settings: Any) -> None:
    settings.NOVA_PUBLIC_URL = "https://nova.example"

    text = client.get("/robots.txt").content.decode()

    assert "Sitemap: https://nova.example/sitemap.xml" in text
    assert "Disallow: /admin/" in text
    assert "Disallow: /movies" not in text


def test_the_index_names_the_parts_there_is_something_for(client: Client) -> None:
    assert places(client, "/sitemap.xml") == []

    movie = make_movie(genres=(make_genre(),))
    make_credit(movie)

    assert places(client, "/sitemap.xml") == [
        "/sitemaps/movies-1.xml",
        "/sitemaps/genres-1.xml",
        "/sitemaps/people-1.xml",
    ]


def test_films_genres_and_people_are_named_once_each(client: Client) -> None:
    drama, person = make_genre(slug="drama"), make_person(slug="ida")
    for number in range(2):
        make_credit(make_movie(slug=f"film-{number}", genres=(drama,)), person)
    make_genre(slug="empty")
    make_person(slug="uncredited")

    assert places(client, "/sitemaps/movies-1.xml") == ["/movies/film-0/", "/movies/film-1/"]
    assert places(client, "/sitemaps/genres-1.xml") == ["/genres/drama/"]
    assert places(client, "/sitemaps/people-1.xml") == ["/people/ida/"]


def test_a_film_is_named_with_its_last_change(client: Client) -> None:
    make_movie(updated_at=AT)

    assert b"<lastmod>2026-11-20T18:00:00+00:00</lastmod>" in client.get("/sitemaps/movies-1.xml").content


def test_what_viewers_do_not_find_is_not_named(client: Client) -> None:
    for visibility in ("DRAFT", "HIDDEN", "UNLISTED"):
        make_credit(make_movie(visibility=visibility, genres=(make_genre(),)))
    make_window(make_movie(is_announced=True), starts_at=clock.now() + timedelta(days=1))

    assert places(client, "/sitemap.xml") == []
    for part in ("movies", "genres", "people"):
        assert client.get(f"/sitemaps/{part}-1.xml").status_code == 404


def test_a_long_catalogue_comes_in_parts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "LARGEST_PART", 2)
    for number in range(3):
        make_movie(slug=f"film-{number}")

    assert places(client, "/sitemap.xml") == ["/sitemaps/movies-1.xml", "/sitemaps/movies-2.xml"]
    assert places(client, "/sitemaps/movies-2.xml") == ["/movies/film-2/"]


@pytest.mark.parametrize("part", ["movies-0", "movies-2", "movies-99999999999999999999", "users-1"])
def test_there_is_no_other_part(client: Client, part: str) -> None:
    make_movie()

    assert client.get(f"/sitemaps/{part}.xml").status_code == 404


def test_nobody_keeps_a_part_beyond_a_window_edge(client: Client) -> None:
    make_window(make_movie(), starts_at=AT - timedelta(days=30), ends_at=clock.now() + timedelta(seconds=10))

    kept = client.get("/sitemaps/movies-1.xml").headers["Cache-Control"]

    assert 0 <= int(kept.removeprefix("private, max-age=")) <= 10
