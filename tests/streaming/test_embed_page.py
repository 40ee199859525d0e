"""The player alone, for the pages of other sites: what it shows, and who may frame it."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.models import Movie
from portal.env import BadSetting, Env
from portal.models import User
from portal.security.embedding import read_embed_origins
from portal.security.policies import embed_policy
from tests.factories import make_genre, make_job, make_movie, make_package, make_source

pytestmark = pytest.mark.django_db

PATH = "/embed/movies/meridian/"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0 Safari/537.36"}


@pytest.fixture
def movie() -> Movie:
    movie = make_movie(slug="meridian", title="Meridian", genres=(make_genre(),))
    make_package(make_source(movie=movie))
    return movie


def told(html: str) -> dict[str, Any]:
    (script,) = re.findall(r'<script id="playback" type="application/json">(.*?)</script>', html)
    found: dict[str, Any] = json.loads(script)
    return found


# --- What it shows ----------------------------------------------------------------------------------------------------


def test_the_player_stands_alone_with_a_way_to_the_page_of_the_film(client: Client, movie: Movie) -> None:
    html = client.get(PATH, headers=BROWSER).content.decode()

    assert 'data-state="ready"' in html
    assert '<a href="http://localhost:8000/movies/meridian/" target="_blank" rel="noopener">' in html
    assert "site-header" not in html
    assert '<meta name="robots" content="noindex">' in html


def test_it_leads_to_no_other_film_as_no_other_site_may_frame_its_page(client: Client, movie: Movie) -> None:
    other = make_movie(genres=tuple(movie.genres.all()))
    make_package(make_source(movie=other))
    assert told(client.get("/movies/meridian/", headers=BROWSER).content.decode())["next"] is not None
    assert told(client.get(PATH, headers=BROWSER).content.decode())["next"] is None


def test_it_begins_by_itself_only_where_the_site_says_so(client: Client, movie: Movie) -> None:
    waiting, beginning = (
        client.get(PATH, query, headers=BROWSER).content.decode() for query in ({}, {"autoplay": "1"})
    )
    # What nobody may ever start begins no session either.
    assert "data-waits" in waiting
    assert "session" not in told(waiting)
    assert "data-waits" not in beginning
    assert "session" in told(beginning)
    assert "data-waits" not in client.get("/movies/meridian/", headers=BROWSER).content.decode()


def test_a_film_that_is_being_prepared_says_so(client: Client) -> None:
    make_job(make_source(movie=make_movie(slug="meridian")))
    assert 'data-state="preparing"' in client.get(PATH).content.decode()


def test_one_without_a_film_says_that_there_is_nothing_to_play(client: Client) -> None:
    make_movie(slug="meridian")
    response = client.get(PATH)
    assert response.status_code == 200
    assert "There is nothing to play here yet." in response.content.decode()


@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN"])
def test_what_viewers_do_not_see_is_not_there_whoever_asks(
    client: Client, movie: Movie, editor: User, visibility: str
) -> None:
    changes: dict[str, Any] = {"visibility": visibility}
    if visibility == "DRAFT":
        changes |= {"published_at": None, "first_available_at": None}
    Movie.objects.filter(pk=movie.pk).update(**changes)
    desk = Client()
    desk.force_login(editor)
    for asking in (client, desk):
        response = asking.get(PATH, headers=BROWSER)
        assert response.status_code == 404
        assert "Meridian" not in response.content.decode()
        assert "This film is not available." in response.content.decode()


def test_a_former_address_leads_to_the_present_one_with_its_query(client: Client) -> None:
    make_movie(slug="after").slugs.create(slug="before")
    response = client.get("/embed/movies/before/?autoplay=1")
    assert (response.status_code, response.headers["Location"]) == (301, "/embed/movies/after/?autoplay=1")


# --- Who may frame it -------------------------------------------------------------------------------------------------


def ancestors(response: Any) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", response.headers["Content-Security-Policy"])
    return found[1] if found else ""


def test_nobody_but_the_portal_itself_frames_it_until_an_operator_says_who(client: Client, movie: Movie) -> None:
    response = client.get(PATH)
    assert ancestors(response) == "'self'"
    assert "X-Frame-Options" not in response.headers
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_sites_that_an_operator_names_frame_the_player_and_nothing_else(
    client: Client, movie: Movie, settings: Settings
) -> None:
    viewer = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    policy = embed_policy(viewer, ["https://news.example", "https://*.blog.example"])
    settings.NOVA_CONTENT_POLICIES = {**settings.NOVA_CONTENT_POLICIES, "/embed/": policy}

    assert ancestors(client.get(PATH)) == "'self' https://news.example https://*.blog.example"
    assert ancestors(client.get("/movies/meridian/")) == "'none'"
    assert client.get("/movies/meridian/").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("text", "sites"),
    [
        ("", []),
        ("https://news.example, HTTPS://Blog.Example/", ["https://news.example", "https://blog.example"]),
        ("https://*.news.example,http://localhost:*", ["https://*.news.example", "http://localhost:*"]),
    ],
)
def test_sites_are_read_from_the_setting(text: str, sites: list[str]) -> None:
    assert read_embed_origins(Env({"NOVA_EMBED_ORIGINS": text})) == sites


@pytest.mark.parametrize(
    "text", ["*", "news.example", "https://news.example/path", "https://a.example; script-src *", "'self'", "https://"]
)
def test_a_site_that_a_policy_cannot_name_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="NOVA_EMBED_ORIGINS"):
        read_embed_origins(Env({"NOVA_EMBED_ORIGINS": text}))
