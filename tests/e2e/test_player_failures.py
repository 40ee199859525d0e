"""Everything that goes wrong on the way to a viewer: each has its name, a Retry that works, and the place is kept."""

import itertools
import json
import re
import time
from collections.abc import Callable
from http import HTTPStatus

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.e2e.films import Film
from tests.e2e.viewers import MASTER, PLAYBACK, SEGMENTS, Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

REPORTS = "**/api/v1/playback-reports/"
MANIFESTS = re.compile(r"/m/[^/]+/(master\.m3u8|manifest\.mpd)$")
LATE_SEGMENTS = re.compile(r"/m/[^/]+/[^/]+/[3-9]\.m4s$")
LATE_SMALL_SEGMENTS = re.compile(r"/m/[^/]+/v-[^/]+x480/[3-9]\.m4s$")
CAPTIONS = re.compile(r"/m/[^/]+/c\d+/[^/]+\.vtt$")
PLAYLISTS_OF_CAPTIONS = re.compile(r"/m/[^/]+/c\d+/index\.m3u8$")
CONTROLS_SCRIPT = re.compile(r"/js/chunks/controls[^/]*\.js$")
DASH_SCRIPT = re.compile(r"/js/chunks/dash[^/]*\.js$")

_WITHOUT_ENGINES = """
  delete window.MediaSource;
  delete window.ManagedMediaSource;
  delete window.WebKitMediaSource;
  HTMLMediaElement.prototype.canPlayType = () => "";
"""
# As Chromium does at times: of a decoder that has failed it says that it has come to the end.
_FAIL_AT_THE_END = """
  const {get, set} = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "currentTime");
  const {get: isEnded} = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "ended");
  const add = MediaSource.prototype.addSourceBuffer;
  let hasFailed = false;
  const fail = () => {
    hasFailed = true;
    document.querySelector("section[data-player] video").dispatchEvent(new Event("timeupdate"));
  };
  MediaSource.prototype.addSourceBuffer = function (type) {
    const buffer = add.call(this, type);
    buffer.addEventListener("error", fail);
    return buffer;
  };
  document.addEventListener("emptied", () => (hasFailed = false), true);
  document.addEventListener("error", ({target}) => target instanceof HTMLMediaElement && fail(), true);
  Object.defineProperties(HTMLMediaElement.prototype, {
    currentTime: {get() { return hasFailed ? this.duration : get.call(this); }, set},
    ended: {get() { return hasFailed || isEnded.call(this); }},
  });
"""
_NOTE_FAILURES = """() => {
  window.failures = [];
  const watch = new MutationObserver(([{target}]) => window.failures.push(target.dataset.failure));
  watch.observe(document.querySelector("section[data-player]"), {attributeFilter: ["data-failure"]});
}"""


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    return Viewer(browser_page)


def problem(status: int, code: str) -> Callable[[Route], None]:
    """Answer as the origin and the portal do when they refuse."""

    def answer(route: Route) -> None:
        route.fulfill(
            status=status,
            content_type="application/problem+json",
            headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
            body=json.dumps({"status": status, "code": code, "title": code}),
        )

    return answer


def damage(route: Route) -> None:
    """Leave a segment its boxes, and spoil what they hold."""
    answer = route.fetch()
    content = bytearray(answer.body())
    start = content.find(b"mdat") + 4
    content[start:] = b"\xff" * (len(content) - start)
    route.fulfill(response=answer, body=bytes(content))


def empty(route: Route) -> None:
    route.fulfill(body=b"", headers={"Access-Control-Allow-Origin": "*"})


def token_of(request: Request) -> str:
    return request.url.partition("/m/")[2].partition("/")[0]


def lose(route: Route) -> None:
    route.abort("connectionfailed")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (problem(HTTPStatus.NOT_FOUND, "media-not-found"), "manifest-missing"),
        (problem(HTTPStatus.FORBIDDEN, "playback-token-invalid"), "manifest-forbidden"),
        (problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"), "manifest-unavailable"),
        (lose, "manifest-unavailable"),
        (problem(HTTPStatus.FORBIDDEN, "playback-revoked"), "playback-revoked"),
    ],
    ids=["404", "403", "503", "no answer", "revoked"],
)
def test_a_manifest_that_cannot_be_had_is_told_and_a_retry_plays(
    viewer: Viewer, film: Film, answer: Callable[[Route], None], code: str
) -> None:
    viewer.page.route(MASTER, answer)
    with viewer.page.expect_request(REPORTS) as told:
        viewer.open(film)
        viewer.expect_failure(code)
    report = json.loads(told.value.post_data or "")
    assert (report["code"], report["position_s"]) == (code, 0)

    viewer.page.unroute(MASTER)
    viewer.retry()

    viewer.expect_recovery()
    viewer.wait_until("video.currentTime > 0.2")


