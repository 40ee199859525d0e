"""The open pages of a channel and of a stream hear what becomes of it, and nobody else does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from channels.db import database_sync_to_async

from portal import clock
from portal.consumers import CloseCode
from portal.models import User
from streaming.models import Channel, PlannedStream, Stream
from streaming.services import live
from streaming.services.channels import create_channel, update_channel
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
        assert (await socket.receive_envelope())["data"]["stream"] == {**events[-1]["data"], "viewers": None}


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


# --- The list of who is on air ----------------------------------------------------------------------------------------

LIST = "/ws/live/"


async def change(channel: Channel, by: User, **facts: object) -> None:
    await in_thread(update_channel)(channel_id=channel.pk, facts=facts, by=by, at=clock.now())


async def test_the_list_follows_streams_by_what_its_cards_show(issued: IssuedKey) -> None:
    async with open_socket(LIST) as socket:
        assert (await socket.receive_envelope())["data"] == {"streams": []}
        stream_id = await in_thread(broadcast)(issued)
        events = [await socket.receive_envelope() for _ in range(6)]
    steps = ("admitted", "started", "playable", "interrupted", "resumed", "ended")
    assert [event["type"] for event in events] == [f"stream.{step}" for step in steps]
    phases = ("starting", "starting", "live", "reconnecting", "live", "ended")
    told = [{"id": str(stream_id), "channel": "studio", "phase": phase} for phase in phases]
    assert [event["data"] for event in events] == told


async def test_the_list_begins_with_who_is_on_air(issued: IssuedKey) -> None:
    stream = await in_thread(make_stream)(issued.key.channel)
    await in_thread(make_stream)(await in_thread(make_channel)(visibility="UNLISTED"))
    async with open_socket(LIST) as socket:
        told = [{"id": str(stream.pk), "channel": "studio", "phase": "live", "viewers": None}]
        assert (await socket.receive_envelope())["data"] == {"streams": told}


@pytest.mark.parametrize("visibility", ["UNLISTED", "PRIVATE"])
async def test_the_list_hears_nothing_of_channels_that_are_not_listed(
    issued: IssuedKey, editor: User, visibility: str
) -> None:
    await in_thread(Channel.objects.update)(visibility=visibility)
    # Not even those who see the channel elsewhere: it is no list of theirs.
    async with open_socket(LIST, user=editor) as socket:
        snapshot = await socket.receive_envelope()
        await in_thread(broadcast)(issued)
        await change(issued.key.channel, editor, title="Backstage", visibility="UNLISTED")
        assert await socket.receive_nothing()
        # Nor is there a gap in the numbers that would say so.
        await change(issued.key.channel, editor, visibility="PUBLIC")
        event = await socket.receive_envelope()
        assert event["seq"] == snapshot["seq"] + 1
        assert event["data"] == {"channel": "studio", "is_listed": True}


async def test_the_list_hears_of_channels_as_they_come_and_change_and_go(issued: IssuedKey, editor: User) -> None:
    channel = issued.key.channel
    async with open_socket(LIST) as socket:
        await socket.receive_envelope()
        await change(channel, editor, title="Harbour")
        await change(channel, editor, is_recorded=False)
        await change(channel, editor, visibility="PRIVATE")
        await in_thread(create_channel)(slug="new", title="New", owner=editor, by=editor, at=clock.now())
        events = [await socket.receive_envelope() for _ in range(3)]
        assert await socket.receive_nothing()
    assert {event["type"] for event in events} == {"channel.changed"}
    told = [(event["data"]["channel"], event["data"]["is_listed"]) for event in events]
    assert told == [("studio", True), ("studio", False), ("new", True)]


async def test_the_list_hears_of_what_public_channels_announce(issued: IssuedKey) -> None:
    async with open_socket(LIST) as socket:
        await socket.receive_envelope()
        plan_id = await in_thread(announce)(issued)
        event = await socket.receive_envelope()
    assert (event["type"], event["data"]["id"]) == ("stream_plan.announced", str(plan_id))
    await in_thread(Channel.objects.update)(visibility="UNLISTED")
    issued.key.channel = await in_thread(Channel.objects.select_related("owner").get)()
    async with open_socket(LIST) as socket:
        await socket.receive_envelope()
        await in_thread(PlannedStream.objects.all().delete)()
        await in_thread(announce)(issued)
        assert await socket.receive_nothing()


async def test_the_list_hears_nothing_of_tests(issued: IssuedKey) -> None:
    await in_thread(Channel.objects.update)(test_until=clock.now() + timedelta(minutes=15))
    async with open_socket(LIST) as socket:
        await socket.receive_envelope()
        await in_thread(broadcast)(issued)
        assert await socket.receive_nothing()
    async with open_socket(LIST) as socket:
        assert (await socket.receive_envelope())["data"] == {"streams": []}


async def test_what_viewers_can_choose_is_nothing_to_the_list(issued: IssuedKey) -> None:
    stream = await in_thread(make_stream)(issued.key.channel)
    async with open_socket(LIST) as socket:
        await socket.receive_envelope()
        report = {"qualities": [{"name": "720p"}], "warnings": []}
        await in_thread(live.report_qualities)(stream_id=stream.pk, at=clock.now(), **report)
        assert await socket.receive_nothing()
