"""The player where a CDN wants a signature behind each address, played before an origin that wants none."""

import re

import pytest
from playwright.sync_api import Page

from tests.e2e.films import Film

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

_PATIENCE_MS = 60_000
_QUERY = "Policy=eyJ~_-&Signature=a~b_&Key-Pair-Id=K2JCJMDEHXQW5F"
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


def test_the_pictures_of_the_seek_bar_are_asked_for_with_the_query(browser_page: Page, film: Film) -> None:
    browser_page.add_init_script(_AT_A_CDN)
    browser_page.goto(film.path)
    cues = "() => document.querySelector('track[label=thumbnails]')?.track.cues"
    browser_page.wait_for_function(f"() => ({cues})()?.[0]?.text.includes('?')", timeout=_PATIENCE_MS)
    first = browser_page.evaluate(f"() => ({cues})()[0].text")
    assert re.fullmatch(rf"storyboard/1\.jpg\?{re.escape(_QUERY)}#xywh=0,0,\d+,\d+", first)