@pytest.mark.parametrize("engine", ["dash", "native"])
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (problem(HTTPStatus.NOT_FOUND, "media-not-found"), "manifest-missing"),
        (problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"), "manifest-unavailable"),
    ],
    ids=["404", "503"],
)
def test_engines_that_say_less_are_found_out(
    viewer: Viewer, film: Film, answer: Callable[[Route], None], code: str, engine: str
) -> None:
    viewer.page.route(MANIFESTS, answer)
    viewer.open(film, f"?engine={engine}")
    viewer.expect_failure(code)

    viewer.page.unroute(MANIFESTS)
    viewer.retry()

    viewer.expect_recovery()


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        ("<html>Sign in to this network</html>", "manifest-unavailable"),
        ('<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period id="0" /></MPD>', "manifest-unavailable"),
        (
            '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S">'
            '<Period id="0"><AdaptationSet mimeType="video/mp4"><Representation id="v" codecs="none" bandwidth="9" />'
            "</AdaptationSet></Period></MPD>",
            "unsupported",
        ),
    ],
    ids=["no manifest", "no length", "no streams"],
)
def test_a_manifest_that_dash_makes_nothing_of_is_told(viewer: Viewer, film: Film, manifest: str, code: str) -> None:
    site = {"Access-Control-Allow-Origin": "*"}
    viewer.page.route(MANIFESTS, lambda route: route.fulfill(body=manifest, headers=site))
    viewer.open(film, "?engine=dash")

    viewer.expect_failure(code)


def test_an_engine_that_cannot_be_fetched_is_told_and_a_retry_plays(viewer: Viewer, film: Film) -> None:
    viewer.page.route(DASH_SCRIPT, lose)
    viewer.open(film, "?engine=dash")
    viewer.expect_failure("manifest-unavailable")

    viewer.page.unroute(DASH_SCRIPT)
    viewer.retry()

    viewer.expect_recovery()


@pytest.mark.parametrize(("engine", "missing"), [("hls", CAPTIONS), ("hls", PLAYLISTS_OF_CAPTIONS), ("dash", CAPTIONS)])
def test_texts_that_are_missing_stop_nothing(viewer: Viewer, film: Film, engine: str, missing: re.Pattern[str]) -> None:
    viewer.page.add_init_script("localStorage.setItem('nova:captions', JSON.stringify({isOn: true, language: 'en'}))")
    viewer.page.route(missing, problem(HTTPStatus.NOT_FOUND, "media-not-found"))
    with viewer.page.expect_request(missing):
        viewer.watch(film, f"?engine={engine}")
    viewer.page.evaluate(_NOTE_FAILURES)
    viewer.ask("void (video.playbackRate = 4)")

    viewer.expect_state("ended")
    assert viewer.page.evaluate("window.failures") == []


def test_a_quality_that_was_chosen_stays_chosen_when_it_fails(viewer: Viewer, film: Film) -> None:
    viewer.page.route(LATE_SMALL_SEGMENTS, problem(HTTPStatus.NOT_FOUND, "media-not-found"))
    viewer.watch(film)
    viewer.player.locator("[data-player-settings]").click()
    viewer.player.get_by_role("menuitem", name="Quality").click()
    viewer.player.get_by_role("menuitemradio", name="480p").click()
    viewer.seek(13)

    viewer.expect_failure("segment-lost")
    viewer.page.unroute(LATE_SMALL_SEGMENTS)
    viewer.retry()

    viewer.expect_recovery()
    assert viewer.ask("video.videoHeight") == 480


def test_an_origin_that_comes_back_is_found_by_itself(viewer: Viewer, film: Film) -> None:
    viewer.page.route(MASTER, problem(HTTPStatus.BAD_GATEWAY, "unavailable"))
    viewer.open(film)
    viewer.expect_failure("manifest-unavailable")

    viewer.page.unroute(MASTER)

    viewer.expect_recovery()


@pytest.mark.parametrize("answer", [lose, problem(HTTPStatus.NOT_FOUND, "media-not-found")], ids=["no answer", "404"])
def test_lost_segments_stop_the_film_only_where_nothing_is_left_and_it_goes_on_there(
    viewer: Viewer, film: Film, answer: Callable[[Route], None]
) -> None:
    viewer.page.route(LATE_SEGMENTS, answer)
    viewer.watch(film)
    viewer.ask("void (video.playbackRate = 4)")

    viewer.expect_failure("segment-lost")
    place_s = viewer.place_s()
    assert place_s > 7

    viewer.page.unroute(LATE_SEGMENTS)
    viewer.retry()

    viewer.expect_recovery()
    viewer.wait_until(f"video.currentTime > {place_s + 1}")
    assert viewer.ask("video.played.length") == 1


