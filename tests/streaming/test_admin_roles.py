"""Who may do what at the desk of the streaming app: each role, each page."""

from datetime import timedelta

import pytest
from django.test import Client

from portal import clock
from portal.accounts.roles import Role
from streaming.models import Channel, PlannedStream, QualityLevel, StreamKey
from streaming.services.ingest import admit_publisher
from tests.factories import (
    AT,
    make_channel,
    make_package,
    make_plan,
    make_stream_key,
    make_upload,
    make_user,
    receive_source,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_ladder")]

DESK = "/admin/streaming"
SIGN_IN, SHOWN, FORBIDDEN = "sign in", 200, 403
# What a GET is answered with. Viewers and broadcasters are no staff: the admin asks them to sign in as somebody else.
READING = {
    "channel/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "channel/add/": {Role.EDITOR: SHOWN, Role.OPERATOR: FORBIDDEN},
    "channel/{channel}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "channel/{channel}/issue-key/": {Role.EDITOR: SHOWN, Role.OPERATOR: FORBIDDEN},
    "channel/{channel}/delete/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "streamkey/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "streamkey/add/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "streamkey/{key}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "streamkey/{key}/delete/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "source/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "source/add/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "source/{source}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "source/{source}/delete/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "source/{source}/package-again/": {Role.EDITOR: SHOWN, Role.OPERATOR: FORBIDDEN},
    "packagingjob/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "packagingjob/add/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "packagingjob/{job}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "packagingjob/{job}/history/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "packagingjob/{job}/delete/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "package/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "package/add/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "package/{package}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "package/{package}/delete/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "qualitylevel/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "qualitylevel/add/": {Role.EDITOR: SHOWN, Role.OPERATOR: FORBIDDEN},
    "qualitylevel/{level}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "qualitylevel/{level}/delete/": {Role.EDITOR: SHOWN, Role.OPERATOR: FORBIDDEN},
    "plannedstream/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "plannedstream/add/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "plannedstream/{plan}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "plannedstream/{plan}/history/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "plannedstream/{plan}/delete/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "stream/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "stream/add/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
    "stream/{stream}/change/": {Role.EDITOR: SHOWN, Role.OPERATOR: SHOWN},
    "stream/{stream}/delete/": {Role.EDITOR: FORBIDDEN, Role.OPERATOR: FORBIDDEN},
}


@pytest.fixture
def places() -> dict[str, object]:
    """The ids of a channel, its key and its stream, of a source with its job and package, and of a quality level."""
    issued = make_stream_key(channel=make_channel(title="Old title"))
    stream_id = admit_publisher(presented_secret=issued.secret, at=AT).stream_id
    source = receive_source(make_upload(state="FINISHED"))
    return {
        "channel": issued.key.channel_id,
        "key": issued.key.pk,
        "stream": stream_id,
        "plan": make_plan(issued.key.channel, starts_at=clock.now() + timedelta(days=1)).pk,
        "source": source.pk,
        "job": source.jobs.get().pk,
        "package": make_package(source).pk,
        "level": QualityLevel.objects.get(name="720p").pk,
    }


def sign_in(client: Client, role: Role) -> None:
    client.force_login(make_user(role))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", READING)
def test_each_role_sees_what_it_may(client: Client, places: dict[str, object], page: str, role: Role) -> None:
    sign_in(client, role)
    answer = client.get(f"{DESK}/{page.format(**places)}")
    expected = READING[page].get(role, SIGN_IN)
    if expected == SIGN_IN:
        assert answer.status_code == 302
        assert "/login/" in answer.headers["location"]
    else:
        assert answer.status_code == expected


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EDITOR])
def test_only_an_editor_changes_a_channel(client: Client, places: dict[str, object], role: Role) -> None:
    sign_in(client, role)
    channel = Channel.objects.get()
    form = {"title": "New title", "description": "", "owner": channel.owner_id}
    client.post(f"{DESK}/channel/{channel.pk}/change/", form)
    channel.refresh_from_db()
    assert channel.title == "Old title"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EDITOR])
def test_only_an_editor_makes_channels_and_keys(client: Client, places: dict[str, object], role: Role) -> None:
    sign_in(client, role)
    owner = Channel.objects.get().owner_id
    client.post(f"{DESK}/channel/add/", {"title": "Mine", "slug": "mine", "description": "", "owner": owner})
    client.post(f"{DESK}/channel/{places['channel']}/issue-key/", {"label": "Mine"})
    assert (Channel.objects.count(), StreamKey.objects.count()) == (1, 1)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EDITOR])
def test_only_an_editor_changes_the_ladder(client: Client, places: dict[str, object], role: Role) -> None:
    sign_in(client, role)
    before = list(QualityLevel.objects.order_by("pk").values())
    form = {"name": "x", "codec": "H264", "width_px": 100, "height_px": 100, "bitrate_bps": 100_000}
    client.post(f"{DESK}/qualitylevel/add/", form)
    client.post(f"{DESK}/qualitylevel/{places['level']}/change/", form)
    client.post(f"{DESK}/qualitylevel/{places['level']}/delete/", {"post": "yes"})
    for action in ("switch_on", "switch_off", "delete_selected"):
        client.post(f"{DESK}/qualitylevel/", {"action": action, "_selected_action": [places["level"]], "post": "yes"})
    assert list(QualityLevel.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("role", Role)
def test_only_an_editor_calls_broadcasts_off(client: Client, places: dict[str, object], role: Role) -> None:
    sign_in(client, role)
    client.post(f"{DESK}/plannedstream/", {"action": "call_off_selected", "_selected_action": [places["plan"]]})
    assert (PlannedStream.objects.get().cancelled_at is not None) is (role is Role.EDITOR)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.EDITOR])
def test_only_an_editor_revokes_keys(client: Client, places: dict[str, object], role: Role) -> None:
    sign_in(client, role)
    client.post(f"{DESK}/streamkey/", {"action": "revoke_selected", "_selected_action": [places["key"]]})
    assert StreamKey.objects.get().revoked_at is None


def test_an_editor_cannot_change_a_key_or_a_stream_by_hand(client: Client, places: dict[str, object]) -> None:
    sign_in(client, Role.EDITOR)
    client.post(f"{DESK}/streamkey/{places['key']}/change/", {"label": "Changed", "expires_at": ""})
    answer = client.post(f"{DESK}/stream/{places['stream']}/change/", {"state": "ENDED"})
    assert answer.status_code == 403
    assert StreamKey.objects.get().label == "OBS"


def test_no_page_of_the_desk_shows_a_secret_or_its_hash(client: Client, places: dict[str, object]) -> None:
    sign_in(client, Role.EDITOR)
    hashed = StreamKey.objects.get().secret_sha256
    shown = [page for page, answers in READING.items() if answers[Role.EDITOR] == SHOWN]
    assert all(hashed not in client.get(f"{DESK}/{page.format(**places)}").content.decode() for page in shown)
