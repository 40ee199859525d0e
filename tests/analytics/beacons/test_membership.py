"""What players are given to tell how they fare, and who they are told to be of."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from analytics.beacons.token import BeaconClaims, verify_beacon_token
from portal.models import User
from streaming.keys import playback_keyring
from tests.factories import make_movie, make_package, make_source, make_stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def film() -> str:
    make_package(make_source(movie=make_movie(slug="film")))
    return "/api/v1/movies/film/playback/"


def claims_in(answer: Any) -> BeaconClaims:
    beacon = answer.json()["beacon"]
    assert (beacon["url"], beacon["interval_s"]) == ("/api/v1/beacons/", 10)
    return verify_beacon_token(beacon["token"], playback_keyring(), at_s=0)


def test_the_sessions_of_a_browser_are_of_one_viewer(film: str) -> None:
    browser = APIClient()
    first = browser.post(film)
    assert first.cookies["nova_viewer"]["max-age"] == 86400
    second = browser.post(film)
    # It is not renewed: after a day the browser is a new one.
    assert "nova_viewer" not in second.cookies
    assert claims_in(first).viewer == claims_in(second).viewer
    assert claims_in(first).session != claims_in(second).session
    assert claims_in(APIClient().post(film)).viewer != claims_in(first).viewer


def test_the_sessions_of_an_account_are_of_one_viewer_on_every_device(film: str, viewer: User) -> None:
    seen = set()
    for _ in range(2):
        device = APIClient()
        device.force_login(viewer)
        answer = device.post(film)
        assert "nova_viewer" not in answer.cookies
        assert claims_in(answer).user == viewer.pk
        seen.add(claims_in(answer).viewer)
    assert len(seen) == 1


def test_each_session_of_who_does_not_want_to_be_known_has_a_viewer_of_its_own(film: str, viewer: User) -> None:
    device = APIClient(headers={"DNT": "1"})
    device.force_login(viewer)
    first, second = device.post(film), device.post(film)
    assert "nova_viewer" not in first.cookies
    assert claims_in(first).user is None
    assert claims_in(first).viewer != claims_in(second).viewer


def test_a_session_that_was_not_begun_leaves_nothing(film: str) -> None:
    refused = APIClient().post("/api/v1/movies/another/playback/")
    assert refused.status_code == 404
    assert not refused.cookies


def test_a_beacon_of_a_film_knows_its_length_and_outlives_its_session_for_a_while(film: str) -> None:
    answer = APIClient().post(film)
    claims, told = claims_in(answer), answer.json()
    assert claims.subject.startswith("movie:")
    assert claims.session == told["session"].replace("-", "")
    assert claims.length_ms == int(told["duration_s"] * 1000)
    assert claims.expires_s - datetime.fromisoformat(told["expires_at"]).timestamp() == pytest.approx(600, abs=1)


def test_a_beacon_of_a_stream_is_of_the_stream() -> None:
    stream = make_stream(phase="live")
    claims = claims_in(APIClient().post(f"/api/v1/streams/{stream.pk}/playback/"))
    assert (claims.subject, claims.length_ms) == (f"stream:{stream.pk}", None)


def test_pages_bring_it_with_the_session_they_begin(film: str, client: Client) -> None:
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
    answer = client.get("/movies/film/", headers=browser)
    assert "/api/v1/beacons/" in answer.content.decode()
    assert "nova_viewer" in answer.cookies
    # A page that is fetched ahead begins no session.
    ahead = client.get("/movies/film/", headers={**browser, "Sec-Purpose": "prefetch"})
    assert "/api/v1/beacons/" not in ahead.content.decode()
