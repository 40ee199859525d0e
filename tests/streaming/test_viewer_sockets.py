"""Open pages of streams hear how many watch, as it changes, and only those that may know of the stream."""

from typing import Any

import pytest
from channels.db import database_sync_to_async

from portal.models import User
from streaming.models import Channel, Stream
from tests.factories import make_channel, make_stream
from tests.sockets import open_socket
from tests.viewer_counts import count_viewers, count_viewers_of

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

LIST, CHANNEL = "/ws/live/", "/ws/channels/studio/"
in_thread = database_sync_to_async


@pytest.fixture
def stream(transactional_db: None) -> Stream:
    return make_stream(make_channel(slug="studio"))


def viewers_in(path: str, snapshot: dict[str, Any]) -> Any:
    data = snapshot["data"]
    if path == LIST:
        (data,) = data["streams"]
    return (data["stream"] if path == CHANNEL else data)["viewers"]


@pytest.mark.parametrize("path", [LIST, CHANNEL, "/ws/streams/{id}/"])
async def test_a_page_hears_how_many_watch(stream: Stream, path: str) -> None:
    path = path.format(id=stream.pk)
    async with open_socket(path) as socket:
        snapshot = await socket.receive_envelope()
        assert viewers_in(path, snapshot) is None
        await in_thread(count_viewers_of)(stream, 3)
        event = await socket.receive_envelope()
        assert (event["type"], event["seq"]) == ("viewer_count.changed", snapshot["seq"] + 1)
        assert event["data"] == {"subject": f"stream:{stream.pk}", "viewers": 3}
    async with open_socket(path) as socket:
        # Whoever comes later is told the same.
        assert viewers_in(path, await socket.receive_envelope()) == 3


async def test_a_stream_that_nobody_watches_is_watched_by_nobody(stream: Stream) -> None:
    await in_thread(count_viewers)({})
    async with open_socket(LIST) as socket:
        assert viewers_in(LIST, await socket.receive_envelope()) == 0


async def test_who_may_not_watch_any_more_hears_nothing(stream: Stream, editor: User) -> None:
    async with open_socket(CHANNEL) as socket, open_socket(CHANNEL, user=editor) as desk:
        await socket.receive_envelope()
        await desk.receive_envelope()
        await in_thread(Channel.objects.update)(visibility="PRIVATE")
        await in_thread(stream.channel.refresh_from_db)()
        await in_thread(count_viewers_of)(stream, 3)
        assert (await desk.receive_envelope())["data"]["viewers"] == 3
        assert await socket.receive_nothing()


@pytest.mark.parametrize("facts", [{"visibility": "UNLISTED"}, {"visibility": "PRIVATE"}])
async def test_the_list_hears_of_no_stream_that_it_does_not_name(stream: Stream, facts: dict[str, str]) -> None:
    """Even if somebody sends it there."""
    from analytics.events import ViewerCountChanged
    from portal import clock, events

    changed = ViewerCountChanged(subject=f"stream:{stream.pk}", viewers=3, told=("live",), judged_by=facts)
    async with open_socket(LIST) as socket:
        await socket.receive_envelope()
        await in_thread(events.publish_all)([changed], at=clock.now())
        assert await socket.receive_nothing()


async def test_the_list_hears_nothing_of_tests(transactional_db: None) -> None:
    stream = await in_thread(lambda: make_stream(make_channel(slug="studio"), is_test=True))()
    async with open_socket(LIST) as socket:
        await socket.receive_envelope()
        await in_thread(count_viewers_of)(stream, 3)
        assert await socket.receive_nothing()
