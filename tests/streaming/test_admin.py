import re
from datetime import timedelta

import pytest
from django.test import Client

from portal import clock
from portal.models import AuditEntry, User
from streaming.models import Channel, Stream, StreamKey
from streaming.services.ingest import admit_publisher
from tests.factories import AT, make_channel, make_package, make_plan, make_stream, make_stream_key

pytestmark = pytest.mark.django_db

# What the form of a channel sends beside its name.
MORE = {"visibility": "PUBLIC", "dvr_s": "3600", "is_recorded": "on"}


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    """An editor's browser at the admin."""
    client.force_login(editor)
    return client


def test_an_editor_adds_a_channel_and_the_trail_says_so(desk: Client, editor: User) -> None:
    form = {"title": "Late show", "slug": "late-show", "description": "", "owner": editor.pk, **MORE}
    assert desk.post("/admin/streaming/channel/add/", form).status_code == 302
    assert Channel.objects.get().title == "Late show"
    assert AuditEntry.objects.get(action="channel.created").actor == editor


def test_an_editor_changes_a_channel_but_not_its_address(desk: Client) -> None:
    channel = make_channel(slug="stays")
    form = {"title": "New title", "slug": "moved", "description": "", "owner": channel.owner_id, **MORE}
    assert desk.post(f"/admin/streaming/channel/{channel.pk}/change/", form).status_code == 302
    channel.refresh_from_db()
    assert (channel.title, channel.slug) == ("New title", "stays")
    entry = AuditEntry.objects.get(action="channel.updated")
    assert entry.after == {"title": "New title"}


def test_a_channel_that_changes_hands_says_that_its_keys_are_gone(desk: Client, editor: User) -> None:
    channel = make_channel()
    stream = make_stream(channel, key=make_stream_key(channel=channel).key)
    address = f"/admin/streaming/channel/{channel.pk}/change/"
    assert "A new owner needs new keys" in desk.get(address).content.decode()
    form = {"title": channel.title, "description": "", "owner": editor.pk, **MORE}
    page = desk.post(address, form, follow=True).content.decode()
    assert "The channel has changed hands: 1 key was revoked." in page
    stream.refresh_from_db()
    assert stream.end_reason == "KEY_REVOKED"
    # Changing anything else does nothing to them.
    key = make_stream_key(channel=Channel.objects.get()).key
    assert "changed hands" not in desk.post(address, {**form, "title": "Another"}, follow=True).content.decode()
    assert StreamKey.objects.get(pk=key.pk).revoked_at is None


def test_a_title_is_asked_for(desk: Client, editor: User) -> None:
    answer = desk.post("/admin/streaming/channel/add/", {"title": "", "slug": "x", "owner": editor.pk})
    assert answer.status_code == 200
    assert not Channel.objects.exists()


def test_a_key_is_shown_once_and_admits_an_encoder(desk: Client) -> None:
    channel = make_channel()
    address = f"/admin/streaming/channel/{channel.pk}/issue-key/"
    first = desk.post(address, {"label": "OBS at home"}, follow=True)
    found = re.search(r"Key: ([0-9a-f]{8}-[\w-]+)", first.content.decode())
    assert found is not None
    assert admit_publisher(presented_secret=found.group(1), at=AT).channel_slug == channel.slug
    again = desk.get(f"/admin/streaming/channel/{channel.pk}/change/")
    assert found.group(1) not in again.content.decode()


def test_a_link_alone_issues_no_key(desk: Client) -> None:
    address = f"/admin/streaming/channel/{make_channel(title='Late show').pk}/issue-key/"
    assert "A stream key for Late show" in desk.get(address).content.decode()
    assert "This field is required" in desk.post(address, {"label": ""}).content.decode()
    assert not StreamKey.objects.exists()


def test_a_revoked_key_shows_as_revoked(desk: Client) -> None:
    key = make_stream_key(label="Old van").key
    form = {"action": "revoke_selected", "_selected_action": [key.pk]}
    page = desk.post("/admin/streaming/streamkey/", form, follow=True).content.decode()
    assert "1 key admits nobody any more." in page
    assert "Revoked" in page
    assert StreamKey.objects.get().revoked_at is not None


def test_the_list_says_which_channel_is_on_air(desk: Client) -> None:
    make_channel(title="Silent")
    admit_publisher(presented_secret=make_stream_key(channel=make_channel(title="Loud")).secret, at=AT)
    page = desk.get("/admin/streaming/channel/").content.decode()
    assert page.count("On air") == 1
    assert page.count("Off air") == 1


