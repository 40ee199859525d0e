"""The player on the page of a film: who gets it, what it is given, and what stands there before there is one."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Movie
from portal import clock
from portal.models import User
from streaming.models import Package, PackagingJob, WatchPosition
from streaming.services.playback_sessions import find_session
from tests.factories import (
    AT,
    make_artwork,
    make_caption,
    make_genre,
    make_job,
    make_movie,
    make_package,
    make_source,
    make_window,
)

pytestmark = pytest.mark.django_db

PATH = "/movies/meridian/"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
WORDS = "This film is being prepared."


@pytest.fixture
def movie() -> Movie:
    return make_movie(slug="meridian", title="Meridian", genres=(make_genre(slug="drama"),))


@pytest.fixture
def film(movie: Movie) -> Package:
    return make_package(make_source(movie=movie))


def page_of(client: Client, path: str = PATH, agent: str = BROWSER, **headers: str) -> str:
    response = client.get(path, headers={"User-Agent": agent, **headers})
    assert response.status_code == 200, path
    return response.content.decode()


def told(html: str) -> dict[str, Any]:
    """Return what the player's script is given."""
    (script,) = re.findall(r'<script id="playback" type="application/json">(.*?)</script>', html)
    found: dict[str, Any] = json.loads(script)
    return found


def state_in(html: str) -> str:
    """Return the state of the player; "" where there is none."""
    found = re.search(r'data-player\s+data-state="(\w+)"', html)
    return found[1] if found else ""


# --- A film that can be played --------------------------------------------------------------------------------------


def test_whoever_opens_the_page_gets_a_player_with_a_session_in_it(client: Client, film: Package) -> None:
    html = page_of(client)

    given = told(html)
    session = find_session(UUID(given["session"]))
    assert session is not None
    assert (session.movie_id, session.package) == (film.movie_id, film.path.rpartition("/")[2])
    assert (state_in(html), given["title"], given["is_signed_in"]) == ("ready", "Meridian", False)
    assert 'data-playback-url="/api/v1/movies/meridian/playback/"' in html
    assert 'data-position-url="/api/v1/movies/meridian/position/"' in html
    assert WORDS not in html


def test_the_manifest_is_asked_for_before_the_script_is_here(client: Client, film: Package) -> None:
    html = page_of(client)

    preload = re.search(r'<link rel="preload"\s+href="([^"]+)"\s+as="fetch"\s+crossorigin="anonymous">', html)
    assert preload is not None
    assert preload[1] == told(html)["hls_url"]
    assert html.index(preload[0]) < html.index("js/player.js")


def test_a_small_script_in_the_head_is_told_what_to_ask_for(client: Client, film: Package) -> None:
    html = page_of(client)

    script = re.search(r'<script src="/static/js/ahead.js" data-told="([^"]+)"></script>', html)
    assert script is not None
    given = told(html)
    shared = ("hls_url", "media_query", "duration_s", "position_s", "is_signed_in")
    assert json.loads(unescape(script[1])) == {"id": "meridian", **{name: given[name] for name in shared}}
    assert script.start() < html.index("</head>") < html.index("data-player") < html.index("js/player.js")


def test_without_a_session_nothing_is_asked_for_early(client: Client, film: Package) -> None:
    assert "js/ahead.js" not in page_of(client, agent="Googlebot/2.1")


def test_each_view_is_a_session_of_its_own_though_the_page_is_remembered(client: Client, film: Package) -> None:
    first, second = told(page_of(client)), told(page_of(client))
    assert first["session"] != second["session"]
    assert first["hls_url"] != second["hls_url"]


def test_the_player_goes_on_where_a_person_left_off(client: Client, film: Package, viewer: User) -> None:
    WatchPosition.objects.create(
        user=viewer, movie=Movie.objects.get(), position_s=83.2, duration_s=5640, updated_at=clock.now()
    )
    client.force_login(viewer)

    given = told(page_of(client))

    assert (given["position_s"], given["is_signed_in"]) == (83.2, True)


