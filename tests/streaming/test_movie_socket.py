"""The open page of a film hears that it can be played, and nobody else does."""

from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async

from catalog.models import Movie
from portal import clock
from portal.consumers import CloseCode
from portal.models import User
from streaming.models import Package, Source
from streaming.services import packages
from tests.factories import make_job, make_movie, make_package, make_source, make_window
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATH = "/ws/movies/meridian/"


@pytest.fixture
def source(transactional_db: None) -> Source:
    return make_source(movie=make_movie(slug="meridian"))


def become_playable(source: Source) -> Package:
    package = make_package(source, state="MAKING", playable_at=None, ready_at=None)
    job = make_job(source, state="RUNNING")
    packages.tell_playable(job=job, package=package, index={}, duration_s=4.0, at=clock.now())
    return package


def shut() -> None:
    """Let the window of the movie close now, which is no event."""
    make_window(
        Movie.objects.get(slug="meridian"),
        starts_at=clock.now() - timedelta(days=2),
        ends_at=clock.now() - timedelta(seconds=1),
    )


async def first_event(source: Source, **caller: Any) -> dict[str, Any]:
    async with open_socket(PATH, **caller) as socket:
        await socket.receive_envelope()
        await database_sync_to_async(become_playable)(source)
        event: dict[str, Any] = await socket.receive_envelope()
    return event


async def test_a_viewer_hears_it_and_nothing_of_when_the_film_is_released(source: Source) -> None:
    event = await first_event(source)
    package = await database_sync_to_async(Package.objects.get)()
    assert event["type"] == "movie.became_playable"
    assert event["data"] == {"movie_id": source.movie_id, "package_id": str(package.pk), "is_whole": False}


async def test_who_may_not_see_the_film_any_more_hears_nothing_and_is_told_when_asking(source: Source) -> None:
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        await database_sync_to_async(shut)()
        await database_sync_to_async(become_playable)(source)
        await socket.send_json_to({"type": "snapshot.request"})
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


async def test_an_editor_hears_it_of_a_hidden_film(source: Source, editor: User) -> None:
    await database_sync_to_async(Movie.objects.update)(visibility="HIDDEN")
    event = await first_event(source, user=editor)
    assert event["type"] == "movie.became_playable"
