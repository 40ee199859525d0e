"""Wherever a film could be reached, it comes at the first moment of its window and is gone at the first one after it.

Nothing but the clock moves in these tests: no worker runs, nobody writes, and what a page kept from the moment before
is still there to be shown by mistake.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from portal import clock
from tests.factories import (
    AT,
    make_artwork,
    make_caption,
    make_credit,
    make_genre,
    make_movie,
    make_person,
    make_tag,
    make_window,
)

pytestmark = pytest.mark.django_db

OPENS, CLOSES = AT + timedelta(days=1), AT + timedelta(days=2)
INSTANT = timedelta(microseconds=1)
TITLE = "The Far Signal"
TERRITORY_HEADER = "CF-IPCountry"

Sees = Callable[[Client], bool]


def names_it(path: str) -> Sees:
    """It is read, and the film's title stands in it."""

    def sees(client: Client) -> bool:
        response = client.get(path)
        assert response.status_code == 200, path
        return TITLE in b"".join(response).decode()

    return sees


def is_there(path: str) -> Sees:
    """It can be read at all."""

    def sees(client: Client) -> bool:
        response = client.get(path)
        assert response.status_code in {200, 301, 302, 404}, path
        return response.status_code != 404

    return sees


def says(path: str, word: str) -> Sees:
    def sees(client: Client) -> bool:
        response = client.get(path)
        assert response.status_code == 200, path
        return word in b"".join(response).decode()

    return sees


def suggests_it(path: str) -> Sees:
    """It leads nowhere, and the film is offered instead."""

    def sees(client: Client) -> bool:
        response = client.get(path)
        assert response.status_code == 404, path
        return TITLE in response.content.decode()

    return sees


# By the name of the route, what of it is asked.
PATHS: dict[str, tuple[Sees, ...]] = {
    "catalog:home": (names_it("/"),),
    "catalog:movie-list": (
        names_it("/movies/"),
        names_it("/movies/?q=far+signal"),
        names_it("/movies/?q=far+sgnal"),
        names_it("/movies/?genre=drama"),
        names_it("/movies/?sort=title"),
    ),
    "catalog:movie-detail": (
        is_there("/movies/far-signal/"),
        is_there("/movies/former-signal/"),
        names_it("/movies/neighbour/"),
        suggests_it("/movies/far-signals/"),
    ),
    "catalog:genre-detail": (names_it("/genres/drama/"),),
    "catalog:person-detail": (is_there("/people/ada/"),),
    "catalog:movie-feed": (names_it("/feeds/new-movies.atom"),),
    "catalog:sitemap-index": (says("/sitemap.xml", "/sitemaps/people-1.xml"),),
    "catalog:sitemap-part": (
        says("/sitemaps/movies-1.xml", "/movies/far-signal/"),
        is_there("/sitemaps/people-1.xml"),
    ),
    "catalog-api:movie-list": (
        names_it("/api/v1/movies/"),
        names_it("/api/v1/movies/?q=signal"),
        names_it("/api/v1/movies/?genre=drama"),
        names_it("/api/v1/movies/?person=ada&sort=title"),
    ),
    "catalog-api:movie-detail": (is_there("/api/v1/movies/far-signal/"), is_there("/api/v1/movies/former-signal/")),
    "catalog-api:movie-availability": (is_there("/api/v1/movies/far-signal/availability/"),),
    "catalog-api:movie-credits": (is_there("/api/v1/movies/far-signal/credits/"),),
    "catalog-api:artwork": (is_there("/api/v1/movies/far-signal/artwork/poster/"),),
    "catalog-api:caption-list": (is_there("/api/v1/movies/far-signal/captions/"),),
    "catalog-api:caption-detail": (is_there("/api/v1/movies/far-signal/captions/4711/"),),
    "catalog-api:caption-text": (is_there("/api/v1/movies/far-signal/captions/4711/webvtt/"),),
    "catalog-api:suggestion-list": (
        says("/api/v1/suggestions/?q=far", "far-signal"),
        says("/api/v1/suggestions/?q=ada", "Ada Loy"),
    ),
    "catalog-api:tag-list": (says("/api/v1/tags/", "heist"),),
    "catalog-api:tag-detail": (is_there("/api/v1/tags/heist/"),),
    "catalog-api:person-list": (says("/api/v1/people/", "Ada Loy"),),
    "catalog-api:person-detail": (is_there("/api/v1/people/ada/"),),
}
# They tell of no film, or change something.
ELSEWHERE = {
    "catalog:robots",
    "catalog-api:movie-visibility",
    "catalog-api:caption-correction",
    "catalog-api:suggestion-choice",
    "catalog-api:upload-list",
    "catalog-api:upload-detail",
    "catalog-api:genre-list",
    "catalog-api:genre-detail",
    "catalog-api:tag-merger",
}


@pytest.fixture
def film(settings: Settings) -> None:
    """A film that can be seen in one country from OPENS to CLOSES, and all that could tell of it; and its neighbour."""
    settings.NOVA_TERRITORY_HEADER = TERRITORY_HEADER
    settings.NOVA_RATE_LIMITS = dict.fromkeys(settings.NOVA_RATE_LIMITS, "off")
    genre = make_genre(name="Drama", slug="drama")
    make_movie(title="Neighbour", slug="neighbour", genres=(genre,))
    movie = make_movie(title=TITLE, slug="far-signal", genres=(genre,), tags=(make_tag(name="heist", slug="heist"),))
    movie.slugs.create(slug="former-signal")
    make_credit(movie, make_person(name="Ada Loy", slug="ada"))
    make_caption(movie, pk=4711)
    make_artwork(movie)
    make_window(movie, starts_at=OPENS, ends_at=CLOSES, territories=["TH"])


@pytest.mark.usefixtures("film")
@pytest.mark.parametrize("route", PATHS)
def test_a_film_comes_and_goes_at_the_edges_of_its_window(monkeypatch: pytest.MonkeyPatch, route: str) -> None:
    here, abroad, nowhere = (Client(headers={TERRITORY_HEADER: code}) for code in ("TH", "FR", "XX"))
    for moment, is_open in (
        (OPENS - INSTANT, False),
        (OPENS, True),
        (CLOSES - INSTANT, True),
        (CLOSES, False),
        # A clock that was set back must not leave the page of the later moment standing.
        (CLOSES - INSTANT, True),
    ):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        for place, sees in enumerate(PATHS[route]):
            assert sees(here) is is_open, (route, place, moment)
            assert not sees(abroad), (route, place, moment)
            assert not sees(nowhere), (route, place, moment)


def _routes() -> Iterator[str]:
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace in {"catalog", "catalog-api"}:
            yield from (
                f"{entry.namespace}:{route.name}" for route in entry.url_patterns if isinstance(route, URLPattern)
            )


def test_every_route_of_the_catalogue_is_asked() -> None:
    assert set(_routes()) == set(PATHS) | ELSEWHERE
    assert not set(PATHS) & ELSEWHERE
