"""`/ws/movies/<slug>/`: snapshot + events == fresh snapshot, and nothing that the person may not know."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async

from catalog.models import Movie
from catalog.services import genres, movies
from catalog.services.availability import WindowPlan, replace_windows
from portal import clock
from portal.consumers import CloseCode
from portal.models import User
from tests.factories import AT, make_genre, make_movie
from tests.sockets import Socket, open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATH = "/ws/movies/meridian/"
Visibility = Movie.Visibility


@pytest.fixture
def movie(transactional_db: None) -> Movie:
    return make_movie(slug="meridian", title="Meridian", genres=(make_genre(name="Thriller", slug="thriller"),))


async def change(service: Callable[..., object], **arguments: Any) -> None:
    await database_sync_to_async(service)(by=None, at=AT, **arguments)


def apply(state: dict[str, Any], envelope: dict[str, Any]) -> dict[str, Any]:
    """What a page does with an event."""
    is_newer = envelope["data"]["version"] >= state["version"]
    return {**state, **envelope["data"]} if is_newer else state


async def fresh_snapshot(user: User | None = None) -> dict[str, Any]:
    async with open_socket(PATH, user=user) as socket:
        return await socket.receive_envelope()


async def test_a_snapshot_with_its_events_equals_a_fresh_snapshot(movie: Movie, editor: User) -> None:
    drama = await database_sync_to_async(make_genre)(name="Drama", slug="drama")
    async with open_socket(PATH, user=editor) as socket:
        snapshot = await socket.receive_envelope()
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Meridian II", "year": 2027})
        await change(movies.update_movie, movie_id=movie.pk, changes={"genres": [drama]})
        await change(genres.rename_genre, genre_id=drama.pk, name="Dramas")
        await change(movies.hide_movie, movie_id=movie.pk)
        await change(movies.update_movie, movie_id=movie.pk, changes={"synopsis": "Better.", "runtime_s": None})
        await change(movies.publish_movie, movie_id=movie.pk)
        await change(movies.change_visibility, movie_id=movie.pk, visibility=Visibility.UNLISTED)
        events = [await socket.receive_envelope() for _ in range(7)]
        fresh = await fresh_snapshot(editor)

    state = snapshot["data"]
    for event in events:
        state = apply(state, event)
    assert state == fresh["data"]
    assert [event["seq"] for event in events] == list(range(snapshot["seq"] + 1, fresh["seq"] + 1))
    assert [event["type"] for event in events] == [
        "movie.updated",
        "movie.updated",
        "movie.updated",
        "movie.hidden",
        "movie.updated",
        "movie.published",
        "movie.updated",
    ]
    assert fresh["data"]["genres"] == ["Dramas"]


async def test_events_that_arrive_in_the_wrong_order_leave_the_newer_state(movie: Movie) -> None:
    async with open_socket(PATH) as socket:
        snapshot = await socket.receive_envelope()
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Second"})
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Third"})
        second, third = [await socket.receive_envelope() for _ in range(2)]

    assert apply(apply(snapshot["data"], third), second)["title"] == "Third"


async def test_a_change_that_is_rolled_back_is_never_told(movie: Movie) -> None:
    from django.db import transaction

    def change_and_fail() -> None:
        with transaction.atomic():
            movies.update_movie(movie_id=movie.pk, changes={"title": "Never"}, by=None, at=AT)
            transaction.set_rollback(True)

    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        await database_sync_to_async(change_and_fail)()
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Committed"})

        assert (await socket.receive_envelope())["data"]["title"] == "Committed"


async def test_a_movie_that_is_hidden_while_watched_says_so_and_then_nothing(movie: Movie) -> None:
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        await change(movies.hide_movie, movie_id=movie.pk)
        hidden = await socket.receive_envelope()
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Not for viewers"})
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "For viewers"})
        await change(movies.publish_movie, movie_id=movie.pk)
        back = await socket.receive_envelope()

    assert (hidden["type"], hidden["data"]) == (
        "movie.hidden",
        {"movie_id": movie.pk, "version": 2, "visibility": "HIDDEN"},
    )
    assert (back["type"], back["data"]["title"]) == ("movie.published", "For viewers")
    assert back["seq"] == hidden["seq"] + 3


async def test_a_new_snapshot_of_what_was_hidden_meanwhile_ends_the_socket(movie: Movie) -> None:
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        await change(movies.hide_movie, movie_id=movie.pk)
        await socket.receive_envelope()
        await socket.send_json_to({"type": "snapshot.request"})

        assert await socket.receive_close_code() == CloseCode.UNKNOWN


async def _first_answer(socket: Socket) -> int | str:
    """Return the type of the first envelope, or the code of a socket that is closed instead."""
    message = await socket.receive_output(timeout=10)
    return int(message["code"]) if message["type"] == "websocket.close" else "snapshot"


@pytest.mark.parametrize("visibility", ["DRAFT", "HIDDEN"])
@pytest.mark.parametrize("person", [None, "viewer", "stranger", "broadcaster"])
async def test_who_may_not_see_a_movie_is_told_that_there_is_none(
    request: pytest.FixtureRequest, transactional_db: None, visibility: str, person: str | None
) -> None:
    user = await database_sync_to_async(request.getfixturevalue)(person) if person else None
    await database_sync_to_async(make_movie)(slug="meridian", visibility=visibility)

    async with open_socket(PATH, user=user) as socket:
        assert await _first_answer(socket) == CloseCode.UNKNOWN


@pytest.mark.parametrize("person", ["editor", "operator"])
async def test_who_runs_the_catalogue_sees_drafts(
    request: pytest.FixtureRequest, transactional_db: None, person: str
) -> None:
    user = await database_sync_to_async(request.getfixturevalue)(person)
    await database_sync_to_async(make_movie)(slug="meridian", visibility="DRAFT")

    async with open_socket(PATH, user=user) as socket:
        assert await _first_answer(socket) == "snapshot"


async def test_an_unknown_movie_is_unknown(transactional_db: None) -> None:
    async with open_socket("/ws/movies/no-such-film/") as socket:
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


async def test_an_unlisted_movie_is_for_everybody_who_has_its_address(transactional_db: None) -> None:
    await database_sync_to_async(make_movie)(slug="meridian", visibility="UNLISTED")

    assert (await fresh_snapshot())["data"]["visibility"] == "UNLISTED"


async def test_a_viewer_is_told_no_more_of_a_movie_whose_window_is_shut(movie: Movie) -> None:
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        past = WindowPlan(starts_at=AT, ends_at=AT + timedelta(seconds=1))
        await change(replace_windows, movie_id=movie.pk, plans=[past])
        gone = await socket.receive_envelope()
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Not for viewers"})
        await change(replace_windows, movie_id=movie.pk, plans=[])
        back = await socket.receive_envelope()

    assert (gone["type"], set(gone["data"])) == ("movie.hidden", {"movie_id", "version", "visibility"})
    assert (back["type"], back["data"]["title"]) == ("movie.updated", "Not for viewers")


async def test_an_editor_is_told_all_of_a_movie_whose_window_is_shut(movie: Movie, editor: User) -> None:
    async with open_socket(PATH, user=editor) as socket:
        await socket.receive_envelope()
        past = WindowPlan(starts_at=AT, ends_at=AT + timedelta(seconds=1))
        await change(replace_windows, movie_id=movie.pk, plans=[past])

        assert (await socket.receive_envelope())["type"] == "movie.updated"


async def test_no_page_is_told_when_a_movie_will_be_released(movie: Movie) -> None:
    async with open_socket(PATH) as socket:
        snapshot = await socket.receive_envelope()
        soon = WindowPlan(starts_at=AT, ends_at=clock.now() + timedelta(days=1))
        await change(replace_windows, movie_id=movie.pk, plans=[soon])
        told = await socket.receive_envelope()

    assert set(told["data"]) == set(snapshot["data"]) - {"viewers"}


async def test_a_movie_that_is_announced_is_followed_before_it_can_be_seen(movie: Movie) -> None:
    await change(movies.update_movie, movie_id=movie.pk, changes={"is_announced": True})
    soon = WindowPlan(starts_at=clock.now() + timedelta(days=1))
    await change(replace_windows, movie_id=movie.pk, plans=[soon])
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        await change(movies.update_movie, movie_id=movie.pk, changes={"title": "Sooner"})

        assert (await socket.receive_envelope())["data"]["title"] == "Sooner"
