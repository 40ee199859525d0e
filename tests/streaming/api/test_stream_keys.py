"""`/api/v1/channels/<slug>/stream-keys/`: who may publish."""

from datetime import timedelta

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from portal.models import RememberedAnswer, User
from streaming.errors import StreamKeyUnknown
from streaming.models import StreamKey
from streaming.services.ingest import admit_publisher
from tests.factories import AT, make_channel, make_stream_key

pytestmark = pytest.mark.django_db

URL = "/api/v1/channels/studio/stream-keys/"


@pytest.fixture
def owner(api: APIClient, broadcaster: User) -> APIClient:
    make_channel(slug="studio", owner=broadcaster)
    api.force_authenticate(broadcaster)
    return api


def test_a_new_key_is_shown_once_with_its_server(owner: APIClient) -> None:
    answer = owner.post(URL, {"label": "OBS"}, headers={"Idempotency-Key": "never-kept"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    secret = answer.json()["secret"]
    assert answer.json()["server"] == settings.NOVA_RTMP_URL
    assert answer.json()["secure_server"] is None
    assert admit_publisher(presented_secret=secret, at=AT).channel_slug == "studio"
    assert secret not in owner.get(URL).content.decode()
    assert not RememberedAnswer.objects.exists()


def test_a_rotated_key_admits_nobody_and_the_one_in_its_place_does(owner: APIClient) -> None:
    first = owner.post(URL, {"label": "OBS", "expires_at": (AT + timedelta(days=9)).isoformat()}).json()
    second = owner.post(f"{URL}{first['id']}/rotate/").json()
    assert (second["label"], second["expires_at"]) == ("OBS", first["expires_at"])
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=first["secret"], at=AT)
    assert admit_publisher(presented_secret=second["secret"], at=AT).channel_slug == "studio"
    again = owner.post(f"{URL}{first['id']}/rotate/")
    assert (again.status_code, again.json()["code"]) == (409, "stream-key-is-revoked")


def test_a_revoked_key_is_listed_as_such(owner: APIClient) -> None:
    key = owner.post(URL, {"label": "OBS"}).json()
    assert owner.delete(f"{URL}{key['id']}/").status_code == 204
    (listed,) = owner.get(URL).json()["results"]
    assert listed["revoked_at"] is not None
    assert "secret" not in listed


def test_the_key_of_another_channel_is_not_found(owner: APIClient) -> None:
    other = make_stream_key()
    assert owner.delete(f"{URL}{other.key.pk}/").status_code == 404
    assert StreamKey.objects.get(pk=other.key.pk).revoked_at is None


def test_a_private_channel_of_somebody_else_is_not_found(owner: APIClient) -> None:
    make_channel(slug="secret", visibility="PRIVATE")
    assert owner.get("/api/v1/channels/secret/stream-keys/").status_code == 404


def test_a_channel_has_only_so_many_usable_keys(owner: APIClient) -> None:
    keys = [owner.post(URL, {"label": f"Camera {number}"}).json() for number in range(20)]
    answer = owner.post(URL, {"label": "One more"})
    assert (answer.status_code, answer.json()["code"], answer.json()["most"]) == (409, "too-many-stream-keys", 20)
    # One in the place of another makes no more of them.
    assert owner.post(f"{URL}{keys[0]['id']}/rotate/").status_code == 201


@pytest.mark.parametrize("body", [{}, {"label": ""}, {"label": "x" * 81}, {"label": "a", "secret": "mine"}])
def test_what_is_no_key_is_refused(owner: APIClient, body: dict[str, str]) -> None:
    assert owner.post(URL, body).status_code == 422
    assert not StreamKey.objects.exists()