@pytest.mark.parametrize(
    ("engine", "broken"),
    [
        *(("hls", name) for name in (r"[av][^/]*/\d", "v-[^/]*/1", "a[^/]*/1", "v-[^/]*/3", "a[^/]*/3")),
        *(("dash", name) for name in ("a[^/]*/1", "v-[^/]*/3")),
    ],
)
def test_a_film_whose_pictures_or_sounds_are_broken_is_told_and_a_retry_plays(
    viewer: Viewer, film: Film, engine: str, broken: str
) -> None:
    segments = re.compile(rf"/m/[^/]+/{broken}\.m4s$")
    viewer.page.route(segments, damage)
    with viewer.page.expect_request(REPORTS) as told:
        viewer.open(film, f"?engine={engine}")
        viewer.ask("void (video.playbackRate = video.defaultPlaybackRate = 4)")
        viewer.expect_failure("media-decode")
    assert json.loads(told.value.post_data or "")["code"] == "media-decode"
    place_s = viewer.place_s()

    viewer.page.unroute(segments)
    viewer.ask("void (video.playbackRate = video.defaultPlaybackRate = 1)")
    viewer.retry()

    viewer.expect_recovery()
    viewer.wait_until(f"video.currentTime > {place_s + 0.2}")


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_a_film_that_fails_goes_on_where_it_was_and_not_where_its_browser_says(
    viewer: Viewer, film: Film, engine: str
) -> None:
    first = re.compile(r"/m/[^/]+/v-[^/]*/1\.m4s$")
    viewer.page.add_init_script(_FAIL_AT_THE_END)
    viewer.page.route(first, damage)
    viewer.open(film, f"?engine={engine}")
    viewer.expect_failure("media-decode")

    viewer.page.unroute(first)
    viewer.retry()

    viewer.expect_recovery()
    viewer.wait_until("video.currentTime > 0.2 && video.currentTime < 10")


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_a_decoder_that_fails_once_is_started_anew_without_a_word(viewer: Viewer, film: Film, engine: str) -> None:
    asked: list[Route] = []

    def damage_once(route: Route) -> None:
        asked.append(route)
        if len(asked) == 1:
            damage(route)
        else:
            route.continue_()

    viewer.page.route(re.compile(r"/m/[^/]+/a[^/]*/3\.m4s$"), damage_once)
    viewer.watch(film, f"?engine={engine}&t=6")
    viewer.page.evaluate(_NOTE_FAILURES)

    viewer.wait_until("video.currentTime > 9")

    assert len(asked) > 1
    assert viewer.page.evaluate("window.failures") == []


@pytest.mark.parametrize("answer", [damage, empty], ids=["damaged", "nothing"])
def test_a_beginning_that_is_broken_is_told_also_where_nobody_has_pressed_play(
    viewer: Viewer, film: Film, answer: Callable[[Route], None]
) -> None:
    viewer.page.add_init_script("Object.defineProperty(navigator, 'connection', {get: () => ({saveData: true})})")
    viewer.page.route(SEGMENTS, answer)
    viewer.open(film)
    viewer.expect_failure("media-decode")

    viewer.page.unroute(SEGMENTS)
    viewer.retry()

    viewer.expect_recovery()


def test_nothing_of_a_film_is_skipped_because_it_is_empty(viewer: Viewer, film: Film) -> None:
    third = re.compile(r"/m/[^/]+/v-[^/]*/3\.m4s$")
    viewer.page.route(third, empty)
    viewer.open(film)

    viewer.expect_failure("media-decode")
    assert viewer.place_s() < 9


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_an_expired_session_is_renewed_without_a_word(viewer: Viewer, film: Film, engine: str) -> None:
    tokens: list[str] = []
    refuse = problem(HTTPStatus.FORBIDDEN, "playback-token-expired")

    def expire(route: Route) -> None:
        tokens.append(token_of(route.request))
        if tokens[-1] == tokens[0]:
            refuse(route)
        else:
            route.continue_()

    viewer.page.route(LATE_SEGMENTS, expire)
    viewer.watch(film, f"?engine={engine}")
    viewer.page.evaluate(_NOTE_FAILURES)
    viewer.seek(15)

    viewer.expect_picture_of(15)
    assert len(set(tokens)) == 2
    assert viewer.page.evaluate("window.failures") == []
    viewer.expect_state("playing")


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_a_session_that_is_refused_for_good_ends_the_film(viewer: Viewer, film: Film, engine: str) -> None:
    viewer.page.route(LATE_SEGMENTS, problem(HTTPStatus.FORBIDDEN, "playback-token-invalid"))
    viewer.open(film, f"?engine={engine}")
    viewer.expect_failure("manifest-forbidden")

    viewer.page.unroute(LATE_SEGMENTS)
    viewer.retry()

    viewer.expect_recovery()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("text/html", "<html>Sign in to this network</html>"), ("application/json", "{}")],
    ids=["a page", "something else"],
)
def test_an_answer_that_is_no_session_is_none(viewer: Viewer, film: Film, content_type: str, body: str) -> None:
    viewer.page.route(LATE_SEGMENTS, problem(HTTPStatus.FORBIDDEN, "playback-token-expired"))
    viewer.page.route(PLAYBACK, lambda route: route.fulfill(content_type=content_type, body=body))
    viewer.watch(film)
    viewer.ask("void (video.playbackRate = 4)")
    viewer.expect_failure("manifest-unavailable")

    viewer.page.unroute(LATE_SEGMENTS)
    viewer.page.unroute(PLAYBACK)

    viewer.expect_recovery()


