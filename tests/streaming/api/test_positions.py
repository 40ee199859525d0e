"""Where people left off, by the API."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Movie
from portal import clock
from portal.errors import NotFound
from portal.models import User
from streaming.models import WatchPosition
from streaming.services.watch_positions import forget_positions, keep_position
from streaming.tasks import forget_playback
from tests.factories import AT, make_movie

pytestmark = pytest.mark.django_db
URL = "/api/v1/movies/meridian/position/"


@pytest.fixture
def movie() -> Movie:
    return make_movie(slug="meridian")


@pytest.fixture
def player(api: APIClient, viewer: User) -> APIClient:
    api.force_authenticate(viewer)
    return api


def put(api: APIClient, position_s: Any, duration_s: Any = 600) -> Any:
    return api.put(URL, {"position_s": position_s, "duration_s": duration_s})


def positions() -> list[tuple[str, float, float]]:
    rows = WatchPosition.objects.order_by("user__username")
    return list(rows.values_list("user__username", "position_s", "duration_s"))


def test_a_position_is_kept(player: APIClient, movie: Movie) -> None:
    began_at = clock.now()
    assert put(player, 83.2, 596.4).status_code == 204
    assert positions() == [("viewer", 83.2, 596.4)]
    assert began_at <= WatchPosition.objects.get().updated_at <= clock.now()


def test_the_last_word_is_right_and_each_viewer_has_their_own(player: APIClient, movie: Movie, editor: User) -> None:
    put(player, 10)
    put(player, 300)
    put(player, 20)
    player.force_authenticate(editor)
    put(player, 99)
    assert positions() == [("editor", 99, 600), ("viewer", 20, 600)]


@pytest.mark.parametrize(
    ("duration_s", "last_s", "seen_s"),
    [(600, 569.9, 570), (60, 54.9, 55), (7200, 6899.9, 6900), (36000, 35699, 35700), (3, None, 0), (600, None, 650)],
)
def test_a_film_that_was_seen_to_its_end_begins_anew(
    player: APIClient, movie: Movie, duration_s: float, last_s: float | None, seen_s: float
) -> None:
    """Its credits are no place to go on from, and of a short one the last seconds."""
    if last_s is not None:
        put(player, last_s, duration_s)
        assert positions() == [("viewer", last_s, duration_s)]
    assert put(player, seen_s, duration_s).status_code == 204
    assert positions() == []


@pytest.mark.parametrize("value", [-0.1, "NaN", "Infinity", "-Infinity", None, [], {}, "", "x", 10**7])
@pytest.mark.parametrize("name", ["position_s", "duration_s"])
def test_what_is_no_position_is_refused(player: APIClient, movie: Movie, name: str, value: object) -> None:
    answer = player.put(URL, {"position_s": 1, "duration_s": 600, name: value})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{name}")
    assert positions() == []


@pytest.mark.parametrize("body", [{}, {"position_s": 1}, {"position_s": 1, "duration_s": 0}, {"x": 1}])
def test_half_a_position_is_none(player: APIClient, movie: Movie, body: dict[str, object]) -> None:
    assert player.put(URL, body).status_code == 422


def test_who_has_not_signed_in_has_no_place_for_it(api: APIClient, movie: Movie) -> None:
    assert put(api, 1).status_code == 401


def test_a_movie_that_one_may_not_see_has_no_positions(player: APIClient) -> None:
    make_movie(slug="meridian", visibility="HIDDEN")
    assert put(player, 1).status_code == 404
    assert positions() == []


def test_a_position_goes_with_its_movie_and_with_its_viewer(player: APIClient, movie: Movie, viewer: User) -> None:
    put(player, 1)
    movie.delete()
    assert positions() == []
    make_movie(slug="meridian")
    put(player, 1)
    viewer.delete()
    assert positions() == []


def test_positions_that_nobody_goes_on_from_are_forgotten(viewer: User) -> None:
    for age in (0, 700, 731):
        updated_at = clock.now() - timedelta(days=age)
        WatchPosition.objects.create(
            user=viewer, movie=make_movie(), position_s=1, duration_s=600, updated_at=updated_at
        )
    assert forget_positions(at=AT - timedelta(days=3000)) == 0
    forget_playback()
    assert WatchPosition.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gone", ["movie", "viewer"])
def test_what_was_deleted_while_somebody_watched_is_not_found(movie: Movie, viewer: User, gone: str) -> None:
    of = {"movie": Movie.objects.filter(pk=movie.pk), "viewer": User.objects.filter(pk=viewer.pk)}
    of[gone].delete()
    with pytest.raises(NotFound):
        keep_position(viewer=viewer, movie=movie, position_s=83.2, duration_s=600, at=AT)
