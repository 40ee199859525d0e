"""A film that waits for ever is helped on where nothing is on its way, and left alone where there is a reason."""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from tests.e2e.films import Film
from tests.e2e.scripts import empty_page
from tests.e2e.viewers import PATIENCE_MS, Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

# What comes after eight seconds of film.
LATE_SEGMENTS = re.compile(r"/m/[^/]+/[^/]+/[3-9]\.m4s$")
# Without them, Chromium plays on for three seconds.
LATE_PICTURES = re.compile(r"/m/[^/]+/v-[^/]*/[3-9]\.m4s$")
UNTIL_BEGUN_ANEW_MS = 14_000
# A box that says nothing, at the end of a segment.
_MARK = b"\0\0\0\x0cfreelost"
# What is marked never arrives in the buffer, and the buffer says that it did; once only, unless it loses for ever.
_LOSE = """
  const append = SourceBuffer.prototype.appendBuffer;
  const end = MediaSource.prototype.endOfStream;
  const everything = {length: 1, start: () => 0, end: () => 1e6};
  let [loses, believes] = [true, false];
  document.addEventListener("emptied", () => ([loses, believes] = [loses && LOSES_FOR_EVER, false]), true);
  SourceBuffer.prototype.appendBuffer = function (data) {
    const bytes = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
    const isLost = loses && String.fromCharCode(...bytes.slice(-4)) === "lost";
    believes ||= isLost;
    return append.call(this, isLost ? new Uint8Array() : data);
  };
  // Else Chromium would play what it has to the end of the film, without a picture.
  MediaSource.prototype.endOfStream = function (...given) {
    if (!believes) end.apply(this, given);
  };
  for (const {prototype} of [SourceBuffer, HTMLMediaElement]) {
    const {get} = Object.getOwnPropertyDescriptor(prototype, "buffered");
    Object.defineProperty(prototype, "buffered", {get() { return believes ? everything : get.call(this); }});
  }
"""
_NOTE = """() => {
  window.noted = [];
  const video = document.querySelector("section[data-player] video");
  for (const name of ["seeking", "emptied"]) video.addEventListener(name, () => noted.push(name));
}"""
# A film before what looks after it: each step is what has changed, and for how many seconds it stays so. What it is
# helped by is noted with the second at which it came.
_BEGIN = """async () => {
  const { watchStandstill } = await import("/player/standstill.js");
  const buffered = {length: 1, start: () => 0, end: () => film.loaded_s};
  const video = {paused: false, ended: false, readyState: 2, buffered, ownerDocument: {hidden: false}};
  window.film = {place_s: 8, loaded_s: 8, moves: false, isExpecting: false, helps: [], over: new AbortController()};
  const note = (name) => film.helps.push([name, Math.round(performance.now() / 1000) - film.begunAt_s]);
  film.begunAt_s = Math.round(performance.now() / 1000);
  Object.defineProperty(video, "currentTime", {
    get: () => (film.moves ? (film.place_s += 1) : film.place_s),
    set: () => note("nudge"),
  });
  film.video = video;
  watchStandstill({video, signal: film.over.signal}, {
    isExpecting: () => film.isExpecting,
    beginAnew: () => note("anew"),
    giveUp: () => note("told"),
  });
}"""


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    """Somebody whose clock can be put forward."""
    browser_page.clock.install()
    return Viewer(browser_page)


@pytest.fixture
def film_page(browser: Browser) -> Iterator[Page]:
    with empty_page(browser) as page:
        page.evaluate(_BEGIN)
        # What it sees first is what it has not seen before.
        page.clock.run_for(1_000)
        yield page


def mark(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.body() + _MARK)


def told_in(request: Request) -> list[dict[str, Any]]:
    """Return the events of a beacon; none of anything else."""
    return json.loads(request.post_data or "")["ev"] if request.url.endswith("/api/v1/beacons/") else []


def tells_of_playing(request: Request) -> bool:
    return any(event["sta"] == "p" for event in told_in(request))


def let_pass(page: Page, seconds: int, change: str = "") -> list[Any]:
    """Change something, let time pass; return what has helped so far."""
    page.evaluate(f"() => {{ {change} }}")
    page.clock.run_for(seconds * 1_000)
    return list(page.evaluate("film.helps"))


def test_it_is_nudged_then_begun_anew_then_told(film_page: Page) -> None:
    assert let_pass(film_page, 5) == []
    assert let_pass(film_page, 13) == [["nudge", 7], ["anew", 13], ["told", 19]]


