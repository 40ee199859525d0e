"""Playback by the API where a CDN delivers: what is signed, for how long, and for whom not."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from portal import clock
from streaming.models import Package
from tests.factories import make_movie, make_package, make_source
from tests.streaming.api.test_playback import IMAGES, TEXT
from tests.streaming.delivery.edges import CDN, CloudFront, HmacEdge, cdn_conf, rsa_key

pytestmark = pytest.mark.django_db
_URL = "/api/v1/movies/meridian/playback/"


@pytest.fixture(params=["cloudfront", "hmac"])
def edge(request: pytest.FixtureRequest, settings: Settings) -> CloudFront | HmacEdge:
    settings.NOVA_DELIVERY = cdn_conf(request.param)
    return CloudFront(rsa_key().public_key()) if request.param == "cloudfront" else HmacEdge()


@pytest.fixture
def package() -> Package:
    source = make_source(movie=make_movie(slug="meridian"))
    return make_package(source, index={"texts": [TEXT], "images": [IMAGES]})


def _addresses(told: dict[str, Any]) -> dict[str, str]:
    captions = [caption["url"] for caption in told["captions"]]
    urls = (told["hls_url"], told["dash_url"], told["storyboard_url"], *captions)
    return dict(zip(("master.m3u8", "manifest.mpd", "storyboard.vtt", "c1/1.vtt"), urls, strict=True))


def test_the_edge_lets_every_address_pass_until_the_session_is_over(
    api: APIClient, edge: CloudFront | HmacEdge, package: Package
) -> None:
    told = api.post(_URL).json()
    expires_s = datetime.fromisoformat(told["expires_at"]).timestamp()
    for name, url in _addresses(told).items():
        assert url.startswith(CDN)
        assert edge.admit(url, at_s=expires_s - 1) == f"/{package.path}/{name}"
        assert edge.admit(url, at_s=expires_s) is None


@pytest.mark.usefixtures("package")
def test_a_name_out_of_a_playlist_passes_with_the_query_that_is_told(
    api: APIClient, edge: CloudFront | HmacEdge
) -> None:
    told = api.post(_URL).json()
    segment = told["hls_url"].partition("?")[0].replace("master.m3u8", "v720/1.m4s")
    query = told["media_query"]
    assert bool(query) == isinstance(edge, CloudFront)
    assert edge.admit(f"{segment}?{query}" if query else segment, at_s=clock.now().timestamp())


@pytest.mark.usefixtures("package", "edge")
def test_a_session_is_as_short_as_a_revocation_may_be_ignored(api: APIClient) -> None:
    began_at = clock.now()
    lasts = datetime.fromisoformat(api.post(_URL).json()["expires_at"]) - began_at
    assert timedelta(minutes=59) < lasts <= timedelta(minutes=61)


@pytest.mark.usefixtures("edge")
def test_for_a_movie_that_was_hidden_nothing_more_is_signed(api: APIClient, package: Package) -> None:
    assert api.post(_URL).status_code == 201
    assert package.movie is not None
    package.movie.visibility = "HIDDEN"
    package.movie.save(update_fields=["visibility"])
    assert api.post(_URL).status_code == 404
