"""`/api/v1/streams/` announces, `/api/v1/streams/planned/` reads, changes and calls off."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from portal import clock
from portal.models import User
from streaming.models import Channel, PlannedStream
from tests.factories import make_channel, make_plan, make_stream

pytestmark = pytest.mark.django_db

STREAMS = "/api/v1/streams/"
URL = f"{STREAMS}planned/"
DAY = timedelta(days=1)


@pytest.fixture
def channel(broadcaster: User) -> Channel:
    return make_channel(slug="harbour", owner=broadcaster)


@pytest.fixture
def owner(api: APIClient, channel: Channel) -> APIClient:
    api.force_authenticate(channel.owner)
    return api


def new(**said: Any) -> dict[str, Any]:
    starts_at = (clock.now() + DAY).isoformat()
    return {"channel": "harbour", "title": "Harbour night", "starts_at": starts_at} | said


def titles(answer: Any) -> list[str]:
    return [plan["title"] for plan in answer.json()["results"]]


def test_an_owner_announces_a_broadcast_once(owner: APIClient) -> None:
    said = new(description="Ships.")
    first = owner.post(STREAMS, said, headers={"Idempotency-Key": "once"})
    assert first.status_code == 201, first.content
    plan = first.json()
    assert first.headers["Location"] == f"{URL}{plan['id']}/"
    assert (plan["channel"], plan["title"], plan["cancelled_at"]) == ("harbour", "Harbour night", None)
    again = owner.post(STREAMS, said, headers={"Idempotency-Key": "once"})
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (plan, "true")
    refused = owner.post(STREAMS, said)
    assert (refused.status_code, refused.json()["code"]) == (409, "stream-plan-exists")
    assert owner.get(first.headers["Location"]).json() == plan
    assert PlannedStream.objects.count() == 1


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "two\nlines"}, "/title"),
        ({"title": "x" * 121}, "/title"),
        ({"description": "x" * 2001}, "/description"),
        ({"description": "a\x1bb"}, "/description"),
        ({"starts_at": "2030-01-01T20:00:00"}, "/starts_at"),
        ({"starts_at": "2020-01-01T20:00:00Z"}, "/starts_at"),
        ({"starts_at": "2999-01-01T20:00:00Z"}, "/starts_at"),
        ({"starts_at": None}, "/starts_at"),
        ({"channel": "a b"}, "/channel"),
        ({"purpose": "party"}, "/purpose"),
    ],
)
def test_what_cannot_be_announced_is_refused_with_the_place_of_the_fault(
    owner: APIClient, fault: dict[str, Any], pointer: str
) -> None:
    answer = owner.post(STREAMS, new(**fault))
    assert answer.status_code == 422, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not PlannedStream.objects.exists()


def test_nobody_announces_on_channels_of_others(api: APIClient, channel: Channel, viewer: User) -> None:
    assert api.post(STREAMS, new()).status_code == 401
    api.force_authenticate(viewer)
    assert api.post(STREAMS, new()).status_code == 403
    Channel.objects.update(visibility="PRIVATE")
    for said in (new(), new(channel="nowhere")):
        answer = api.post(STREAMS, said)
        assert answer.status_code == 422
        (fault,) = answer.json()["errors"]
        assert (fault["pointer"], fault["code"]) == ("/channel", "unknown_channel")
    assert not PlannedStream.objects.exists()


def test_strangers_are_told_what_public_channels_have_announced(api: APIClient, channel: Channel) -> None:
    now = clock.now()
    make_plan(channel, title="Later", starts_at=now + 2 * DAY)
    make_plan(channel, title="Soon", starts_at=now + DAY)
    make_plan(channel, title="Long ago", starts_at=now - DAY)
    make_plan(channel, title="Called off", starts_at=now + 3 * DAY, cancelled_at=now)
    make_plan(make_channel(slug="other"), title="Elsewhere", starts_at=now + 4 * DAY)
    for visibility in ("UNLISTED", "PRIVATE"):
        make_plan(make_channel(visibility=visibility), title="Hidden", starts_at=now + DAY)
    assert titles(api.get(URL)) == ["Soon", "Later", "Elsewhere"]
    assert titles(api.get(f"{URL}?channel=harbour")) == ["Soon", "Later"]
    assert api.get(f"{URL}?state=soon").status_code == 400
    first = api.get(f"{URL}?page_size=1")
    assert titles(api.get(first.json()["next"])) == ["Later"]


def test_owners_and_the_desk_are_told_of_private_ones(
    api: APIClient, channel: Channel, editor: User, stranger: User
) -> None:
    Channel.objects.update(visibility="PRIVATE")
    plan = make_plan(channel, starts_at=clock.now() + DAY)
    for user, sees in ((None, False), (stranger, False), (channel.owner, True), (editor, True)):
        api.force_authenticate(user)
        assert (len(titles(api.get(URL))) == 1) is sees
        assert api.get(f"{URL}{plan.pk}/").status_code == (200 if sees else 404)


def test_who_has_the_address_reads_a_plan_of_an_unlisted_channel(api: APIClient) -> None:
    plan = make_plan(make_channel(visibility="UNLISTED"))
    assert api.get(f"{URL}{plan.pk}/").status_code == 200


def test_an_owner_changes_a_part_and_calls_off(owner: APIClient, channel: Channel) -> None:
    starts_at = clock.now() + DAY
    plan = make_plan(channel, description="Ships.", starts_at=starts_at)
    answer = owner.patch(f"{URL}{plan.pk}/", {"title": "Mended"})
    assert (answer.status_code, answer.json()["title"], answer.json()["description"]) == (200, "Mended", "Ships.")
    assert owner.patch(f"{URL}{plan.pk}/", {"channel": "other"}).status_code == 422
    for _ in range(2):
        assert owner.delete(f"{URL}{plan.pk}/").status_code == 204
    assert owner.get(f"{URL}{plan.pk}/").json()["cancelled_at"] is not None
    over = owner.patch(f"{URL}{plan.pk}/", {"title": "Too late"})
    assert (over.status_code, over.json()["code"]) == (409, "stream-plan-is-over")


def test_a_stream_tells_which_plan_it_carries_out(api: APIClient, channel: Channel) -> None:
    plan = make_plan(channel, title="Harbour night")
    make_stream(channel, plan=plan, title=plan.title)
    (told,) = api.get(STREAMS).json()["results"]
    assert (told["title"], told["plan"]) == ("Harbour night", str(plan.pk))
