"""What the player tells the portal of those who watch, in real playback: heard before the portal hears it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.e2e.broadcasting import Broadcaster, broadcaster_of
from tests.e2e.controls import Hands
from tests.e2e.films import DURATION_S, HEIGHTS, Film
from tests.e2e.running import Portal
from tests.e2e.viewers import PATIENCE_MS, given_with

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400), pytest.mark.forges_beacons]

PLAYBACK = re.compile(r"/api/v1/(movies|streams)/[^/]+/playback/$")
LATE_SEGMENTS = re.compile(r"/m/[^/]+/[^/]+/[3-9]\.m4s$")
MOST_BYTES = 16 * 1024
QUALITIES = {f"{height}p" for height in HEIGHTS}
_NOTE_LAST_WORD = """
  const send = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (url, body) => {
    const isTaken = send(url, body);
    localStorage.setItem("last-word", JSON.stringify({isTaken, body}));
    return isTaken;
  };
"""


def beacon(token: str, interval_s: float = 1) -> dict[str, Any]:
    return {"url": "/api/v1/beacons/", "token": token, "interval_s": interval_s}


@dataclass(slots=True)
class Door:
    """Where a player's beacons are heard. The page comes with the token "first", sessions after it with another."""

    page: Page
    next_token: str = "next"
    requests: list[Request] = field(default_factory=list)

    def open(self, given: dict[str, Any] | None = None) -> None:
        """Give the page its beacon, or what else it shall be given."""
        self.page.add_init_script(given_with({"beacon": beacon("first")} if given is None else given))
        self.page.route(PLAYBACK, lambda route: self._give_session(route))
        self.page.route("**/api/v1/beacons/", lambda route: self._hear(route))

    def _give_session(self, route: Route) -> None:
        answer = route.fetch()
        told = {**answer.json(), "beacon": beacon(self.next_token)} if answer.ok else answer.json()
        route.fulfill(response=answer, body=json.dumps(told))

    def _hear(self, route: Route) -> None:
        self.requests.append(route.request)
        route.fulfill(status=204)

    def told(self, token: str = "first") -> list[dict[str, Any]]:
        """Return the events that were told of a session."""
        bodies = [json.loads(request.post_data or "") for request in self.requests]
        return [event for body in bodies if body["token"] == token for event in body["ev"]]

    def states(self, token: str = "first") -> str:
        return "".join(event["sta"] for event in self.told(token) if event["e"] == "ps")

    def wait_for(self, token: str = "first", **members: Any) -> dict[str, Any]:
        """Wait for the next event with these members from now on."""
        heard = len(self.told(token))
        for _ in range(PATIENCE_MS // 50):
            for event in self.told(token)[heard:]:
                if members.items() <= event.items():
                    return event
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{members} was not told: {self.told(token)}")

    def reach(self, state: str, token: str = "first") -> dict[str, Any]:
        """Wait until a session has come to a state, unless it is there; return the event that told so."""
        for _ in range(PATIENCE_MS // 50):
            told = [event for event in self.told(token) if event["e"] == "ps"]
            if told and told[-1]["sta"] == state:
                return told[-1]
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{state} was not told: {self.told(token)}")


@pytest.fixture
def door(browser_page: Page) -> Door:
    return Door(browser_page)


@pytest.fixture
def viewer(browser_page: Page) -> Hands:
    return Hands(browser_page)


def begin(viewer: Hands, door: Door, film: Film, query: str = "") -> None:
    """Watch, and wait until the player has told so."""
    viewer.watch(film, query)
    door.reach("p")


def test_a_viewer_watches_pauses_goes_elsewhere_and_comes_to_the_end(viewer: Hands, door: Door, film: Film) -> None:
    troubles: list[str] = []
    viewer.page.on("console", lambda message: troubles.append(message.text))
    viewer.page.on("pageerror", lambda error: troubles.append(str(error)))
    door.open()
    begin(viewer, door, film)

    starting, playing = door.told()[:2]
    assert (starting["sta"], starting["sn"], starting["e"]) == ("s", 0, "ps")
    assert "msd" not in starting
    assert (playing["sta"], playing["sn"], playing["e"]) == ("p", 1, "ps")
    assert 0 < playing["msd"] < 20_000
    assert playing["ts"] - starting["ts"] >= playing["msd"] - 1

    passing = door.wait_for(e="t", sta="p")
    assert passing["msd"] == playing["msd"]
    assert passing["nova-q"] in QUALITIES
    assert 0 < passing["pt"] < DURATION_S * 1000
    assert min(passing["br"] + passing["mtp"] + passing["bl"]) > 0
    assert passing["nova-bytes"] > 1_000
    assert 0 < passing["nova-watch"] <= passing["ts"] - starting["ts"]
    # It is measured as media comes, and so not the same all the time.
    rates = [event["br"][0] for event in door.told() if "br" in event]
    assert 0 < passing["nova-rate"] <= passing["nova-watch"] * max(rates) * 1.5
    assert passing["nova-upscale"][0] <= passing["nova-upscale"][1]
    assert (passing["pr"], passing["nova-hidden"]) == (1, False)
    assert "ltc" not in passing

    viewer.ask("video.pause()")
    paused = door.reach("a")
    viewer.page.wait_for_timeout(1_500)
    assert door.told()[-1] == paused
    viewer.ask("void video.play()")
    resumed = door.reach("p")
    assert resumed["nova-watch"] - paused["nova-watch"] < 1_000

    viewer.seek(15)
    viewer.wait_until("video.currentTime > 15 && !video.seeking")
    sought = door.wait_for(e="t", sta="p")
    assert sought["pt"] > 15_000
    assert (sought["bsa"], sought["bsda"]) == (resumed["bsa"], resumed["bsda"])
    assert sought["nova-seek"] > 0

    ended = door.reach("e")
    viewer.page.wait_for_timeout(1_500)
    assert door.told()[-1] == ended
    assert [event["sn"] for event in door.told()] == list(range(len(door.told())))
    assert max(len(json.dumps(event)) for event in door.told()) * 30 < MOST_BYTES
    assert [text for text in troubles if "warning" not in text.lower()] == []


def test_who_chooses_less_quality_is_told_of_at_once(viewer: Hands, door: Door, film: Film) -> None:
    door.open({"beacon": beacon("first", 60)})
    begin(viewer, door, film)
    viewer.wait_until("video.videoHeight > 480")
    viewer.choose("Quality", "480p")

    changed = door.wait_for(**{"nova-q": "480p"})

    assert changed["e"] in {"bc", "ps"}
    assert changed["nova-downs"] >= 1
    assert changed["nova-upscale"][1] >= 0


def test_media_that_does_not_come_is_a_stall(viewer: Hands, door: Door, film: Film) -> None:
    kept: list[Route] = []
    viewer.page.route(LATE_SEGMENTS, lambda route: kept.append(route))
    door.open()
    begin(viewer, door, film)
    viewer.ask("void (video.playbackRate = 4)")

    stalled = door.reach("r")
    waiting = door.wait_for(sta="r", e="t")
    assert waiting["nova-watch"] - stalled["nova-watch"] > 400
    viewer.page.unroute(LATE_SEGMENTS)
    while kept:
        kept.pop().continue_()
    healed = door.reach("p")

    assert healed["bsa"][0] == stalled["bsa"][0] >= 1
    assert healed["bsda"][0] > waiting["bsda"][0] > 0
    assert healed["nova-seek"] == 0


def test_what_fails_for_good_is_told_and_a_retry_is_another_attempt(viewer: Hands, door: Door, film: Film) -> None:
    def refuse(route: Route) -> None:
        body = json.dumps({"status": 403, "code": "playback-token-invalid"})
        origin = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(status=403, content_type="application/problem+json", headers=origin, body=body)

    kept: list[Route] = []
    viewer.page.route(LATE_SEGMENTS, lambda route: kept.append(route))
    door.open()
    # The portal gives another session before anything is told, of which nothing can be played either.
    door.next_token = "first"
    begin(viewer, door, film)
    viewer.page.route(LATE_SEGMENTS, refuse)
    for route in kept:
        refuse(route)
    viewer.expect_failure("manifest-forbidden")
    door.reach("f")
    [error] = [event for event in door.told() if event["e"] == "e"]
    assert (error["ec"], error["sta"]) == (["manifest-forbidden"], "f")
    assert (error["nova-fatal"], error["nova-business"]) == (True, True)

    door.next_token = "next"
    viewer.page.unroute(LATE_SEGMENTS)
    viewer.retry()
    viewer.expect_recovery()

    playing = door.wait_for("next", e="t", sta="p")
    assert door.states("next")[:2] == "sp"
    assert playing["msd"] > 0
    assert "nova-renewed" not in playing
    assert playing["nova-watch"] <= playing["ts"] - door.told("next")[0]["ts"]
    assert door.states()[-1] == "f"


def test_a_session_that_is_exchanged_is_no_other_attempt(viewer: Hands, door: Door, film: Film) -> None:
    door.open({"beacon": beacon("first"), "lasts_s": 6})
    begin(viewer, door, film)

    going_on = door.reach("p", "next")

    assert (going_on["sn"], going_on["nova-renewed"], going_on["msd"]) == (0, True, 0)
    assert (going_on["nova-watch"], going_on["bsa"], going_on["nova-bytes"]) == (0, [0], 0)
    left = door.reach("q")
    assert left["nova-watch"] > 1_000
    assert left["ts"] == pytest.approx(going_on["ts"], abs=5)
    door.wait_for("next", e="t", sta="p")
    assert door.told()[-1] == left


def test_the_last_word_of_a_page_is_that_its_viewer_has_left(viewer: Hands, door: Door, film: Film) -> None:
    door.open()
    # What a browser sends for a page that is gone, nobody hears but the portal.
    viewer.page.add_init_script(_NOTE_LAST_WORD)
    begin(viewer, door, film)

    viewer.page.goto("/live/")

    last = json.loads(viewer.page.evaluate("localStorage.getItem('last-word')"))
    assert last["isTaken"] is True
    body = json.loads(last["body"])
    assert body["token"] == "first"
    assert body["ev"][-1]["sta"] == "q"
    assert body["ev"][-1]["nova-watch"] > 0


def test_a_page_that_nobody_looks_at_says_so_and_one_that_comes_back_goes_on(
    viewer: Hands, door: Door, film: Film
) -> None:
    door.open({"beacon": beacon("first", 60)})
    begin(viewer, door, film)
    viewer.page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", {value: true, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    viewer.page.wait_for_timeout(200)
    hidden = door.told()[-1]
    assert (hidden["e"], hidden["sta"], hidden["nova-hidden"]) == ("b", "p", True)
    assert door.requests[-1].headers["content-type"] == "text/plain;charset=UTF-8"

    # The browser keeps the page in its history, and brings it back.
    viewer.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    left = door.reach("q")
    viewer.page.wait_for_timeout(1_000)
    viewer.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    back = door.reach("p")
    assert back["nova-watch"] - left["nova-watch"] < 700


def test_a_player_that_the_page_does_without_has_been_left(viewer: Hands, door: Door, film: Film) -> None:
    door.open()
    begin(viewer, door, film)
    viewer.page.evaluate(
        """() => {
          document.querySelector("section[data-player]").remove();
          document.dispatchEvent(new CustomEvent("player-left"));
        }"""
    )

    left = door.reach("q")
    viewer.page.wait_for_timeout(1_500)
    assert door.told()[-1] == left


def test_what_happens_without_a_network_is_told_afterwards(
    context: BrowserContext, viewer: Hands, door: Door, film: Film
) -> None:
    door.open()
    begin(viewer, door, film)
    viewer.wait_until("video.buffered.length && video.buffered.end(0) > 15")
    context.set_offline(True)
    heard = len(door.requests)
    viewer.ask("video.pause()")
    viewer.page.wait_for_timeout(500)
    viewer.ask("void video.play()")
    viewer.page.wait_for_timeout(2_500)
    assert len(door.requests) == heard

    context.set_offline(False)
    door.wait_for(sta="p")
    events = json.loads(door.requests[heard].post_data or "")["ev"]
    assert [event["sta"] for event in events[:2]] == ["a", "p"]
    assert "t" in {event["e"] for event in events}
    assert events[-1]["ts"] - events[0]["ts"] > 1_500


@pytest.mark.parametrize(("engine", "knows"), [("dash", True), ("native", False)])
def test_other_engines_tell_what_they_know(viewer: Hands, door: Door, film: Film, engine: str, knows: bool) -> None:
    door.open()
    begin(viewer, door, film, f"?engine={engine}")

    passing = door.wait_for(e="t", sta="p")

    assert passing["msd"] > 0
    assert passing["nova-watch"] > 0
    assert passing["nova-q"] in QUALITIES
    assert ("br" in passing, passing["nova-rate"] > 0, passing["nova-bytes"] > 0) == (knows, knows, knows)


def test_a_film_that_waits_for_a_press_is_no_attempt_before(viewer: Hands, door: Door, film: Film) -> None:
    door.open()
    viewer.page.goto(f"/embed{film.path}")
    button = viewer.player.locator("media-play-button").first
    button.wait_for(timeout=PATIENCE_MS)
    viewer.page.wait_for_timeout(1_000)
    assert door.requests == []

    button.click()

    playing = door.reach("p", "next")
    assert door.states("next")[:2] == "sp"
    assert 0 < playing["msd"] < 20_000


def test_where_nothing_shall_be_told_nothing_is(viewer: Hands, door: Door, film: Film) -> None:
    door.open({"beacon": None})
    viewer.watch(film)
    viewer.wait_until("video.currentTime > 3")
    viewer.page.goto("/live/")

    assert door.requests == []


# --- Broadcasts -------------------------------------------------------------------------------------------------------


@pytest.fixture
def broadcaster(live_portal: Portal) -> Iterator[Broadcaster]:
    with broadcaster_of(live_portal) as found:
        yield found


def test_a_broadcast_is_told_of_by_how_far_behind_it_is_seen(
    viewer: Hands, door: Door, broadcaster: Broadcaster
) -> None:
    door.open()
    viewer.page.goto("/live/studio-one/")
    broadcaster.begin()
    viewer.wait_until("video?.currentTime > 1")

    passing = door.wait_for("next", e="t", sta="p")

    assert door.states("next")[:2] == "sp"
    assert 0 < passing["ltc"] < 30_000
    assert "pt" not in passing
    assert passing["nova-q"].endswith("p")
    assert passing["nova-bytes"] > 0
    broadcaster.stop()
    expect(viewer.player).to_have_count(0, timeout=PATIENCE_MS)
    viewer.page.wait_for_timeout(500)
    assert door.states("next")[-1] in "eq"
    assert door.told("next")[-1]["nova-watch"] >= passing["nova-watch"]