def test_what_has_played_for_a_while_is_helped_from_the_beginning(film_page: Page) -> None:
    let_pass(film_page, 7)
    let_pass(film_page, 12, "film.moves = true")

    helps = let_pass(film_page, 8, "film.moves = false")

    assert [name for name, _ in helps] == ["nudge", "nudge"]


def test_what_stands_still_again_at_once_was_not_helped(film_page: Page) -> None:
    let_pass(film_page, 7)
    let_pass(film_page, 3, "film.moves = true")

    helps = let_pass(film_page, 8, "film.moves = false")

    assert [name for name, _ in helps] == ["nudge", "anew"]


@pytest.mark.parametrize(
    "reason",
    [
        "film.isExpecting = true",
        "film.moves = true",
        "film.video.paused = true",
        "film.video.ended = true",
        "film.video.readyState = 3",
        "film.video.ownerDocument.hidden = true",
        "film.over.abort()",
    ],
)
def test_it_is_left_alone_where_there_is_a_reason(film_page: Page, reason: str) -> None:
    assert let_pass(film_page, 30, reason) == []


@pytest.mark.parametrize(
    ("reason", "over"),
    [
        ("film.isExpecting = true", "film.isExpecting = false"),
        ("film.video.ownerDocument.hidden = true", "film.video.ownerDocument.hidden = false"),
        ("film.place_s = 12", ""),
        ("film.loaded_s = 12", ""),
    ],
    ids=["something was on its way", "nobody looked", "the viewer went elsewhere", "something came"],
)
def test_the_time_counts_from_when_there_was_no_reason_any_more(film_page: Page, reason: str, over: str) -> None:
    assert let_pass(film_page, 5) == []
    let_pass(film_page, 1, reason)
    assert let_pass(film_page, 5, over) == []
    assert len(let_pass(film_page, 1)) == 1


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_a_film_that_waits_for_what_will_not_come_goes_on_by_itself(viewer: Viewer, film: Film, engine: str) -> None:
    viewer.page.add_init_script(_LOSE.replace("LOSES_FOR_EVER", "false"))
    viewer.page.route(LATE_PICTURES, mark)
    with viewer.page.expect_request(tells_of_playing, timeout=PATIENCE_MS):
        viewer.watch(film, f"?engine={engine}&t=6")
    viewer.expect_state("waiting")
    place_s = viewer.place_s()
    heard: list[dict[str, Any]] = []
    viewer.page.on("request", lambda request: heard.extend(told_in(request)))

    with viewer.page.expect_request(tells_of_playing, timeout=PATIENCE_MS):
        viewer.page.clock.run_for(UNTIL_BEGUN_ANEW_MS)
        viewer.wait_until(f"video.currentTime > {place_s + 1}")

    viewer.expect_state("playing")
    assert 7 < place_s < 14
    assert viewer.ask("video.played.start(0)") == pytest.approx(place_s, abs=0.5)
    # Whatever was done, it was waited for once.
    waited = list(itertools.takewhile(lambda event: event["sta"] != "p", heard))
    played = heard[len(waited)]
    assert {event["sta"] for event in waited} == {"r"}
    assert "e" not in {event["e"] for event in heard}
    assert {tuple(event["bsa"]) for event in waited} == {tuple(played["bsa"])}


def test_a_film_that_does_not_go_on_either_way_is_told_and_a_retry_plays(viewer: Viewer, film: Film) -> None:
    viewer.page.add_init_script(_LOSE.replace("LOSES_FOR_EVER", "true"))
    viewer.page.route(LATE_PICTURES, mark)
    viewer.watch(film, "?t=6")
    viewer.expect_state("waiting")
    viewer.page.clock.run_for(UNTIL_BEGUN_ANEW_MS)

    viewer.expect_failure("media-decode")
    place_s = viewer.place_s()

    viewer.page.unroute(LATE_PICTURES)
    viewer.retry()

    viewer.expect_recovery()
    viewer.wait_until(f"video.currentTime > {place_s + 0.2}")
    assert 7 < place_s < 14


@pytest.mark.parametrize("engine", ["hls", "dash"])
def test_a_film_whose_line_is_slow_is_left_alone(viewer: Viewer, film: Film, engine: str) -> None:
    held: list[Route] = []
    viewer.page.route(LATE_SEGMENTS, lambda route: held.append(route))
    viewer.watch(film, f"?engine={engine}&t=6")
    viewer.expect_state("waiting")
    viewer.page.evaluate(_NOTE)

    # Longer than a film that stands still is left alone.
    viewer.page.clock.run_for(9_000)

    assert viewer.page.evaluate("noted") == []
    for route in held:
        route.continue_()
    viewer.page.unroute(LATE_SEGMENTS)
    viewer.wait_until("video.currentTime > 9")
