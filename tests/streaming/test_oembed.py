"""What other sites are told of a film's address (oEmbed 1.0)."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.models import Movie
from portal import clock
from streaming.oembed import FEATURES, Embedding, slug_in
from tests.factories import make_movie, make_package, make_source, make_window

pytestmark = pytest.mark.django_db

PAGE = "http://localhost:8000/movies/meridian/"
EMBED = "http://localhost:8000/embed/movies/meridian/"


@pytest.fixture
def movie(settings: Settings) -> Movie:
    settings.NOVA_EMBED_ORIGINS = ["https://news.example"]
    movie = make_movie(slug="meridian", title="Meridian")
    make_package(make_source(movie=movie))
    return movie


def ask(client: Client, url: str = PAGE, **query: str) -> Any:
    return client.get("/oembed/", {"url": url, **query})


def test_a_film_is_a_video_with_a_frame_for_its_player(client: Client, movie: Movie) -> None:
    response = ask(client)

    told = response.json()
    assert response.headers["Content-Type"] == "application/json"
    assert (told["version"], told["type"], told["title"], told["provider_name"]) == ("1.0", "video", "Meridian", "Nova")
    assert (told["width"], told["height"]) == (640, 360)
    assert told["html"].startswith(f'<iframe src="{EMBED}" width="640" height="360" title="Meridian"')
    assert f'allow="{FEATURES}"' in told["html"]
    assert told["thumbnail_url"].startswith("http://localhost:8000/art/")


def test_the_same_in_xml(client: Client, movie: Movie) -> None:
    Movie.objects.filter(pk=movie.pk).update(title='Salt & "Pepper" <3')

    response = ask(client, format="xml")

    root = ElementTree.fromstring(response.content)
    assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert (root.tag, root.findtext("type"), root.findtext("title")) == ("oembed", "video", 'Salt & "Pepper" <3')
    html = root.findtext("html") or ""
    assert 'title="Salt &amp; &quot;Pepper&quot; &lt;3"' in html


@pytest.mark.parametrize(
    ("room", "size"),
    [
        ({"maxwidth": "320"}, (320, 180)),
        ({"maxheight": "90"}, (160, 90)),
        ({"maxwidth": "300", "maxheight": "90"}, (160, 90)),
        ({"maxwidth": "5000"}, (640, 360)),
        ({"maxwidth": "1"}, (1, 1)),
        ({"maxheight": "1"}, (1, 1)),
    ],
)
def test_nothing_is_larger_than_the_site_has_room_for(
    client: Client, movie: Movie, room: dict[str, str], size: tuple[int, int]
) -> None:
    told = ask(client, **room).json()
    assert (told["width"], told["height"]) == size
    assert ("thumbnail_url" in told) is (room == {"maxwidth": "5000"})


@pytest.mark.parametrize("room", ["", "x", "-1", "0", "1e3", "9" * 400, "٣"])
def test_room_that_is_no_number_is_refused_and_none_is_plenty(client: Client, movie: Movie, room: str) -> None:
    assert ask(client, maxwidth=room).status_code == (400 if room else 200)


def test_a_format_that_nobody_knows_is_not_implemented(client: Client, movie: Movie) -> None:
    assert ask(client, format="yaml").status_code == 501


ADDRESSES = {
    PAGE: "meridian",
    PAGE.removesuffix("/"): "meridian",
    f"{PAGE}?t=83#title": "meridian",
    PAGE.replace("http:", "https:"): "meridian",
    EMBED: "meridian",
    "http://localhost:8000/movies/": "",
    "http://localhost:8000/genres/meridian/": "",
    "http://localhost:8000/movies/a/b/": "",
    "http://evil.example/movies/meridian/": "",
    "http://localhost:8000@evil.example/movies/meridian/": "",
    "ftp://localhost:8000/movies/meridian/": "",
    "//localhost:8000/movies/meridian/": "",
    "/movies/meridian/": "",
    "http://[/movies/meridian/": "",
    "": "",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_only_addresses_of_films_are_known(client: Client, movie: Movie, url: str) -> None:
    assert slug_in(url) == ADDRESSES[url]
    assert ask(client, url).status_code == (200 if ADDRESSES[url] else 404)


def test_a_film_under_a_former_address_is_told_with_the_present_one(client: Client, movie: Movie) -> None:
    movie.slugs.create(slug="before")
    assert EMBED in ask(client, PAGE.replace("meridian", "before")).json()["html"]


def test_what_viewers_do_not_see_is_not_told_of(client: Client, movie: Movie) -> None:
    Movie.objects.filter(pk=movie.pk).update(visibility="HIDDEN")
    assert ask(client).status_code == 404


def is_link(told: dict[str, Any]) -> bool:
    return told["type"] == "link" and not {"html", "width", "height"} & set(told)


def test_where_no_site_may_show_the_player_it_is_a_link(client: Client, movie: Movie, settings: Settings) -> None:
    settings.NOVA_EMBED_ORIGINS = []
    assert is_link(ask(client).json())


def test_so_is_a_film_that_cannot_be_played_yet(client: Client, movie: Movie) -> None:
    movie.packages.all().delete()
    assert is_link(ask(client).json())


def test_so_is_one_that_is_only_announced(client: Client, movie: Movie) -> None:
    Movie.objects.filter(pk=movie.pk).update(is_announced=True)
    make_window(movie, starts_at=clock.now() + timedelta(days=2))
    assert is_link(ask(client).json())


def test_nobody_keeps_the_answer_past_the_end_of_a_window(client: Client, movie: Movie) -> None:
    make_window(movie, ends_at=clock.now() + timedelta(seconds=30))
    found = re.fullmatch(r"private, max-age=(\d+)", ask(client).headers["Cache-Control"])
    assert found is not None
    assert int(found[1]) <= 30


def test_the_page_of_a_film_says_where_to_ask(client: Client, movie: Movie) -> None:
    html = client.get("/movies/meridian/").content.decode()

    found = dict(re.findall(r'<link rel="alternate"\s+type="([a-z/]+\+oembed)"\s+href="([^"]+)"', html))

    assert set(found) == {"application/json+oembed", "text/xml+oembed"}
    for address in map(unescape, found.values()):
        assert client.get(address.removeprefix("http://localhost:8000")).status_code == 200


def test_a_title_cannot_leave_its_frame() -> None:
    html = Embedding(title='"><script>x</script>', embed_url=EMBED, picture=None).as_mapping()["html"]
    assert "<script>" not in str(html)


def test_the_guide_quotes_the_frame_that_the_portal_gives() -> None:
    guide = Path(__file__).resolve().parents[2] / "docs" / "howto" / "embed-the-player.md"
    assert f'allow="{FEATURES}"' in guide.read_text()
