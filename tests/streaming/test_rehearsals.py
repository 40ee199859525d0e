"""Streams for testing: whoever runs the channel sees them, and nobody else finds a trace of them."""

from datetime import datetime, timedelta

import pytest
from channels.db import database_sync_to_async
from django.test import Client
from rest_framework.test import APIClient

from portal import clock
from portal.models import AuditEntry, User
from streaming.models import Channel, PlannedStream, Stream
from streaming.services import live
from streaming.services.ingest import admit_publisher
from streaming.services.rehearsals import ARMED_FOR, arm_test, disarm_test
from streaming.services.stream_keys import IssuedKey
from tests.factories import AT, make_channel, make_plan, make_stream, make_stream_key, make_user
from tests.sockets import open_socket

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
in_thread = database_sync_to_async
API = "/api/v1/"
PAGE, STUDIO = "/live/harbour/", "/studio/harbour/"


@pytest.fixture
def channel(broadcaster: User) -> Channel:
    return make_channel(slug="harbour", title="Harbour", owner=broadcaster)


@pytest.fixture
def rehearsal(channel: Channel) -> Stream:
    return make_stream(channel, is_test=True, is_recorded=False)


def admitted(issued: IssuedKey, at: datetime) -> Stream:
    return Stream.objects.get(pk=admit_publisher(presented_secret=issued.secret, at=at).stream_id)


def page_of(client: Client, path: str) -> str:
    return client.get(path, headers={"User-Agent": "Mozilla/5.0"}).content.decode()


# --- Which streams are tests ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "is_test"), [(timedelta(0), True), (ARMED_FOR - MINUTE, True), (ARMED_FOR, False)])
def test_what_begins_in_time_is_a_test_and_is_not_recorded(channel: Channel, after: timedelta, is_test: bool) -> None:
    issued = make_stream_key(channel=channel)
    assert arm_test(channel_id=channel.pk, by=channel.owner, at=AT) == AT + ARMED_FOR
    stream = admitted(issued, AT + after)
    assert (stream.is_test, stream.is_recorded) == (is_test, not is_test)


def test_an_encoder_that_tries_again_makes_another_test(channel: Channel) -> None:
    issued = make_stream_key(channel=channel)
    arm_test(channel_id=channel.pk, by=channel.owner, at=AT)
    first = admitted(issued, AT)
    live.end_stream(stream_id=first.pk, reason=Stream.EndReason.IDLE, at=AT + MINUTE)
    assert admitted(issued, AT + 2 * MINUTE).is_test


def test_what_begins_after_it_was_called_off_is_shown(channel: Channel) -> None:
    issued = make_stream_key(channel=channel)
    arm_test(channel_id=channel.pk, by=channel.owner, at=AT)
    for _ in range(2):
        disarm_test(channel_id=channel.pk, by=channel.owner, at=AT + MINUTE)
    assert not admitted(issued, AT + MINUTE).is_test
    trail = AuditEntry.objects.filter(action__startswith="channel.test").order_by("pk")
    assert [entry.action for entry in trail] == ["channel.test_armed", "channel.test_disarmed"]


def test_a_test_carries_out_nothing_that_is_announced(channel: Channel) -> None:
    plan = make_plan(channel, starts_at=AT)
    stream = make_stream(channel, phase="pending", is_test=True)
    live.mark_active(stream_id=stream.pk, facts={}, at=AT)
    stream.refresh_from_db()
    assert stream.plan is None
    assert list(PlannedStream.objects.coming_up(AT + MINUTE)) == [plan]


# --- Who sees them ----------------------------------------------------------------------------------------------------


def seen_in_api(api: APIClient, stream: Stream) -> dict[str, bool]:
    listed = api.get(f"{API}streams/").json()["results"]
    (told,) = api.get(f"{API}channels/").json()["results"]
    return {
        "list": bool(listed),
        "channels": told["stream"] is not None,
        "channel": api.get(f"{API}channels/harbour/").json()["stream"] is not None,
        "stream": api.get(f"{API}streams/{stream.pk}/").status_code == 200,
        "playback": api.post(f"{API}streams/{stream.pk}/playback/").status_code == 201,
    }


@pytest.mark.parametrize(("who", "sees"), [("", False), ("stranger", False), ("broadcaster", True), ("editor", True)])
def test_the_api_tells_of_tests_only_those_who_run_the_channel(
    request: pytest.FixtureRequest, api: APIClient, rehearsal: Stream, who: str, sees: bool
) -> None:
    api.force_authenticate(request.getfixturevalue(who) if who else None)
    assert set(seen_in_api(api, rehearsal).values()) == {sees}