def test_an_unlisted_film_plays_and_search_engines_are_told_nothing(client: Client, film: Package) -> None:
    Movie.objects.update(visibility="UNLISTED")

    html = page_of(client)

    assert "session" in told(html)
    assert "VideoObject" not in html
    assert "oembed" not in html


def test_an_editor_plays_a_draft_and_viewers_find_no_page(client: Client, film: Package, editor: User) -> None:
    Movie.objects.update(visibility="DRAFT", published_at=None, first_available_at=None)
    assert client.get(PATH, headers={"User-Agent": BROWSER}).status_code == 404

    client.force_login(editor)

    assert "session" in told(page_of(client))


# --- Requests that nobody watches by ----------------------------------------------------------------------------------

PROGRAMS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; YandexBot/3.0)",
    "Slackbot-LinkExpanding 1.0",
    "curl/8.1",
    "python-requests/2.32",
    "",
)


@pytest.mark.parametrize("agent", PROGRAMS)
def test_programs_get_the_player_without_a_session(client: Client, film: Package, agent: str) -> None:
    html = page_of(client, agent=agent)
    assert state_in(html) == "ready"
    assert "session" not in told(html)
    assert 'as="fetch"' not in html


@pytest.mark.parametrize(
    ("name", "purpose"),
    [("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch"), ("X-Purpose", "refresh")],
)
def test_so_does_what_is_fetched_ahead_or_again(client: Client, film: Package, name: str, purpose: str) -> None:
    assert "session" not in told(page_of(client, **{name: purpose}))


def test_a_look_at_another_moment_plays_nothing(client: Client, film: Package, editor: User) -> None:
    client.force_login(editor)
    html = page_of(client, f"{PATH}?at=2030-01-01T12:00")
    assert state_in(html) == "ready"
    assert "session" not in told(html)


def test_who_has_begun_too_many_is_told_by_the_player_and_not_by_the_page(
    client: Client, film: Package, settings: Settings
) -> None:
    settings.NOVA_RATE_LIMITS = {**settings.NOVA_RATE_LIMITS, "playback": "1/minute"}
    assert "session" in told(page_of(client))
    assert "session" not in told(page_of(client))


# --- Films that cannot be played --------------------------------------------------------------------------------------


def test_a_film_without_a_package_has_its_picture_on_the_stage(client: Client, movie: Movie) -> None:
    html = page_of(client)
    assert state_in(html) == ""
    assert "stage-art" in html
    assert "js/player.js" not in html


@pytest.mark.parametrize("state", ["QUEUED", "RUNNING"])
def test_one_that_is_packaged_for_the_first_time_is_being_prepared(client: Client, movie: Movie, state: str) -> None:
    make_job(make_source(movie=movie), state=state)

    html = page_of(client)

    assert state_in(html) == "preparing"
    assert WORDS in html
    assert "session" not in told(html)
    assert "stage-art" not in html


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_one_that_nobody_works_at_is_not(client: Client, movie: Movie, state: str) -> None:
    make_job(make_source(movie=movie), state=state)
    assert state_in(page_of(client)) == ""


def test_what_happens_to_other_movies_is_none_of_its_business(client: Client, movie: Movie) -> None:
    make_job(state="RUNNING")
    make_package()
    assert state_in(page_of(client)) == ""


def test_the_page_follows_at_once(client: Client, movie: Movie) -> None:
    source = make_source(movie=movie)
    job = make_job(source, state="RUNNING")
    assert state_in(page_of(client)) == "preparing"
    package = make_package(source, state="GROWING", ready_at=None)
    assert state_in(page_of(client)) == "ready"
    PackagingJob.objects.filter(pk=job.pk).delete()
    Package.objects.filter(pk=package.pk).update(state="RETIRED", retired_at=AT)
    assert state_in(page_of(client)) == ""


