"""The open pages of a channel and of a stream hear what becomes of it, and nobody else does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from channels.db import database_sync_to_async

from portal import clock
from portal.consumers import CloseCode
from portal.models import User
from streaming.models import Channel, Stream
from streaming.services import live
from streaming.services.ingest import admit_publisher
from streaming.services.stream_keys import IssuedKey
from streaming.services.stream_plans import announce_stream, call_off_stream, change_plan
from tests.factories import make_channel, make_stream, make_stream_key
from tests.sockets import open_socket

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATH = "/ws/channels/studio/"
in_thread = database_sync_to_async


@pytest.fixture
def issued(transactional_db: None) -> IssuedKey:
    return make_stream_key(channel=make_channel(slug="studio", title="Studio"))


def broadcast(issued: IssuedKey) -> UUID:
    """Go through everything that a stream can come to."""
    at = clock.now()
    stream_id = admit_publisher(presented_secret=issued.secret, at=at).stream_id
    live.mark_active(stream_id=stream_id, facts={"width_px": 640}, at=at)
    live.mark_playable(stream_id=stream_id, at=at)
    live.interrupt_stream(stream_id=stream_id, at=at)
    live.resume_stream(stream_id=stream_id, at=at)
    live.end_stream(stream_id=stream_id, reason=Stream.EndReason.UNPUBLISHED, at=at)
    return stream_id


async def test_the_page_of_a_channel_follows_a_stream_that_began_after_it_was_opened(issued: IssuedKey) -> None:
    async with open_socket(PATH) as socket:
        snapshot = await socket.receive_envelope()
        assert snapshot["data"] == {"channel": {"slug": "studio", "title": "Studio"}, "stream": None, "plans": []}
        stream_id = await in_thread(broadcast)(issued)
        events = [await socket.receive_envelope() for _ in range(6)]
    steps = ("admitted", "started", "playable", "interrupted", "resumed", "ended")
    assert [event["type"] for event in events] == [f"stream.{step}" for step in steps]
    phases = [event["data"]["phase"] for event in events]
    assert phases == ["starting", "starting", "live", "reconnecting", "live", "ended"]
    assert {event["data"]["id"] for event in events} == {str(stream_id)}
    async with open_socket(PATH) as socket:
        # Whoever comes later is told the same.
        assert (await socket.receive_envelope())["data"]["stream"] == events[-1]["data"]


async def test_the_socket_of_a_stream_tells_of_this_one_alone(issued: IssuedKey) -> None:
    stream = await in_thread(make_stream)(issued.key.channel)
    async with open_socket(f"/ws/streams/{stream.pk}/") as socket:
        assert (await socket.receive_envelope())["data"]["phase"] == "live"
        await in_thread(live.end_stream)(stream_id=stream.pk, reason=Stream.EndReason.INTERNAL, at=clock.now())
        await in_thread(broadcast)(issued)
        assert (await socket.receive_envelope())["type"] == "stream.failed"
        assert await socket.receive_nothing()


@pytest.mark.parametrize("path", [PATH, "/ws/channels/none/", f"/ws/streams/{UUID(int=1)}/"])
async def test_a_private_channel_looks_like_none(issued: IssuedKey, path: str) -> None:
    await in_thread(Channel.objects.update)(visibility="PRIVATE")
    async with open_socket(path) as socket:
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


async def first_event_of_a_private_stream(issued: IssuedKey, **caller: Any) -> str:
    """Return what somebody hears whose socket was open before the channel became private; "" for nothing."""
    async with open_socket(PATH, **caller) as socket:
        await socket.receive_envelope()
        await in_thread(Channel.objects.update)(visibility="PRIVATE")
        await in_thread(broadcast)(issued)
        return "" if await socket.receive_nothing() else (await socket.receive_envelope())["type"]


async def test_who_may_not_watch_any_more_hears_nothing(issued: IssuedKey) -> None:
    assert await first_event_of_a_private_stream(issued) == ""


async def test_the_owner_and_the_desk_hear_of_a_private_channel(issued: IssuedKey, editor: User) -> None:
    owner = await in_thread(lambda: User.objects.get(channels__slug="studio"))()
    for user in (owner, editor):
        assert await first_event_of_a_private_stream(issued, user=user) == "stream.admitted"
        await in_thread(Channel.objects.update)(visibility="PUBLIC")


def announce(issued: IssuedKey) -> UUID:
    """Announce a broadcast, change it, announce another and call that off; return the id of the first."""
    at, channel = clock.now(), issued.key.channel
    said: dict[str, Any] = {"channel": channel, "by": channel.owner, "at": at}
    first = announce_stream(title="Night", starts_at=at + timedelta(days=1), **said)
    change_plan(plan_id=first.pk, facts={"title": "Long night"}, by=channel.owner, at=at)
    other = announce_stream(title="Morning", starts_at=at + timedelta(days=2), **said)
    call_off_stream(plan_id=other.pk, by=channel.owner, at=at)
    return first.pk


async def test_the_page_of_a_channel_follows_what_is_announced(issued: IssuedKey) -> None:
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        plan_id = await in_thread(announce)(issued)
        events = [await socket.receive_envelope() for _ in range(4)]
    steps = ("announced", "changed", "announced", "cancelled")
    assert [event["type"] for event in events] == [f"stream_plan.{step}" for step in steps]
    coming_up = {event["data"]["id"]: event["data"] for event in events if not event["data"]["cancelled_at"]}
    coming_up = {key: plan for key, plan in coming_up.items() if key == str(plan_id)}
    async with open_socket(PATH) as socket:
        # Snapshot and events together are what a fresh snapshot says.
        assert (await socket.receive_envelope())["data"]["plans"] == list(coming_up.values())


async def test_who_may_not_watch_any_more_hears_nothing_of_what_is_announced(issued: IssuedKey) -> None:
    async with open_socket(PATH) as socket:
        await socket.receive_envelope()
        await in_thread(Channel.objects.update)(visibility="PRIVATE")
        channel = await in_thread(Channel.objects.select_related("owner").get)()
        issued.key.channel = channel
        await in_thread(announce)(issued)
        assert await socket.receive_nothing()
