"""`/api/v1/channels/`: places to stream to."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from portal.models import User
from streaming.models import Channel, PlaybackRevocation
from tests.factories import make_channel, make_stream

pytestmark = pytest.mark.django_db

URL = "/api/v1/channels/"
NEW = {"slug": "studio-two", "title": "Studio Two"}


@pytest.fixture
def desk(api: APIClient, editor: User) -> APIClient:
    api.force_authenticate(editor)
    return api


def slugs(answer: Any) -> list[str]:
    return [channel["slug"] for channel in answer.json()["results"]]


def test_strangers_are_told_of_public_channels_and_of_what_is_on_air(api: APIClient) -> None:
    stream = make_stream(make_channel(slug="a", title="On air", visibility="PUBLIC"))
    make_stream(make_channel(slug="b"), phase="ended")
    make_channel(slug="c", visibility="UNLISTED")
    make_channel(slug="d", visibility="PRIVATE")
    answer = api.get(URL)
    assert slugs(answer) == ["a", "b"]
    on_air, off_air = answer.json()["results"]
    assert (on_air["stream"]["id"], on_air["stream"]["phase"]) == (str(stream.pk), "live")
    assert off_air["stream"] is None


def test_owners_and_the_desk_are_told_of_all_of_theirs(api: APIClient, broadcaster: User, editor: User) -> None:
    make_channel(slug="mine", visibility="PRIVATE", owner=broadcaster)
    make_channel(slug="other", visibility="PRIVATE")
    api.force_authenticate(broadcaster)
    assert slugs(api.get(URL)) == ["mine"]
    api.force_authenticate(editor)
    assert slugs(api.get(URL)) == ["mine", "other"]


@pytest.mark.parametrize(("visibility", "status"), [("PUBLIC", 200), ("UNLISTED", 200), ("PRIVATE", 404)])
def test_who_has_the_address_of_a_channel_sees_what_is_not_private(
    api: APIClient, visibility: str, status: int
) -> None:
    make_channel(slug="studio", visibility=visibility)
    assert api.get(f"{URL}studio/").status_code == status


def test_an_editor_makes_a_channel_once(desk: APIClient, editor: User) -> None:
    first = desk.post(URL, NEW, headers={"Idempotency-Key": "once"})
    assert first.status_code == 201, first.content
    assert first.headers["Location"] == f"{URL}studio-two/"
    assert desk.post(URL, NEW, headers={"Idempotency-Key": "once"}).headers["Idempotency-Replayed"] == "true"
    channel = Channel.objects.get()
    assert (channel.owner, channel.visibility, channel.dvr_s, channel.is_recorded) == (editor, "PUBLIC", 3600, True)


def test_an_address_that_is_taken_is_refused(desk: APIClient) -> None:
    make_channel(slug="studio-two")
    answer = desk.post(URL, NEW)
    assert (answer.status_code, answer.json()["code"]) == (409, "channel-exists")


@pytest.mark.parametrize(
    ("fault", "pointer"),
    [
        ({"slug": "a b"}, "/slug"),
        ({"title": ""}, "/title"),
        ({"title": "two\nlines"}, "/title"),
        ({"dvr_s": 29}, "/dvr_s"),
        ({"dvr_s": 10801}, "/dvr_s"),
        ({"visibility": "HIDDEN"}, "/visibility"),
        ({"owner": 1}, "/owner"),
        ({"description": "x" * 5001}, "/description"),
    ],
)
def test_what_is_no_channel_is_refused_with_the_place_of_the_fault(
    desk: APIClient, fault: dict[str, Any], pointer: str
) -> None:
    answer = desk.post(URL, {**NEW, **fault})
    assert answer.status_code == 422, answer.content
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Channel.objects.exists()


def test_a_channel_that_becomes_private_cuts_off_its_viewers(api: APIClient, broadcaster: User) -> None:
    channel = make_channel(slug="studio", owner=broadcaster)
    api.force_authenticate(broadcaster)
    assert api.patch(f"{URL}studio/", {"title": "New", "dvr_s": 60}).json()["dvr_s"] == 60
    assert not PlaybackRevocation.objects.exists()
    assert api.patch(f"{URL}studio/", {"visibility": "PRIVATE"}).json()["title"] == "New"
    assert PlaybackRevocation.objects.get().subject == f"channel:{channel.pk}"


def test_the_address_of_a_channel_stays(desk: APIClient) -> None:
    make_channel(slug="studio")
    assert desk.patch(f"{URL}studio/", {"slug": "other"}).status_code == 422
