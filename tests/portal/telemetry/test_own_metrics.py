"""What is counted of events and sockets."""

import pytest
from prometheus_client import REGISTRY

from catalog.events import MovieHidden
from catalog.models import Movie
from portal import events
from portal.consumers import _kind_of
from streaming.live_consumers import LiveListConsumer
from tests.factories import AT, make_movie
from tests.sockets import open_socket


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db(transaction=True)
def test_an_event_is_counted_when_the_broker_has_taken_it() -> None:
    event = MovieHidden.of(Movie(pk=7, version=2, visibility="HIDDEN", slug="seven", title="Seven", year=1995))
    before = figure("nova_events_published_total", type="movie.hidden")
    events.publish(event, at=AT)
    assert figure("nova_events_published_total", type="movie.hidden") == before + len(event.groups())


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("meridian")
async def test_a_socket_is_counted_while_it_is_open() -> None:
    def count() -> float:
        return figure("nova_streaming_websocket_connections", kind="movie")

    async with open_socket("/ws/movies/meridian/") as socket:
        await socket.receive_envelope()
        async with open_socket("/ws/movies/meridian/") as other:
            await other.receive_envelope()
            assert count() == 2
        assert count() == 1
    assert count() == 0


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_is_sent_away_is_counted_out() -> None:
    async with open_socket("/ws/movies/nowhere/") as socket:
        await socket.receive_close_code()
    assert figure("nova_streaming_websocket_connections", kind="movie") == 0


def test_a_kind_is_a_name_of_ours() -> None:
    assert _kind_of(LiveListConsumer) == "live_list"


@pytest.fixture
def meridian(transactional_db: None) -> None:
    make_movie(slug="meridian", title="Meridian")
