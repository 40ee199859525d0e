"""Editors at the same moment: no change is lost, no two movies share an address, and every page ends up right."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import transaction

from catalog.errors import MovieChangedMeanwhile, SlugTaken
from catalog.models import Genre, Movie
from catalog.services import genres, movies
from portal.errors import PortalError
from portal.models import AuditEntry, User
from tests.concurrency import at_once, start_and_wait
from tests.factories import AT, make_genre, make_movie
from tests.sockets import Socket, open_socket

pytestmark = pytest.mark.django_db(transaction=True)

Visibility = Movie.Visibility


def add(title: str, **facts: Any) -> Movie:
    return movies.create_movie(title=title, year=2020, facts=facts, by=None, at=AT)  # type: ignore[arg-type]


def test_movies_of_one_title_added_at_once_all_get_addresses_of_their_own() -> None:
    """Nobody asked for an address, so nobody is to be told that it is taken."""
    added = at_once(*[lambda: add("Overtime")] * 6)
    assert [movie for movie in added if not isinstance(movie, Movie)] == []
    assert len(set(Movie.objects.values_list("slug", flat=True))) == 6
    assert AuditEntry.objects.filter(action="movie.created").count() == 6


def test_an_address_that_two_editors_chose_at_once_is_refused_to_the_second() -> None:
    with transaction.atomic():
        add("Overtime", slug="overtime")
        second = start_and_wait(lambda: add("Extra time", slug="overtime"))
    with pytest.raises(SlugTaken) as refused:
        second.result(20)
    assert refused.value.extras["proposed"] == "extra-time"
    assert AuditEntry.objects.filter(action="movie.created").count() == 1


def test_no_change_is_lost_and_every_version_is_given_once() -> None:
    movie = make_movie()
    changes: list[Callable[[], Movie]] = [
        lambda: movies.update_movie(movie_id=movie.pk, changes={"tagline": "One."}, by=None, at=AT),
        lambda: movies.update_movie(movie_id=movie.pk, changes={"synopsis": "Two."}, by=None, at=AT),
        lambda: movies.update_movie(movie_id=movie.pk, changes={"year": 1999}, by=None, at=AT),
        lambda: movies.hide_movie(movie_id=movie.pk, by=None, at=AT),
    ]
    versions = sorted(outcome.version for outcome in at_once(*changes) if isinstance(outcome, Movie))
    assert versions == [2, 3, 4, 5]
    stored = Movie.objects.get(pk=movie.pk)
    assert (stored.tagline, stored.synopsis, stored.year, stored.visibility) == ("One.", "Two.", 1999, "HIDDEN")
    assert AuditEntry.objects.filter(object_id=str(movie.pk)).count() == 4


def test_of_many_decisions_about_one_version_one_is_carried_out() -> None:
    movie = make_movie(visibility="DRAFT")
    outcomes = at_once(
        *[
            lambda to=to: movies.change_visibility(movie_id=movie.pk, visibility=to, by=None, at=AT, expected_version=1)
            for to in (Visibility.PUBLISHED, Visibility.HIDDEN, Visibility.UNLISTED)
        ]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Movie", *["MovieChangedMeanwhile"] * 2]
    assert all(o.extras == {"version": 2} for o in outcomes if isinstance(o, MovieChangedMeanwhile))


def test_publishing_at_once_dates_a_movie_once() -> None:
    movie = make_movie(visibility="DRAFT")
    at_once(*[lambda: movies.publish_movie(movie_id=movie.pk, by=None, at=AT)] * 4)
    assert AuditEntry.objects.filter(action="movie.published").count() == 1
    assert Movie.objects.get().version == 2


# --- Snapshot and events under many writers ---------------------------------------------------------------------------


class Writer:
    """An editor who does something different each time; the seed makes a failure happen again."""

    def __init__(self, seed: int, movie: Movie, genre: Genre) -> None:
        self.chance, self.movie, self.genre, self.seed = random.Random(seed), movie, genre, seed

    def write(self) -> None:
        for number in range(8):
            try:
                self.chance.choice((self._title, self._genres, self._visibility))(number)
            except PortalError:
                continue  # What is refused is no change, and must be no event.

    def _title(self, number: int) -> None:
        movies.update_movie(movie_id=self.movie.pk, changes={"title": f"{self.seed}.{number}"}, by=None, at=AT)

    def _genres(self, number: int) -> None:
        chosen = [self.genre] if self.chance.random() < 0.5 else []
        movies.update_movie(movie_id=self.movie.pk, changes={"genres": chosen}, by=None, at=AT)

    def _visibility(self, number: int) -> None:
        to = self.chance.choice(tuple(Visibility))
        movies.change_visibility(movie_id=self.movie.pk, visibility=to, by=None, at=AT)


async def _rest(socket: Socket) -> list[dict[str, Any]]:
    """Return what the socket still has to say, until it says nothing for a moment."""
    heard = []
    while not await socket.receive_nothing(timeout=0.5):
        heard.append(await socket.receive_envelope())
    return heard


def _apply(state: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    is_current = event["data"]["version"] >= state["version"]
    return {**state, **event["data"]} if is_current else state


@pytest.mark.asyncio
@pytest.mark.parametrize("seed", [1, 20, 300])
async def test_a_page_that_watched_many_writers_shows_what_a_new_page_shows(
    transactional_db: None, editor: User, seed: int
) -> None:
    genre = await database_sync_to_async(make_genre)()
    movie = await database_sync_to_async(make_movie)(slug="meridian", genres=(genre,))
    async with open_socket("/ws/movies/meridian/", user=editor) as socket:
        first = await socket.receive_envelope()
        writers = [Writer(seed + number, movie, genre).write for number in range(3)]
        writing = asyncio.to_thread(at_once, *writers)
        async with asyncio.TaskGroup() as group:
            written = group.create_task(writing)
            # Opened while they write: its snapshot lies somewhere in the middle.
            late_comer = group.create_task(_watch_late(editor))
        assert written.result() == [None] * 3
        events = await _rest(socket)
        await socket.send_json_to({"type": "snapshot.request"})
        fresh = await socket.receive_envelope()

    for snapshot, heard in ((first, events), late_comer.result()):
        newer = [event for event in heard if event["seq"] > snapshot["seq"]]
        state = snapshot["data"]
        for event in newer:
            state = _apply(state, event)
        assert state == fresh["data"]
        assert sorted(event["seq"] for event in newer) == list(range(snapshot["seq"] + 1, fresh["seq"] + 1))


@pytest.mark.asyncio
async def test_a_genre_renamed_while_its_movie_changes_is_told_by_its_new_name(transactional_db: None) -> None:
    genre = await database_sync_to_async(make_genre)(name="Thriller")
    movie = await database_sync_to_async(make_movie)(slug="meridian", genres=(genre,))

    def change_both() -> None:
        with transaction.atomic():
            movies.update_movie(movie_id=movie.pk, changes={"title": "New"}, by=None, at=AT)
            renamed = start_and_wait(lambda: genres.rename_genre(genre_id=genre.pk, name="Suspense", by=None, at=AT))
        renamed.result(20)

    async with open_socket("/ws/movies/meridian/") as socket:
        state = (await socket.receive_envelope())["data"]
        await asyncio.to_thread(at_once, change_both)
        for event in await _rest(socket):
            state = _apply(state, event)
    assert (state["title"], state["genres"]) == ("New", ["Suspense"])


def test_renaming_a_genre_and_giving_it_to_a_movie_wait_for_each_other_but_not_forever() -> None:
    genre = make_genre(name="Thriller")
    held, other = make_movie(genres=(genre,)), make_movie()
    changes: list[Callable[[], Any]] = [
        lambda: genres.rename_genre(genre_id=genre.pk, name="Suspense", by=None, at=AT),
        lambda: movies.update_movie(movie_id=other.pk, changes={"genres": [genre]}, by=None, at=AT),
        lambda: movies.update_movie(movie_id=held.pk, changes={"genres": []}, by=None, at=AT),
    ]
    outcomes = at_once(*changes)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert list(genre.movies.all()) == [other]


async def _watch_late(editor: User) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    await asyncio.sleep(0.05)
    async with open_socket("/ws/movies/meridian/", user=editor) as socket:
        envelopes = await _rest(socket)
        # An event that comes before the snapshot is in it.
        place = next(n for n, envelope in enumerate(envelopes) if envelope["type"] == "snapshot")
        return envelopes[place], envelopes[:place] + envelopes[place + 1 :]
