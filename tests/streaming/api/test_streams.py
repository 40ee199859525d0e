"""`/api/v1/streams/`: what is on air, the end of it by hand, and playback."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from portal import clock
from portal.models import User
from streaming.keys import playback_keyring
from streaming.models import Channel, Stream
from streaming.services.playback_sessions import find_session
from streaming.services.revocations import revoke_channel
from streaming.tokens import PlaybackClaims, verify_token
from tests.factories import AT, make_channel, make_stream

pytestmark = pytest.mark.django_db

URL = "/api/v1/streams/"


def ids(answer: Any) -> list[str]:
    return [stream["id"] for stream in answer.json()["results"]]


def claims_of(playback: Any) -> PlaybackClaims:
    token = playback["hls_url"].removeprefix(f"{settings.NOVA_ORIGIN_URL}/m/").partition("/")[0]
    return verify_token(token, playback_keyring(), at=clock.now())


def test_strangers_are_told_of_streams_of_public_channels(api: APIClient) -> None:
    live = make_stream(make_channel(slug="studio"), started_at=AT + timedelta(hours=1), width_px=1280, height_px=720)
    over = make_stream(live.channel, phase="ended")
    make_stream(make_channel(visibility="UNLISTED"))
    make_stream(make_channel(visibility="PRIVATE"))
    assert ids(api.get(URL)) == [str(live.pk), str(over.pk)]
    assert ids(api.get(f"{URL}?channel=studio&state=ACTIVE&state=PENDING")) == [str(live.pk)]
    assert ids(api.get(f"{URL}?channel=other")) == []
    read = api.get(f"{URL}{live.pk}/").json()
    assert (read["channel"], read["state"], read["phase"], read["width_px"]) == ("studio", "ACTIVE", "live", 1280)
    assert "package_hex" not in read


@pytest.mark.parametrize("query", ["state=LIVE", "phase=live"])
def test_a_question_that_is_none_is_refused(api: APIClient, query: str) -> None:
    assert api.get(f"{URL}?{query}").status_code == 400


def test_a_stream_of_a_private_channel_is_not_found_by_strangers(api: APIClient, editor: User) -> None:
    stream = make_stream(make_channel(visibility="PRIVATE"))
    for path in (f"{URL}{stream.pk}/", f"{URL}{UUID(int=1)}/"):
        assert api.get(path).status_code == 404
    assert api.post(f"{URL}{stream.pk}/playback/").status_code == 404
    api.force_authenticate(editor)
    assert api.get(f"{URL}{stream.pk}/").status_code == 200


def test_an_owner_ends_a_stream_once(api: APIClient, broadcaster: User) -> None:
    stream = make_stream(make_channel(owner=broadcaster))
    api.force_authenticate(broadcaster)
    answer = api.post(f"{URL}{stream.pk}/end/")
    assert (answer.status_code, answer.json()["phase"], answer.json()["end_reason"]) == (200, "ended", "KICKED")
    again = api.post(f"{URL}{stream.pk}/end/")
    assert (again.status_code, again.json()["code"]) == (409, "stream-is-over")
    # Nobody watches on with what was opened before.
    assert api.post(f"{URL}{stream.pk}/playback/").json()["code"] == "stream-is-over"


def test_a_player_is_given_a_session_with_the_stream(api: APIClient) -> None:
    stream = make_stream(dvr_s=600)
    answer = api.post(f"{URL}{stream.pk}/playback/")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    playback = answer.json()
    told = {name: playback[name] for name in ("is_live", "stream", "channel", "state", "phase", "dvr_s", "package")}
    assert told == {
        "is_live": True,
        "stream": str(stream.pk),
        "channel": stream.channel.slug,
        "state": "ACTIVE",
        "phase": "live",
        "dvr_s": 600,
        "package": stream.package_hex,
    }
    assert playback["captions"] == []
    assert playback["hls_url"].endswith("/master.m3u8")
    assert playback["dash_url"].endswith("/manifest.mpd")
    claims = claims_of(playback)
    assert (claims.subject, claims.package) == (f"channel:{stream.channel_id}", stream.package_hex)
    session = find_session(UUID(playback["session"]))
    assert session is not None
    assert (session.channel_id, session.movie_id) == (stream.channel_id, None)


@pytest.mark.parametrize(("phase", "told"), [("pending", "starting"), ("starting", "starting")])
def test_what_no_player_could_start_is_refused(api: APIClient, phase: str, told: str) -> None:
    answer = api.post(f"{URL}{make_stream(phase=phase).pk}/playback/")
    assert (answer.status_code, answer.json()["code"], answer.json()["phase"]) == (409, "stream-not-playable", told)


def test_viewers_may_come_while_the_encoder_is_away(api: APIClient) -> None:
    assert api.post(f"{URL}{make_stream(phase='reconnecting').pk}/playback/").json()["phase"] == "reconnecting"


def test_a_token_outlives_a_revocation_that_came_before_it(api: APIClient) -> None:
    stream = make_stream()
    at = clock.now()
    revoke_channel(stream.channel_id, at=at)
    claims = claims_of(api.post(f"{URL}{stream.pk}/playback/").json())
    assert claims.issued_at >= at + timedelta(seconds=59)


def test_the_token_of_a_private_channel_lasts_an_hour(api: APIClient, broadcaster: User) -> None:
    private = make_channel(visibility=Channel.Visibility.PRIVATE, owner=broadcaster)
    api.force_authenticate(broadcaster)
    claims = claims_of(api.post(f"{URL}{make_stream(private).pk}/playback/").json())
    assert claims.expires_at - claims.issued_at == timedelta(hours=1)
    assert Stream.objects.count() == 1