def test_another_broadcaster_is_told_nothing_of_them(api: APIClient, rehearsal: Stream) -> None:
    other = make_channel().owner
    api.force_authenticate(other)
    assert api.get(f"{API}streams/").json()["results"] == []
    assert api.get(f"{API}streams/{rehearsal.pk}/").status_code == 404
    assert api.post(f"{API}streams/{rehearsal.pk}/end/").status_code == 404


def test_to_viewers_the_channel_is_off_air(client: Client, rehearsal: Stream) -> None:
    assert 'data-phase="offline"' in page_of(client, PAGE)
    assert str(rehearsal.pk) not in page_of(client, PAGE)
    html = page_of(client, "/live/")
    assert "Nobody is on air" in html
    assert "Harbour" in html.partition('data-region="off-air"')[2]
    assert "Live now" not in page_of(client, "/")


def test_a_test_that_is_over_was_no_broadcast(client: Client, channel: Channel) -> None:
    make_stream(channel, phase="ended", is_test=True)
    assert "The last broadcast ended" not in page_of(client, PAGE)


def test_the_owner_watches_it_on_the_page_and_in_the_studio(client: Client, rehearsal: Stream) -> None:
    client.force_login(rehearsal.channel.owner)
    assert 'data-phase="live"' in page_of(client, PAGE)
    assert "This is a test" in page_of(client, STUDIO)


def broadcast_test(issued: IssuedKey) -> None:
    arm_test(channel_id=issued.key.channel_id, by=issued.key.channel.owner, at=clock.now())
    stream = admitted(issued, clock.now())
    live.mark_active(stream_id=stream.pk, facts={}, at=clock.now())
    live.mark_playable(stream_id=stream.pk, at=clock.now())


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_owner", [False, True])
async def test_sockets_tell_of_tests_only_those_who_run_the_channel(is_owner: bool) -> None:
    issued = await in_thread(make_stream_key)(channel=await in_thread(make_channel)(slug="harbour"))
    user = issued.key.channel.owner if is_owner else await in_thread(make_user)()
    async with open_socket("/ws/channels/harbour/", user=user) as socket:
        await socket.receive_envelope()
        await in_thread(broadcast_test)(issued)
        if is_owner:
            assert (await socket.receive_envelope())["data"]["is_test"] is True
        else:
            assert await socket.receive_nothing()
    async with open_socket("/ws/channels/harbour/", user=user) as socket:
        assert ((await socket.receive_envelope())["data"]["stream"] is not None) is is_owner


# --- Armed ------------------------------------------------------------------------------------------------------------


def test_the_api_arms_a_test_for_whoever_runs_the_channel(api: APIClient, channel: Channel, stranger: User) -> None:
    said = {"channel": "harbour", "purpose": "test"}
    api.force_authenticate(stranger)
    assert api.post(f"{API}streams/", said).status_code == 403
    api.force_authenticate(channel.owner)
    answer = api.post(f"{API}streams/", said)
    channel.refresh_from_db()
    assert answer.status_code == 201
    assert answer.json()["purpose"] == "test"
    assert channel.test_until is not None
    assert answer.json()["until"] == channel.test_until.isoformat().replace("+00:00", "Z")
    assert not PlannedStream.objects.exists()


@pytest.mark.parametrize("name", ["title", "description", "starts_at"])
def test_a_test_is_not_announced(api: APIClient, channel: Channel, name: str) -> None:
    api.force_authenticate(channel.owner)
    value = clock.now().isoformat() if name == "starts_at" else "Night"
    answer = api.post(f"{API}streams/", {"channel": "harbour", "purpose": "test", name: value})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [f"/{name}"]


def test_the_studio_arms_and_disarms(client: Client, channel: Channel) -> None:
    client.force_login(channel.owner)
    html = client.post(f"{STUDIO}test/", {"is_test": "1"}, follow=True).content.decode()
    assert "viewers do not see it" in html
    assert Channel.objects.get().test_until is not None
    html = client.post(f"{STUDIO}test/", follow=True).content.decode()
    assert "Broadcast for testing" in html
    assert Channel.objects.get().test_until is None
    client.force_login(make_user())
    assert client.post(f"{STUDIO}test/", {"is_test": "1"}).status_code == 403