def test_streams_are_read_and_never_written_by_hand(desk: Client) -> None:
    stream_id = admit_publisher(presented_secret=make_stream_key().secret, at=AT).stream_id
    assert desk.get(f"/admin/streaming/stream/{stream_id}/change/").status_code == 200
    assert desk.get("/admin/streaming/stream/add/").status_code == 403
    assert desk.post(f"/admin/streaming/stream/{stream_id}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("page", ["channel", "streamkey", "stream"])
def test_somebody_without_a_role_sees_none_of_it(client: Client, stranger: User, page: str) -> None:
    client.force_login(stranger)
    assert client.get(f"/admin/streaming/{page}/").status_code == 302


@pytest.mark.parametrize("key", ["somebody", "\0", "9" * 40])
def test_an_owner_that_cannot_be_one_is_refused_in_the_form(desk: Client, key: str) -> None:
    response = desk.post("/admin/streaming/channel/add/", {"title": "Late show", "slug": "late-show", "owner": key})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["owner"]


def test_the_history_of_a_channel_is_told_in_words(desk: Client, editor: User) -> None:
    form = {"title": "Late show", "slug": "late-show", "description": "", "owner": editor.pk, **MORE}
    desk.post("/admin/streaming/channel/add/", form)
    page = desk.get(f"/admin/streaming/channel/{Channel.objects.get().pk}/history/").content.decode()
    assert "Added" in page
    assert "channel.created" not in page


def test_an_editor_makes_a_channel_private_that_keeps_nothing(desk: Client) -> None:
    channel = make_channel()
    form = {"title": channel.title, "description": "", "owner": channel.owner_id, "visibility": "PRIVATE", "dvr_s": 60}
    assert desk.post(f"/admin/streaming/channel/{channel.pk}/change/", form).status_code == 302
    channel.refresh_from_db()
    assert (channel.visibility, channel.dvr_s, channel.is_recorded) == ("PRIVATE", 60, False)


def test_a_rotated_key_is_shown_once_after_one_more_question(desk: Client) -> None:
    key = make_stream_key(label="Old van").key
    address = f"/admin/streaming/streamkey/{key.pk}/rotate/"
    assert "Rotate the key" in desk.get(address).content.decode()
    page = desk.post(address, follow=True).content.decode()
    found = re.search(r"Key: ([0-9a-f]{8}-[\w-]+)", page)
    assert found is not None
    assert admit_publisher(presented_secret=found.group(1), at=AT).channel_slug == key.channel.slug
    assert "The stream key was revoked" in desk.post(address, follow=True).content.decode()
    assert StreamKey.objects.count() == 2


def test_a_channel_with_too_many_keys_gets_no_other(desk: Client) -> None:
    channel = make_channel()
    for _ in range(20):
        make_stream_key(channel=channel)
    page = desk.post(f"/admin/streaming/channel/{channel.pk}/issue-key/", {"label": "More"}, follow=True)
    assert "too many stream keys" in page.content.decode()


def test_an_editor_ends_a_stream_after_one_more_question(desk: Client) -> None:
    stream = make_stream()
    address = f"/admin/streaming/stream/{stream.pk}/end/"
    assert "The encoder is sent away" in desk.get(address).content.decode()
    assert Stream.objects.get().is_live
    assert "The stream has ended." in desk.post(address, follow=True).content.decode()
    assert Stream.objects.get().end_reason == "KICKED"
    assert "The stream is over" in desk.post(address, follow=True).content.decode()


def test_an_operator_ends_no_stream(client: Client, operator: User) -> None:
    client.force_login(operator)
    assert client.post(f"/admin/streaming/stream/{make_stream().pk}/end/").status_code == 403
    assert Stream.objects.get().is_live


def test_the_page_of_a_stream_leads_to_its_recording(desk: Client) -> None:
    package = make_package()
    stream = make_stream(phase="ended", recording=package)
    page = desk.get(f"/admin/streaming/stream/{stream.pk}/change/").content.decode()
    assert f"/admin/catalog/movie/{package.movie_id}/change/" in page


def test_the_list_of_announced_broadcasts_says_what_became_of_each(desk: Client) -> None:
    now, day = clock.now(), timedelta(days=1)
    channel = make_channel()
    make_plan(channel, title="Tomorrow", starts_at=now + day)
    make_plan(channel, title="Never", starts_at=now + 2 * day, cancelled_at=now)
    make_plan(channel, title="Nobody came", starts_at=now - 2 * day)
    make_stream(channel, phase="ended", plan=make_plan(channel, title="Storm", starts_at=now - day), ended_at=now)
    page = desk.get("/admin/streaming/plannedstream/").content.decode()
    said = {"Tomorrow": "Coming up", "Never": "Called off", "Nobody came": "Did not begin", "Storm": "Went on air"}
    rows = {title: row for row in page.split("<tr") for title in said if title in row}
    assert {title: words for title, words in said.items() if words not in rows[title]} == {}


def test_calling_off_at_the_desk_says_which_were_over(desk: Client) -> None:
    now = clock.now()
    plans = [make_plan(title="Storm", starts_at=now - timedelta(days=1)), make_plan(starts_at=now + timedelta(days=1))]
    form = {"action": "call_off_selected", "_selected_action": [plan.pk for plan in plans]}
    page = desk.post("/admin/streaming/plannedstream/", form, follow=True).content.decode()
    assert "Storm: The broadcast is not coming up any more" in page
    assert "1 broadcast is called off." in page
