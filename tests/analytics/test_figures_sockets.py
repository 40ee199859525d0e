"""The sockets of figures: a snapshot first, then seconds as they are counted, to whose affair they are."""

from datetime import datetime, timedelta

import pytest
from channels.db import database_sync_to_async

from analytics.events import AudienceSampled, StreamSampled
from portal import clock, events
from portal.accounts.roles import Role
from portal.consumers import CloseCode
from portal.models import User
from streaming.models import Stream
from tests.analytics.figures import make_seconds, make_subject
from tests.factories import make_channel, make_stream, make_user
from tests.sockets import open_socket
from tests.streaming.origin_samples import write_samples

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

in_thread = database_sync_to_async


@pytest.fixture
def person(transactional_db: None) -> User:
    return make_user(Role.OPERATOR)


@pytest.fixture
def stream(transactional_db: None) -> Stream:
    return make_stream(make_channel(owner=make_user(Role.BROADCASTER)))


def count(stream: Stream, *, ago_s: int) -> datetime:
    """Count a portal of five and a stream of three, some seconds ago; return the second."""
    at = clock.now().replace(microsecond=0) - timedelta(seconds=ago_s)
    make_seconds(make_subject(), at, [5], sealed=False)
    make_seconds(make_subject(stream), at, [3], sealed=False, ingress_bps=4_000_000)
    return at


async def test_the_dashboard_begins_with_what_is_known_and_goes_on_with_each_second(
    person: User, stream: Stream
) -> None:
    at = await in_thread(count)(stream, ago_s=2)
    async with open_socket("/ws/dashboard/", user=person) as socket:
        data = (await socket.receive_envelope())["data"]
        assert (data["at"], data["is_late"]) == (int(at.timestamp()), False)
        assert [row["subject"] for row in data["subjects"]] == ["portal", f"stream:{stream.pk}"]
        assert data["subjects"][0]["viewers"] == 5
        assert data["window"]["series"]["viewers"] == [5]
        subjects = ({"subject": "portal", "title": "", "viewers": 6},)
        sampled = AudienceSampled(at=int(at.timestamp()) + 1, subjects=subjects)
        await in_thread(events.publish_all)([sampled], at=at)
        envelope = await socket.receive_envelope()
    assert envelope["type"] == "audience.sampled"
    assert envelope["data"]["subjects"] == [{"subject": "portal", "title": "", "viewers": 6}]


async def test_both_sockets_begin_with_what_encoders_do(person: User, stream: Stream) -> None:
    await in_thread(count)(stream, ago_s=2)
    await in_thread(write_samples)(stream, is_sending=False)
    async with open_socket("/ws/dashboard/", user=person) as socket:
        portal, channel = (await socket.receive_envelope())["data"]["subjects"]
    assert "health" not in portal
    assert channel["health"] == {"verdict": "bad", "findings": ["encoder-away"]}
    async with open_socket(f"/ws/streams/{stream.pk}/metrics/", user=stream.channel.owner) as socket:
        health = (await socket.receive_envelope())["data"]["health"]
    assert (health["verdict"], health["findings"][0]["title"]) == ("bad", "Nothing comes from the encoder")


async def test_figures_that_stopped_coming_are_late(person: User, stream: Stream) -> None:
    await in_thread(count)(stream, ago_s=20)
    async with open_socket("/ws/dashboard/", user=person) as socket:
        data = (await socket.receive_envelope())["data"]
    assert data["is_late"]
    assert 20 <= data["age_s"] < 25


async def test_where_nothing_is_counted_nothing_is_made_up(person: User) -> None:
    async with open_socket("/ws/dashboard/", user=person) as socket:
        data = (await socket.receive_envelope())["data"]
    assert (data["at"], data["age_s"], data["is_late"], data["subjects"]) == (None, None, True, [])
    assert data["window"]["series"]["viewers"] == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR, Role.BROADCASTER, None])
async def test_to_others_there_is_no_dashboard(transactional_db: None, role: Role | None) -> None:
    user = await in_thread(make_user)(role) if role else None
    async with open_socket("/ws/dashboard/", user=user) as socket:
        assert await socket.receive_close_code() == CloseCode.UNKNOWN


async def test_who_runs_a_stream_follows_its_figures(stream: Stream) -> None:
    at = await in_thread(count)(stream, ago_s=2)
    async with open_socket(f"/ws/streams/{stream.pk}/metrics/", user=stream.channel.owner) as socket:
        data = (await socket.receive_envelope())["data"]
        assert (data["metrics"]["viewers"], data["metrics"]["ingress_bps"]) == (3, 4_000_000)
        assert data["window"]["subject"] == f"stream:{stream.pk}"
        health = {"verdict": "good", "findings": []}
        metrics = {"viewers": 4, "sessions": 4}
        sampled = StreamSampled(stream=str(stream.pk), at=int(at.timestamp()) + 1, metrics=metrics, health=health)
        await in_thread(events.publish_all)([sampled], at=at)
        envelope = await socket.receive_envelope()
    assert envelope["type"] == "stream_metrics.sampled"
    assert envelope["data"]["metrics"] == {"viewers": 4, "sessions": 4}
    assert envelope["data"]["health"] == {"verdict": "good", "findings": []}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BROADCASTER, None])
async def test_to_others_a_stream_has_no_figures(stream: Stream, role: Role | None) -> None:
    user = await in_thread(make_user)(role) if role else None
    async with open_socket(f"/ws/streams/{stream.pk}/metrics/", user=user) as socket:
        assert await socket.receive_close_code() == CloseCode.UNKNOWN
