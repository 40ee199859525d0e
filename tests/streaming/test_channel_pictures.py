"""The picture of a channel: who gives it one, where it is shown, and what becomes of its files."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from catalog.artwork.faults import PictureRefused
from catalog.models import UnclaimedFile
from catalog.services.artwork import KEPT_AFTER_REPLACEMENT, tend_artwork
from portal.accounts.roles import Role
from portal.errors import NotFound
from portal.models import AuditEntry, User
from streaming import groups
from streaming.models import Channel, ChannelPicture
from streaming.services.channel_pictures import remove_channel_picture, set_channel_picture
from tests.factories import AT, make_channel, make_picture_file, make_stream, make_user
from tests.overhearing import overhear_events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

FILE, OTHER = make_picture_file(1280, 720), make_picture_file(1600, 900)
STUDIO = "/studio/harbour/picture/"


@pytest.fixture
def channel(broadcaster: User) -> Channel:
    return make_channel(slug="harbour", title="Harbour", owner=broadcaster)


def put(channel: Channel, content: bytes = FILE) -> ChannelPicture:
    return set_channel_picture(channel_id=channel.pk, content=content, by=channel.owner, at=AT)


def stored(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def sent(content: bytes = FILE) -> SimpleUploadedFile:
    return SimpleUploadedFile("harbour.jpg", content, "image/jpeg")


# --- Its files --------------------------------------------------------------------------------------------------------


def test_it_is_made_in_every_width_that_it_has_pixels_for(media: Path, channel: Channel) -> None:
    picture = put(channel)
    assert picture.widths == [640, 1280]
    assert stored(media) == set(picture.file_keys())
    assert len(picture.file_keys()) == 5
    assert not UnclaimedFile.objects.exists()
    entry = AuditEntry.objects.get(action="channel.pictured", actor=channel.owner)
    assert entry.before == {"picture": None}
    assert entry.after == {"picture": picture.content_hash[:12]}


def test_another_one_takes_its_place_and_its_files_go_a_day_later(media: Path, channel: Channel) -> None:
    first, second = put(channel), put(channel, OTHER)
    assert ChannelPicture.objects.get() == second
    assert stored(media) == {*first.file_keys(), *second.file_keys()}
    tend_artwork(at=AT + KEPT_AFTER_REPLACEMENT + timedelta(minutes=1))
    assert stored(media) == set(second.file_keys())


def test_the_same_again_changes_nothing(channel: Channel) -> None:
    assert put(channel) == put(channel)
    assert AuditEntry.objects.filter(action="channel.pictured").count() == 1


def test_it_can_be_taken_away_once(channel: Channel) -> None:
    put(channel)
    remove_channel_picture(channel_id=channel.pk, by=channel.owner, at=AT)
    assert not ChannelPicture.objects.exists()
    assert UnclaimedFile.objects.count() == 5
    with pytest.raises(NotFound):
        remove_channel_picture(channel_id=channel.pk, by=channel.owner, at=AT)


@pytest.mark.parametrize("content", [b"", b"<svg/>", make_picture_file(640, 360)])
def test_what_makes_no_picture_is_refused_and_leaves_nothing(media: Path, channel: Channel, content: bytes) -> None:
    with pytest.raises(PictureRefused):
        put(channel, content)
    assert stored(media) == set()
    assert not UnclaimedFile.objects.exists()


@pytest.mark.parametrize(("visibility", "told"), [("PUBLIC", ["channel.changed"]), ("PRIVATE", [])])
def test_lists_that_name_the_channel_are_told(
    channel: Channel,
    visibility: str,
    told: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    Channel.objects.update(visibility=visibility)
    with overhear_events(groups.LIVE) as envelopes, django_capture_on_commit_callbacks(execute=True):
        put(channel)
    assert [envelope["type"] for envelope in envelopes] == told


# --- Where it is shown ------------------------------------------------------------------------------------------------


def test_its_files_are_handed_out_for_ever(client: Client, channel: Channel) -> None:
    picture = put(channel)
    url = reverse("streaming:channel-picture", args=[channel.pk, picture.edition, "640.jpg"])
    answer = client.get(url)
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(url.replace("640", "641")).status_code == 404


def test_pages_show_it_in_place_of_the_generated_cover(client: Client, channel: Channel) -> None:
    pages = ("/live/", "/live/harbour/")
    for path in pages:
        html = client.get(path).content.decode()
        assert "/art/covers/" in html
        assert "/art/channels/" not in html
        assert "og:image" not in html
    picture = put(channel)
    folder = f"/art/channels/{channel.pk}/{picture.edition}/"
    make_stream(make_channel(slug="other"))
    for path in pages:
        html = client.get(path).content.decode()
        assert f"{folder}640.webp 640w" in html
        assert "data:image/webp;base64," in html
    assert re.search(rf'og:image" content="https?://[^"]+{folder}social.jpg"', html)


def test_a_list_of_many_asks_no_more_often(client: Client, channel: Channel, django_assert_num_queries: Any) -> None:
    put(channel)
    client.get("/live/")
    with django_assert_num_queries(3):
        client.get("/live/")
    for number in range(3):
        put(make_channel(owner=channel.owner), make_picture_file(1280 + number, 720))
        make_stream(make_channel(owner=channel.owner))
    with django_assert_num_queries(3):
        client.get("/live/")


def test_the_api_names_it(api: APIClient, channel: Channel) -> None:
    for path in ("/api/v1/channels/harbour/", "/api/v1/channels/"):
        answer = api.get(path).json()
        assert (answer.get("results") or [answer])[0]["picture"] is None
    picture = put(channel)
    for path in ("/api/v1/channels/harbour/", "/api/v1/channels/"):
        answer = api.get(path).json()
        shown = (answer.get("results") or [answer])[0]["picture"]
        assert shown["src"] == f"/art/channels/{channel.pk}/{picture.edition}/1280.jpg"
        assert (shown["width"], shown["height"]) == (1280, 720)


# --- Who gives it one -------------------------------------------------------------------------------------------------


def test_its_owner_gives_it_one_in_the_studio_and_takes_it_away(client: Client, channel: Channel) -> None:
    client.force_login(channel.owner)
    html = client.post(STUDIO, {"file": sent()}, follow=True).content.decode()
    assert "The channel has its picture." in html
    assert ChannelPicture.objects.get().channel == channel
    assert "Remove this picture" in html
    html = client.post(STUDIO, {"removes": "1"}, follow=True).content.decode()
    assert not ChannelPicture.objects.exists()
    assert "Remove this picture" not in html
    assert "The channel had no picture." in client.post(STUDIO, {"removes": "1"}, follow=True).content.decode()


@pytest.mark.parametrize("form", [{}, {"file": "no file"}, {"file": sent(b"no picture")}])
def test_the_studio_says_what_is_wrong_with_a_file(client: Client, channel: Channel, form: dict[str, Any]) -> None:
    client.force_login(channel.owner)
    html = client.post(STUDIO, form, follow=True).content.decode()
    assert "This is no picture that we can read." in html
    assert not ChannelPicture.objects.exists()


@pytest.mark.parametrize(("visibility", "status"), [("PUBLIC", 403), ("PRIVATE", 404)])
def test_nobody_gives_the_channel_of_another_one(
    client: Client, channel: Channel, visibility: str, status: int
) -> None:
    Channel.objects.update(visibility=visibility)
    client.force_login(make_user(Role.BROADCASTER))
    assert client.post(STUDIO, {"file": sent()}).status_code == status
    client.logout()
    assert client.post(STUDIO, {"file": sent()}).status_code == 302
    assert not ChannelPicture.objects.exists()


def test_an_editor_does_so_in_the_admin(
    client: Client,
    channel: Channel,
    editor: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client.force_login(editor)
    address = f"/admin/streaming/channel/{channel.pk}/change/"
    form = {"title": "Harbour", "description": "", "owner": channel.owner_id, "visibility": "PUBLIC", "dvr_s": "60"}
    bad = client.post(address, {**form, "file": sent(make_picture_file(640, 360))}).content.decode()
    assert "it takes at least 1280 × 720" in bad
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, {**form, "file": sent()}).status_code == 302
    assert AuditEntry.objects.get(action="channel.pictured").actor == editor
    assert "Picture changed" in client.get(address.replace("change", "history")).content.decode()
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(address, {**form, "is_picture_removed": "on"}).status_code == 302
        assert not ChannelPicture.objects.exists()
