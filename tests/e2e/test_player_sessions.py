"""A session comes to its end while somebody watches: it is exchanged before, and nobody notices."""

import re

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.films import Film
from tests.e2e.viewers import PLAYBACK, Viewer, answering

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

LATE_SEGMENTS = re.compile(r"/m/[^/]+/[^/]+/[3-9]\.m4s$")
ENGINES = pytest.mark.parametrize("engine", ["hls", "dash"])
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
# What somebody would see who watches closely: the place moves as the time does, or stands still while nothing is there.
_WATCHED_CLOSELY = """
  Object.assign(window, {sources: 0, jumps: []});
  const construct = (...given) => (window.sources += 1, Reflect.construct(...given));
  window.MediaSource = new Proxy(window.MediaSource, {construct});
  let seen = null;
  setInterval(() => {
    const video = document.querySelector("section[data-player] video");
    if (!seen && !(video?.currentTime > 0.2)) return;
    const sees = {place: video.currentTime, at: performance.now() / 1000};
    const step = sees.place - (seen ?? sees).place;
    if (step < 0 || step > sees.at - seen?.at + 0.5) window.jumps.push([seen.place, sees.place]);
    seen = sees;
  }, 20);
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


def keep_back(page: Page) -> list[Route]:
    """Keep what comes late in the film from its player, which would else have it all before any session ends."""
    kept: list[Route] = []
    page.route(LATE_SEGMENTS, lambda route: kept.append(route))
    return kept


def give(page: Page, kept: list[Route]) -> None:
    while kept:
        kept.pop().continue_()
    page.unroute(LATE_SEGMENTS)


@ENGINES
def test_a_session_is_exchanged_before_it_ends_and_nobody_sees_it(late_viewer: Viewer, film: Film, engine: str) -> None:
    page = late_viewer.page
    page.add_init_script(_WATCHED_CLOSELY)
    kept = keep_back(page)
    with page.expect_response(PLAYBACK) as answered:
        late_viewer.watch(film, f"?engine={engine}")
    token = token_in(answered.value.json()["hls_url"])

    with page.expect_request(re.compile(rf"/m/{token}/[^/]+/\d+\.m4s$")):
        give(page, kept)
    late_viewer.wait_until("video.currentTime > 10")

    late_viewer.expect_state("playing")
    assert page.evaluate("[failures, jumps, sources]") == [[], [], 1]


@ENGINES
def test_what_a_renewed_session_is_refused_has_not_expired(late_viewer: Viewer, film: Film, engine: str) -> None:
    page = late_viewer.page
    kept = keep_back(page)
    with page.expect_response(PLAYBACK):
        late_viewer.watch(film, f"?engine={engine}")
    late_viewer.wait_until("video.currentTime > 7")

    def refuse(route: Route) -> None:
        route.fulfill(status=403, headers={"Access-Control-Allow-Origin": "*"}, body="")

    page.route(LATE_SEGMENTS, refuse)
    late_viewer.seek(15)
    for route in kept:
        refuse(route)

    late_viewer.expect_failure("manifest-forbidden")
    assert page.evaluate("failures") == ["manifest-forbidden"]


def test_a_film_that_was_packaged_anew_meanwhile_begins_anew_where_it_was(late_viewer: Viewer, film: Film) -> None:
    """Of another package, segments of the same name hold something else."""
    page = late_viewer.page
    page.add_init_script(_WATCHED_CLOSELY)
    page.route(PLAYBACK, answering({"package": "0" * 32}))
    with page.expect_response(PLAYBACK):
        late_viewer.watch(film)
        place_s = late_viewer.place_s()
    page.wait_for_function("sources === 2")
    late_viewer.wait_until(f"!video.paused && video.currentTime > {place_s + 6}")

    assert page.evaluate("failures") == []


def test_a_portal_that_gives_no_other_session_disturbs_nobody(late_viewer: Viewer, film: Film) -> None:
    late_viewer.page.route(PLAYBACK, lambda route: route.fulfill(status=503, body="{}"))
    with late_viewer.page.expect_request(PLAYBACK):
        late_viewer.watch(film)
        late_viewer.wait_until("video.currentTime > 6")

    late_viewer.expect_state("playing")
    assert late_viewer.page.evaluate("window.failures") == []


def test_a_session_that_ends_with_the_films_window_is_kept(late_viewer: Viewer, film: Film) -> None:
    asked: list[str] = []
    tokens: set[str] = set()
    page = late_viewer.page
    kept = keep_back(page)
    page.route(PLAYBACK, answering({"lasts_s": 0.5}))
    page.on("request", lambda request: tokens.add(token_in(request.url)))
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    with page.expect_response(PLAYBACK) as answered:
        late_viewer.watch(film)
    give(page, kept)
    late_viewer.wait_until("video.currentTime > 9")

    assert len([url for url in asked if url.endswith("/playback/")]) == 1
    assert token_in(answered.value.json()["hls_url"]) not in tokens


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
