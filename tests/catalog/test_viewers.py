"""How many watch a film: its page says so from the first one on, and follows."""

import re
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.test import Client

from catalog.models import Movie
from catalog.services.movies import hide_movie
from portal import clock
from portal.models import User
from tests.factories import AT, make_movie
from tests.sockets import open_socket
from tests.viewer_counts import count_viewers, count_viewers_of_movie

PATH, SOCKET = "/movies/meridian/", "/ws/movies/meridian/"
in_thread = database_sync_to_async


def told_on(client: Client, path: str = PATH) -> list[str]:
    """Return what the page says; "" where it is not shown."""
    return re.findall(r"data-viewers-exact>([^<]*)<", client.get(path).content.decode())


@pytest.mark.django_db
def test_the_page_says_it_from_one_up_and_only_while_it_is_known(client: Client) -> None:
    subject = f"movie:{make_movie(slug='meridian').pk}"
    assert told_on(client) == [""]
    for viewers, words in ((0, ""), (1, "1 watching now"), (1234, "1,234 watching now")):
        count_viewers({subject: viewers})
        # Though the rest of the page is remembered.
        assert told_on(client) == [words]
    count_viewers({subject: 5}, at=clock.now() - timedelta(minutes=1))
    assert told_on(client) == [""]


@pytest.mark.django_db
def test_of_another_moment_nobody_knows(client: Client, editor: User) -> None:
    count_viewers({f"movie:{make_movie(slug='meridian').pk}": 3})
    client.force_login(editor)
    assert told_on(client) == ["3 watching now"]
    assert told_on(client, f"{PATH}?at=2030-01-01T00:00") == []


@pytest.fixture
def movie(transactional_db: None) -> Movie:
    return make_movie(slug="meridian")


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_an_open_page_hears_how_many_watch(movie: Movie) -> None:
    async with open_socket(SOCKET) as socket:
        snapshot = await socket.receive_envelope()
        assert snapshot["data"]["viewers"] is None
        await in_thread(count_viewers_of_movie)(movie, 2)
        event = await socket.receive_envelope()
    assert (event["type"], event["seq"]) == ("viewer_count.changed", snapshot["seq"] + 1)
    assert event["data"] == {"subject": f"movie:{movie.pk}", "viewers": 2}
    async with open_socket(SOCKET) as socket:
        assert (await socket.receive_envelope())["data"]["viewers"] == 2


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_who_may_not_see_the_film_any_more_hears_nothing(movie: Movie) -> None:
    async with open_socket(SOCKET) as socket:
        await socket.receive_envelope()
        await in_thread(hide_movie)(movie_id=movie.pk, by=None, at=AT)
        assert (await socket.receive_envelope())["type"] == "movie.hidden"
        await in_thread(movie.refresh_from_db)()
        await in_thread(count_viewers_of_movie)(movie, 2)
        assert await socket.receive_nothing()
