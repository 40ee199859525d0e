"""Opening playback by the API: who may watch what, and what a player is told."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from rest_framework.test import APIClient

from portal import clock
from streaming.keys import playback_keyring
from streaming.models import Package
from streaming.services.playback_sessions import find_session
from streaming.tokens import PlaybackClaims, verify_token
from tests.factories import make_movie, make_package, make_source

pytestmark = pytest.mark.django_db
URL = "/api/v1/movies/meridian/playback/"


def make_film(**overrides: Any) -> Package:
    """Make a published movie with a package that is ready."""
    return make_package(make_source(movie=make_movie(slug="meridian", **overrides)))


def claims_of(answer: Any) -> PlaybackClaims:
    _, mark, token, name = urlsplit(answer.json()["hls_url"]).path.split("/")
    assert (mark, name) == ("m", "master.m3u8")
    return verify_token(token, playback_keyring(), at=clock.now())


def test_anybody_may_watch_a_published_movie(api: APIClient) -> None:
    package = make_film()
    began_at = clock.now()
    answer = api.post(URL)
    assert answer.status_code == 201, answer.content
    claims = claims_of(answer)
    assert (claims.movie_id, f"packages/{claims.package}") == (package.movie_id, package.path)
    assert str(claims.session_id) == answer.json()["session"]
    assert claims.expires_at >= began_at + timedelta(hours=12, seconds=-1)
    assert answer.headers["Cache-Control"] == "no-store"
    session = find_session(claims.session_id)
    assert session is not None
    assert (session.movie_id, session.package, session.user_id) == (package.movie_id, claims.package, None)
