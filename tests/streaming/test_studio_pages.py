"""The studio: broadcasters' channels, their keys, what arrives, and what became of earlier streams."""

import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from portal import clock
from portal.accounts.roles import Role
from portal.models import AuditEntry, User
from streaming.errors import StreamKeyUnknown
from streaming.models import Channel, Stream, StreamKey
from streaming.services.ingest import admit_publisher
from tests.factories import make_channel, make_package, make_stream, make_stream_key, make_user

pytestmark = pytest.mark.django_db

PATH = "/studio/harbour/"


@pytest.fixture
def channel(broadcaster: User) -> Channel:
    return make_channel(slug="harbour", title="Harbour", owner=broadcaster)


@pytest.fixture
def desk(client: Client, channel: Channel) -> Client:
    """The browser of the channel's owner."""
    client.force_login(channel.owner)
    return client


def page_of(client: Client, path: str = PATH) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def secret_in(html: str) -> str:
    (secret,) = re.findall(r'id="studio-key"\s[^>]*value="([^"]+)"', html)
    return str(secret)


# --- Who --------------------------------------------------------------------------------------------------------------


def test_the_studio_lists_what_a_broadcaster_runs(desk: Client) -> None:
    make_stream(make_channel(title="Lighthouse"))
    html = page_of(desk, "/studio/")
    assert "Harbour" in html
    assert "Lighthouse" not in html