def test_a_window_that_closes_while_somebody_watches_ends_the_film_and_the_place_is_kept(
    viewer: Viewer, film: Film
) -> None:
    held: list[Route] = []
    expired = problem(HTTPStatus.FORBIDDEN, "playback-token-expired")
    viewer.page.route(LATE_SEGMENTS, lambda route: held.append(route))
    viewer.page.route(PLAYBACK, problem(HTTPStatus.NOT_FOUND, "not-found"))
    viewer.watch(film)

    # Not before the film plays: its end is told at once, whatever there is of it.
    viewer.page.route(LATE_SEGMENTS, expired)
    for route in held:
        expired(route)
    viewer.expect_failure("window-ended")
    assert viewer.ask("video.paused") is True
    viewer.seek(6)

    viewer.page.unroute(LATE_SEGMENTS)
    viewer.page.unroute(PLAYBACK)
    viewer.retry()

    viewer.expect_recovery()
    assert viewer.place_s() == pytest.approx(6, abs=2)


def test_a_portal_that_is_away_while_a_session_expires_is_asked_again(viewer: Viewer, film: Film) -> None:
    viewer.page.route(LATE_SEGMENTS, problem(HTTPStatus.FORBIDDEN, "playback-token-expired"))
    viewer.page.route(PLAYBACK, problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"))
    viewer.watch(film)
    viewer.ask("void (video.playbackRate = 4)")
    viewer.expect_failure("token-expired")

    viewer.page.unroute(LATE_SEGMENTS)
    viewer.page.unroute(PLAYBACK)

    viewer.expect_recovery()


def test_a_film_waits_for_the_network_and_goes_on_with_it(context: BrowserContext, viewer: Viewer, film: Film) -> None:
    viewer.page.route(LATE_SEGMENTS, lose)
    viewer.watch(film)
    context.set_offline(True)
    viewer.ask("void (video.playbackRate = 4)")

    viewer.expect_failure("offline")
    place_s = viewer.place_s()

    viewer.page.unroute(LATE_SEGMENTS)
    context.set_offline(False)

    viewer.expect_recovery()
    viewer.wait_until(f"video.currentTime > {place_s + 0.5}")


def test_a_browser_that_can_play_nothing_is_told_so(viewer: Viewer, film: Film) -> None:
    viewer.page.add_init_script(_WITHOUT_ENGINES)
    viewer.open(film)

    viewer.expect_failure("unsupported")
    expect(viewer.player.get_by_role("button", name="Try again")).to_be_hidden()


def test_controls_that_cannot_be_fetched_are_the_browsers_own_until_a_retry(viewer: Viewer, film: Film) -> None:
    viewer.page.route(CONTROLS_SCRIPT, lose)
    viewer.watch(film)
    assert viewer.ask("video.controls") is True
    told = viewer.player.get_by_role("alert").filter(has_text="The controls could not be loaded.")
    expect(told).to_be_visible()

    viewer.page.unroute(CONTROLS_SCRIPT)
    viewer.retry()

    expect(viewer.player.get_by_role("button", name="Settings")).to_be_visible()
    expect(told).to_be_hidden()
    assert viewer.ask("video.controls") is False
    viewer.expect_state("playing")


def test_tries_grow_rarer(viewer: Viewer, film: Film) -> None:
    asked: list[float] = []

    def refuse(route: Route) -> None:
        asked.append(time.monotonic())
        problem(HTTPStatus.BAD_GATEWAY, "unavailable")(route)

    viewer.page.route(MASTER, refuse)
    viewer.open(film)
    # Each time once more at once, then after one, two and four seconds, or some less.
    while len(asked) < 8:
        viewer.page.wait_for_timeout(200)

    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert max(pauses) > 2.9
    assert max(pauses) == max(pauses[-3:])
