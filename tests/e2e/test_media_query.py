"""The player where a CDN wants a signature behind each address, played before an origin that wants none."""

import json
import re

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.films import Film

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

_PATIENCE_MS = 60_000
_QUERY = "Policy=eyJ~_-&Signature=a~b_&Key-Pair-Id=K2JCJMDEHXQW5F"
_NEXT_QUERY = _QUERY.replace("a~b_", "c~d_")
_SEGMENTS = re.compile(r"/m/[^/]+/[^/]+/[0-9]+\.m4s")
# What web writes into the page there: addresses that have the query, and the query for all others. Both scripts read it
# before the page is whole, so it is changed where it is read.
_AT_A_CDN = f"""
  const parse = JSON.parse;
  JSON.parse = (...given) => {{
    const told = parse(...given);
    if (!told || !("is_signed_in" in told)) return told;
    for (const name of ["hls_url", "dash_url", "storyboard_url"]) if (told[name]) told[name] += "?{_QUERY}";
    for (const caption of told.captions ?? []) caption.url += "?{_QUERY}";
    return {{...told, media_query: "{_QUERY}"}};
  }};
"""


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_every_request_for_media_carries_the_query_once(browser_page: Page, film: Film, engine: str) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.add_init_script(_AT_A_CDN)
    browser_page.goto(f"{film.path}?engine={engine}")
    playing = "() => document.querySelector('video').currentTime > 1"
    browser_page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; v.play(); }")
    browser_page.wait_for_function(playing, timeout=_PATIENCE_MS)
    # Those of tracks: the playlist that leads to them the page has preloaded, before anybody changed it.
    of_tracks = [url for url in asked if re.search(r"/m/[^/]+/[^/]+/[^/?]+\.(m3u8|m4s|mp4|vtt)", url)]
    assert any(".m4s" in url for url in of_tracks)
    assert [url for url in of_tracks if url.count(_QUERY) != 1] == []


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_after_a_renewal_the_next_query_stands_in_the_place_of_the_first(
    browser_page: Page, film: Film, engine: str
) -> None:
    """Nothing else changes in addresses of a CDN that looks at the query."""
    page = browser_page
    kept: list[Route] = []
    asked: list[str] = []

    def renew(route: Route) -> None:
        found = route.fetch()
        told = {**found.json(), "hls_url": page.evaluate("was.hls_url"), "media_query": _NEXT_QUERY}
        route.fulfill(response=found, body=json.dumps(told))

    page.add_init_script(_AT_A_CDN.replace("...told, ", "...(window.was = told), lasts_s: 4, "))
    page.route("**/api/v1/movies/*/playback/", renew)
    page.route(re.compile(_SEGMENTS.pattern.replace("[0-9]+", "[3-9]")), lambda route: kept.append(route))
    with page.expect_response("**/api/v1/movies/*/playback/"):
        page.goto(f"{film.path}?engine={engine}")
    with page.expect_request(lambda request: ".m4s" in request.url and _NEXT_QUERY in request.url):
        page.on("request", lambda request: asked.append(request.url))
        while kept:
            kept.pop().continue_()
        page.unroute_all()
    page.wait_for_function("() => document.querySelector('video').currentTime > 9", timeout=_PATIENCE_MS)

    of_segments = [url for url in asked if _SEGMENTS.search(url)]
    assert [url for url in of_segments if not url.endswith(f".m4s?{_NEXT_QUERY}")] == []


def test_the_pictures_of_the_seek_bar_are_asked_for_with_the_query(browser_page: Page, film: Film) -> None:
    browser_page.add_init_script(_AT_A_CDN)
    browser_page.goto(film.path)
    cues = "() => document.querySelector('track[label=thumbnails]')?.track.cues"
    browser_page.wait_for_function(f"() => ({cues})()?.[0]?.text.includes('?')", timeout=_PATIENCE_MS)
    first = browser_page.evaluate(f"() => ({cues})()[0].text")
    assert re.fullmatch(rf"storyboard/1\.jpg\?{re.escape(_QUERY)}#xywh=0,0,\d+,\d+", first)