def test_who_runs_no_channel_is_told_who_makes_them(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    assert "You have no channel yet" in page_of(client, "/studio/")


def test_strangers_sign_in_first(client: Client, channel: Channel) -> None:
    for path in ("/studio/", PATH):
        response = client.get(path)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/accounts/login/?next=")


def test_a_channel_is_no_affair_of_other_broadcasters(client: Client, channel: Channel) -> None:
    key = make_stream_key(channel=channel).key
    make_stream(channel)
    client.force_login(make_user(Role.BROADCASTER))
    answers = [
        client.get(PATH),
        client.post(PATH, {"label": "Mine"}),
        client.post(PATH, {"replaces": key.pk}),
        client.post(f"{PATH}keys/{key.pk}/revoke/"),
        client.post(f"{PATH}end/"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert list(StreamKey.objects.values_list("revoked_at", flat=True)) == [None]
    assert Stream.objects.live().exists()


def test_a_private_channel_is_not_even_told_of(client: Client, channel: Channel) -> None:
    Channel.objects.update(visibility=Channel.Visibility.PRIVATE)
    client.force_login(make_user(Role.BROADCASTER))
    assert client.get(PATH).status_code == 404


def test_editors_help_with_every_channel(client: Client, channel: Channel, editor: User) -> None:
    client.force_login(editor)
    assert "Harbour" in page_of(client, "/studio/")
    assert settings.NOVA_RTMP_URL in page_of(client)


def test_the_menu_leads_those_who_broadcast_to_it(client: Client, viewer: User, broadcaster: User) -> None:
    link = 'href="/studio/"'
    assert link not in page_of(client, "/live/")
    client.force_login(viewer)
    assert link not in page_of(client, "/live/")
    client.force_login(broadcaster)
    assert link in page_of(client, "/live/")


# --- Keys -------------------------------------------------------------------------------------------------------------


def test_a_new_key_is_shown_once_and_admits_an_encoder(desk: Client, channel: Channel) -> None:
    response = desk.post(PATH, {"label": "  OBS   at home "})
    html = response.content.decode()
    secret = secret_in(html)

    assert admit_publisher(presented_secret=secret, at=clock.now()).channel_slug == "harbour"
    assert f'value="{settings.NOVA_RTMP_URL}/{secret}"' in html
    assert "<svg" in html.partition('class="studio-qr"')[2].partition("</details>")[0]
    assert "no-store" in response.headers["Cache-Control"]
    again = page_of(desk)
    assert secret not in again
    assert "OBS at home" in again
    assert AuditEntry.objects.filter(action="stream_key.issued", actor=channel.owner).exists()


def test_server_over_tls_is_shown_where_there_is_one(desk: Client, settings: Settings) -> None:
    assert "rtmps://" not in page_of(desk)
    settings.NOVA_RTMPS = replace(settings.NOVA_RTMPS, url="rtmps://nova.example.com/live")
    html = desk.post(PATH, {"label": "OBS at home"}).content.decode()
    assert f'value="{settings.NOVA_RTMP_URL}"' in html
    assert 'value="rtmps://nova.example.com/live"' in html
    assert f'value="rtmps://nova.example.com/live/{secret_in(html)}"' in html


@pytest.mark.parametrize("label", ["", "   ", "x" * 81, "a\0b", "a\x1bb"])
def test_a_key_without_a_fitting_label_is_refused(desk: Client, label: str) -> None:
    response = desk.post(PATH, {"label": label})
    assert response.status_code == 422
    assert "at most 80 letters" in response.content.decode()
    assert not StreamKey.objects.exists()


def test_replacing_a_key_ends_the_old_one_and_the_broadcast_that_it_admitted(desk: Client, channel: Channel) -> None:
    old = make_stream_key(channel=channel, label="OBS")
    stream = make_stream(channel, key=old.key)

    secret = secret_in(desk.post(PATH, {"replaces": old.key.pk}).content.decode())

    assert secret != old.secret
    stream.refresh_from_db()
    assert stream.end_reason == Stream.EndReason.KEY_REVOKED
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=old.secret, at=clock.now())


def test_a_page_that_is_loaded_again_replaces_a_key_once(desk: Client, channel: Channel) -> None:
    key = make_stream_key(channel=channel).key
    desk.post(PATH, {"replaces": key.pk})
    response = desk.post(PATH, {"replaces": key.pk})
    assert response.status_code == 422
    assert StreamKey.objects.count() == 2


@pytest.mark.parametrize("nobodys", ["", "no number", "9" * 40, "-1"])
def test_a_key_that_is_not_there_is_not_found(desk: Client, nobodys: str) -> None:
    assert desk.post(PATH, {"replaces": nobodys}).status_code == 404


def test_a_key_of_another_channel_is_not_found(desk: Client) -> None:
    key = make_stream_key().key
    assert desk.post(PATH, {"replaces": key.pk}).status_code == 404
    assert desk.post(f"{PATH}keys/{key.pk}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def test_a_revoked_key_admits_nobody_and_is_listed_no_more(desk: Client, channel: Channel) -> None:
    issued = make_stream_key(channel=channel, label="Van")
    response = desk.post(f"{PATH}keys/{issued.key.pk}/revoke/", follow=True)
    assert "The key “Van” admits nobody any more." in response.content.decode()
    with pytest.raises(StreamKeyUnknown):
        admit_publisher(presented_secret=issued.secret, at=clock.now())
    assert issued.key.prefix not in page_of(desk)


# --- What arrives -----------------------------------------------------------------------------------------------------


def test_what_arrives_is_told_with_its_warnings(desk: Client, channel: Channel) -> None:
    make_stream(
        channel,
        width_px=1920,
        height_px=1080,
        video_codec="avc1.640028",
        audio_codec="mp4a.40.2",
        qualities=[
            {"name": "720p", "width_px": 1280, "height_px": 720, "bitrate_bps": 5_000_000, "is_copied": True},
            {"name": "480p", "width_px": 854, "height_px": 480, "bitrate_bps": 2_000_000, "is_copied": False},
        ],
        warnings=["no-sound", "of-tomorrow"],
    )
    html = page_of(desk)
    for words in (
        "1920×1080 · avc1.640028",
        "mp4a.40.2",
        "<li>720p · 5.0 Mbit/s · passed on as you send it</li>",
        "<li>480p · 2.0 Mbit/s</li>",
        "viewers see you in silence",
        "of-tomorrow",
    ):
        assert words in html


def test_a_preview_waits_for_a_press_and_costs_no_session(desk: Client, channel: Channel) -> None:
    make_stream(channel)
    html = page_of(desk)
    screen = html.partition("data-live-screen>")[2].partition("<template data-live-spare>")[0]
    assert "data-waits" in screen
    assert "hls_url" not in screen


def test_ending_a_broadcast_sends_its_encoder_away(desk: Client, channel: Channel) -> None:
    stream = make_stream(channel)
    response = desk.post(f"{PATH}end/", follow=True)
    assert "You have ended the broadcast." in response.content.decode()
    stream.refresh_from_db()
    assert (stream.state, stream.end_reason) == (Stream.State.ENDED, Stream.EndReason.KICKED)


def test_ending_what_is_over_says_so(desk: Client, channel: Channel) -> None:
    make_stream(channel, phase="ended")
    assert "Nothing was on air." in desk.post(f"{PATH}end/", follow=True).content.decode()


def test_nothing_is_changed_by_following_a_link(desk: Client, channel: Channel) -> None:
    key = make_stream_key(channel=channel).key
    assert desk.get(f"{PATH}end/").status_code == 405
    assert desk.get(f"{PATH}keys/{key.pk}/revoke/").status_code == 405


# --- What became of it ------------------------------------------------------------------------------------------------


def test_earlier_broadcasts_say_how_they_ended(desk: Client, channel: Channel) -> None:
    make_stream(channel, phase="failed")
    html = page_of(desk).partition("Earlier broadcasts")[2]
    assert "an error on our side" in html


def test_a_recording_leads_editors_to_its_draft(client: Client, channel: Channel, editor: User) -> None:
    package = make_package()
    make_stream(channel, phase="ended", recording=package)
    address = f"/admin/catalog/movie/{package.movie_id}/change/"
    client.force_login(channel.owner)
    assert address not in page_of(client)
    client.force_login(editor)
    assert address in page_of(client)
