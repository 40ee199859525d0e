"""`/ws/catalogue/`: lists hear what goes and what is new, and nothing of films that they do not name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async

from catalog.models import Movie
from catalog.services import movies
from catalog.services.availability import WindowPlan, replace_windows
from portal import clock
from tests.factories import AT, make_movie
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATH = "/ws/catalogue/"


@pytest.fixture
def movie(transactional_db: None) -> Movie:
    return make_movie(slug="meridian", title="Meridian")


async def change(service: Callable[..., object], **arguments: Any) -> None:
    await database_sync_to_async(service)(by=None, at=AT, **arguments)


async def heard(*changes: tuple[Callable[..., object], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the data of what an open list hears of these changes."""
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        for service, arguments in changes:
            await change(service, **arguments)
        envelopes = [await socket.receive_envelope() for _ in changes]
    assert {envelope["type"] for envelope in envelopes} == {"catalogue.changed"}
    return [envelope["data"] for envelope in envelopes]


async def test_a_snapshot_names_the_revision_that_a_page_carries(movie: Movie) -> None:
    async with open_socket(PATH) as socket:
        before = await socket.receive_envelope()
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Other"})
        event = await socket.receive_envelope()
    async with open_socket(PATH) as socket:
        after = await socket.receive_envelope()

    assert before["data"] == {"revision": before["seq"]}
    assert after["data"]["revision"] == event["seq"] == before["seq"] + 1


async def test_lists_hear_of_what_goes_and_of_what_is_new(movie: Movie) -> None:
    hidden, edited, published, renamed = await heard(
        (movies.hide_movie, {"movie_id": movie.pk}),
        (movies.update_movie, {"movie_id": movie.pk, "changes": {"title": "Secret"}}),
        (movies.publish_movie, {"movie_id": movie.pk}),
        (movies.update_movie, {"movie_id": movie.pk, "changes": {"title": "Known"}}),
    )

    assert hidden == {"movie_id": movie.pk, "version": 2, "is_listed": False, "is_new": False, "title": ""}
    assert (edited["is_listed"], edited["title"]) == (False, "")
    assert (published["is_listed"], published["is_new"], published["title"]) == (True, True, "Secret")
    assert (renamed["is_listed"], renamed["is_new"], renamed["title"]) == (True, False, "Known")


async def test_a_film_that_is_scheduled_anew_into_lists_is_new_to_them(movie: Movie) -> None:
    day = timedelta(days=1)
    later, now = WindowPlan(starts_at=clock.now() + day), WindowPlan(starts_at=clock.now() - day)
    longer = WindowPlan(starts_at=now.starts_at, ends_at=clock.now() + day)
    schedule = [(replace_windows, {"movie_id": movie.pk, "plans": [plan]}) for plan in (later, now, longer)]

    away, back, same = await heard(*schedule)

    assert (away["is_listed"], away["is_new"]) == (False, False)
    assert (back["is_listed"], back["is_new"], back["title"]) == (True, True, "Meridian")
    assert (same["is_listed"], same["is_new"]) == (True, False)


async def test_a_film_that_is_announced_is_new_and_one_that_was_announced_is_not(movie: Movie) -> None:
    plans = [WindowPlan(starts_at=clock.now() + timedelta(days=1))]
    announced = {"movie_id": movie.pk, "changes": {"is_announced": True}}
    retitled = {"movie_id": movie.pk, "changes": {"is_announced": True, "title": "Other"}}

    _, first, second = await heard(
        (replace_windows, {"movie_id": movie.pk, "plans": plans}),
        (movies.update_movie, announced),
        (movies.update_movie, retitled),
    )

    assert (first["is_listed"], first["is_new"]) == (True, True)
    assert (second["is_listed"], second["is_new"], second["title"]) == (True, False, "Other")


async def test_a_film_that_was_left_out_of_lists_is_new_to_them(movie: Movie) -> None:
    visibility = Movie.Visibility

    unlisted, published = await heard(
        (movies.change_visibility, {"movie_id": movie.pk, "visibility": visibility.UNLISTED}),
        (movies.change_visibility, {"movie_id": movie.pk, "visibility": visibility.PUBLISHED}),
    )

    assert (unlisted["is_listed"], unlisted["is_new"]) == (False, False)
    assert (published["is_listed"], published["is_new"]) == (True, True)


async def test_lists_do_not_learn_which_film_it_is_that_viewers_never_saw(transactional_db: None) -> None:
    draft = await database_sync_to_async(make_movie)(visibility="DRAFT")

    edited, hidden, published = await heard(
        (movies.update_movie, {"movie_id": draft.pk, "changes": {"title": "Secret"}}),
        (movies.hide_movie, {"movie_id": draft.pk}),
        (movies.publish_movie, {"movie_id": draft.pk}),
    )

    assert edited == hidden == {"movie_id": 0, "version": 0, "is_listed": False, "is_new": False, "title": ""}
    assert (published["movie_id"], published["is_new"]) == (draft.pk, True)


async def test_a_film_that_is_unlisted_is_gone_from_lists(movie: Movie) -> None:
    (data,) = await heard(
        (movies.change_visibility, {"movie_id": movie.pk, "visibility": Movie.Visibility.UNLISTED}),
    )

    assert (data["is_listed"], data["title"]) == (False, "")


async def test_a_film_whose_window_is_moved_away_is_gone_from_lists(movie: Movie) -> None:
    later = WindowPlan(starts_at=clock.now() + timedelta(days=1))
    now = WindowPlan(starts_at=clock.now() - timedelta(days=1))

    away, back = await heard(
        (replace_windows, {"movie_id": movie.pk, "plans": [later]}),
        (replace_windows, {"movie_id": movie.pk, "plans": [now]}),
    )

    assert (away["is_listed"], back["is_listed"]) == (False, True)
