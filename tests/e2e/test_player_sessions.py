"""A session comes to its end while somebody watches: it is exchanged before, and nobody notices."""

import json
import re

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.films import Film
from tests.e2e.viewers import Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

PLAYBACK = "**/api/v1/movies/*/playback/"
LATE_SEGMENTS = re.compile(r"/m/[^/]+/[^/]+/[3-9]\.m4s$")
# Of a device whose clock is ten years ahead.
_SOON_OVER = """
  const now = Date.now;
  Date.now = () => now() + 10 * 365 * 24 * 3600 * 1000;
  const parse = JSON.parse;
  JSON.parse = (...given) => {
    const told = parse(...given);
    return told && "is_signed_in" in told ? {...told, lasts_s: 6} : told;
  };
  window.failures = [];
  document.addEventListener("readystatechange", () => {
    const root = document.querySelector("section[data-player]");
    const watch = new MutationObserver(([{target}]) => window.failures.push(target.dataset.failure));
    watch.observe(root, {attributeFilter: ["data-failure"]});
  }, {once: true});
"""


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    return Viewer(browser_page)


@pytest.fixture
def late_viewer(viewer: Viewer) -> Viewer:
    """Somebody whose session lasts some seconds, as the page says."""
    viewer.page.add_init_script(_SOON_OVER)
    return viewer


def token_in(url: str) -> str:
    return url.partition("/m/")[2].partition("/")[0]


def test_a_session_is_exchanged_before_it_ends_whatever_the_clock_shows(late_viewer: Viewer, film: Film) -> None:
    page = late_viewer.page
    with page.expect_response(PLAYBACK) as answered:
        late_viewer.watch(film)
        place_s = late_viewer.place_s()
    token = token_in(answered.value.json()["hls_url"])

    with page.expect_request(re.compile(rf"/m/{token}/[^/]+/\d+\.m4s$")):
        late_viewer.wait_until(f"!video.paused && video.currentTime > {place_s + 6}")

    late_viewer.expect_state("playing")
    assert page.evaluate("window.failures") == []


def test_a_portal_that_gives_no_other_session_disturbs_nobody(late_viewer: Viewer, film: Film) -> None:
    late_viewer.page.route(PLAYBACK, lambda route: route.fulfill(status=503, body="{}"))
    with late_viewer.page.expect_request(PLAYBACK):
        late_viewer.watch(film)
        late_viewer.wait_until("video.currentTime > 6")

    late_viewer.expect_state("playing")
    assert late_viewer.page.evaluate("window.failures") == []


def test_a_session_that_ends_with_the_films_window_is_kept(late_viewer: Viewer, film: Film) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        found = route.fetch()
        told = {**found.json(), "lasts_s": 0.5}
        asked.append(token_in(told["hls_url"]))
        route.fulfill(response=found, body=json.dumps(told))

    tokens: set[str] = set()
    late_viewer.page.route(PLAYBACK, answer)
    late_viewer.page.on("request", lambda request: tokens.add(token_in(request.url)))
    late_viewer.watch(film)
    late_viewer.wait_until("video.currentTime > 9")

    assert len(asked) == 1
    assert asked[0] not in tokens


def test_a_refusal_without_a_word_of_why_is_cured_by_another_session(viewer: Viewer, film: Film) -> None:
    """As an edge of somebody else's refuses what has expired."""
    tokens: list[str] = []

    def expire(route: Route) -> None:
        tokens.append(token_in(route.request.url))
        if tokens[-1] == tokens[0]:
            route.fulfill(status=403, headers={"Access-Control-Allow-Origin": "*"}, body="")
        else:
            route.continue_()

    viewer.page.route(LATE_SEGMENTS, expire)
    viewer.watch(film)
    viewer.seek(15)

    viewer.expect_picture_of(15)
    viewer.expect_recovery()
    assert len(set(tokens)) == 2