def test_editors_are_told_too(client: Client, movie: Movie, editor: User) -> None:
    client.force_login(editor)
    make_job(make_source(movie=movie))
    assert WORDS in page_of(client)


@pytest.mark.parametrize("has_film", [True, False])
def test_an_announced_film_is_not_played_before_its_time(client: Client, movie: Movie, *, has_film: bool) -> None:
    Movie.objects.filter(pk=movie.pk).update(is_announced=True)
    make_window(movie, starts_at=clock.now() + timedelta(days=3))
    source = make_source(movie=movie)
    if has_film:
        make_package(source)
    else:
        make_job(source)

    html = page_of(client)

    assert "Coming soon" in html
    assert state_in(html) == ""


def test_an_editor_plays_it_before_its_time(client: Client, film: Package, movie: Movie, editor: User) -> None:
    Movie.objects.filter(pk=movie.pk).update(is_announced=True)
    make_window(movie, starts_at=clock.now() + timedelta(days=3))
    client.force_login(editor)
    assert "session" in told(page_of(client))


# --- What comes next --------------------------------------------------------------------------------------------------


def test_the_most_similar_film_that_can_be_played_comes_next(client: Client, film: Package, movie: Movie) -> None:
    drama = tuple(movie.genres.all())
    make_movie(title="Without a film", genres=drama, published_at=AT)
    other = make_movie(title="Ember", slug="ember", genres=drama, published_at=AT - timedelta(days=1))
    make_package(make_source(movie=other))
    make_artwork(other)

    following = told(page_of(client))["next"]

    assert (following["title"], following["url"]) == ("Ember", "/movies/ember/")
    assert following["poster_url"].startswith("/art/")


def test_nothing_comes_next_where_nothing_can_be_played(client: Client, film: Package, movie: Movie) -> None:
    make_movie(genres=tuple(movie.genres.all()))
    assert told(page_of(client))["next"] is None


# --- What machines read of it -----------------------------------------------------------------------------------------


def structured(html: str) -> dict[str, Any]:
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    found = {thing["@type"]: thing for thing in map(json.loads, scripts)}
    video: dict[str, Any] = found["VideoObject"]
    return video


def test_search_engines_are_told_of_the_film_and_of_no_address_of_its_file(client: Client, film: Package) -> None:
    video = structured(page_of(client, agent=PROGRAMS[0]))
    assert (video["name"], video["url"]) == ("Meridian", "http://localhost:8000/movies/meridian/")
    assert video["thumbnailUrl"]
    assert video["uploadDate"].startswith("20")
    assert {"contentUrl", "embedUrl"} & set(video) == set()


def test_other_sites_are_told_of_the_player_where_they_may_show_it(
    client: Client, film: Package, settings: Settings
) -> None:
    assert "og:video" not in page_of(client).replace("video.movie", "")
    settings.NOVA_EMBED_ORIGINS = ["https://news.example"]

    html = page_of(client)

    address = "http://localhost:8000/embed/movies/meridian/"
    assert structured(html)["embedUrl"] == address
    assert f'<meta property="og:video" content="{address}">' in html


# --- What it costs ----------------------------------------------------------------------------------------------------


def queries_of(client: Client) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        page_of(client)
    return [query["sql"] for query in queries]


def test_a_player_costs_a_remembered_page_a_few_queries_whatever_the_film_holds(client: Client, film: Package) -> None:
    page_of(client)
    few = queries_of(client)
    for language in ("th", "de", "fr"):
        make_caption(Movie.objects.get(), language=language)
    for _ in range(3):
        make_package(make_source(movie_id=film.movie_id), state="RETIRED", retired_at=AT)
    page_of(client)
    assert len(queries_of(client)) == len(few) <= 7, few


def test_a_program_pays_for_no_session(client: Client, film: Package) -> None:
    page_of(client, agent=PROGRAMS[0])
    cache.set("probe", 1)
    with CaptureQueriesContext(connection) as queries:
        page_of(client, agent=PROGRAMS[0])
    assert len(queries) <= 6
