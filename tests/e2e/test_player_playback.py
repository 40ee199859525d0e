"""The player on a film's page, with a film that a worker has packaged: what viewers do to it every day."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.films import DURATION_S, Film
from tests.e2e.running import Portal
from tests.e2e.signing_in import sign_in
from tests.e2e.viewers import PATIENCE_MS, Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

# As a browser does that nobody has pressed anything in: no sound before a gesture.
_WITHOUT_GESTURE = """
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    const isRefused = !this.muted && !navigator.userActivation.hasBeenActive;
    return isRefused ? Promise.reject(new DOMException("no gesture", "NotAllowedError")) : play.call(this);
  };
"""
_MANAGED = """
  window.ManagedMediaSource = class extends MediaSource {};
  delete window.MediaSource;
  HTMLMediaElement.prototype.canPlayType = () => "maybe";
"""
# What the portal writes into the page of such a film. A page that somebody else answers with may not talk to this host.
_STILL_BEING_PREPARED = """
  const parse = JSON.parse;
  JSON.parse = (...given) => {
    const told = parse(...given);
    if (!told || !("is_signed_in" in told && "captions" in told)) return told;
    document.querySelector("section[data-player]").dataset.state = "preparing";
    return {...told, hls_url: null, session: null};
  };
"""


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    return Viewer(browser_page)


@pytest.fixture
def signed_in_viewer(administrator_page: Page) -> Viewer:
    return Viewer(administrator_page)


@pytest.fixture
def other_device(browser: Browser, live_portal: Portal) -> Iterator[Viewer]:
    """The same viewer's other browser."""
    context: BrowserContext = browser.new_context(base_url=live_portal.url, locale="en-GB")
    page = context.new_page()
    sign_in(page, live_portal)
    yield Viewer(page)
    context.close()


def test_an_open_page_plays_its_film_with_sound_and_asks_for_the_manifest_once(viewer: Viewer, film: Film) -> None:
    asked: list[str] = []
    viewer.page.on("request", lambda request: asked.append(request.url))
    troubles: list[str] = []
    viewer.page.on("console", lambda message: troubles.append(message.text))
    viewer.page.on("pageerror", lambda error: troubles.append(str(error)))

    viewer.watch(film)
    viewer.wait_until("video.currentTime > 2")

    assert viewer.ask("video.muted") is False
    assert viewer.ask("video.duration") == pytest.approx(DURATION_S, abs=0.1)
    # The preload's; a second one would be a way there and back before the first picture.
    assert len([url for url in asked if url.endswith("/master.m3u8")]) == 1
    assert not [url for url in asked if "dash" in url]
    assert [text for text in troubles if "warning" not in text.lower()] == []


def test_it_pauses_and_goes_on(viewer: Viewer, film: Film) -> None:
    viewer.watch(film)

    viewer.ask("video.pause()")
    viewer.expect_state("paused")
    place_s = viewer.place_s()
    viewer.page.wait_for_timeout(400)
    assert viewer.place_s() == place_s

    viewer.ask("void video.play()")
    viewer.expect_state("playing")
    viewer.wait_until(f"video.currentTime > {place_s + 0.3}")


def test_it_shows_the_picture_of_the_place_that_somebody_seeks(viewer: Viewer, film: Film) -> None:
    viewer.watch(film)
    viewer.ask("video.pause()")

    for place_s in (15.5, 3.0, 8.5):
        viewer.seek(place_s)
        viewer.expect_picture_of(place_s)


def test_it_plays_to_the_end(viewer: Viewer, film: Film) -> None:
    viewer.watch(film)
    viewer.seek(DURATION_S - 1.5)

    viewer.expect_state("ended")
    assert viewer.ask("video.ended") is True


def test_a_reloaded_page_goes_on_where_the_viewer_was(viewer: Viewer, film: Film) -> None:
    viewer.watch(film)
    viewer.seek(9)
    viewer.expect_picture_of(9)

    viewer.page.reload()

    viewer.expect_state("playing")
    viewer.wait_until("video.currentTime > 8.9")
    assert viewer.ask("video.played.length && video.played.start(0)") > 8.9


def test_what_was_seen_to_the_end_begins_anew(viewer: Viewer, film: Film) -> None:
    viewer.watch(film)
    viewer.seek(DURATION_S - 1)
    viewer.expect_state("ended")

    viewer.page.reload()

    viewer.expect_state("playing")
    assert viewer.place_s() < 5


def test_who_has_signed_in_goes_on_upon_another_device(
    signed_in_viewer: Viewer, other_device: Viewer, film: Film
) -> None:
    signed_in_viewer.watch(film)
    signed_in_viewer.seek(11)
    signed_in_viewer.expect_picture_of(11)
    with signed_in_viewer.page.expect_response(re.compile("/position/$")) as kept:
        signed_in_viewer.ask("video.pause()")
    assert kept.value.status == 204
    assert json.loads(kept.value.request.post_data or "")["position_s"] == pytest.approx(11, abs=0.5)

    other_device.watch(film)

    assert other_device.ask("video.played.start(0)") == pytest.approx(11, abs=0.6)


@pytest.mark.parametrize(("asked", "place_s"), [("12", 12), ("0m8s", 8)])
def test_an_address_can_name_the_place_to_begin_at(viewer: Viewer, film: Film, asked: str, place_s: float) -> None:
    viewer.watch(film, f"?t={asked}")

    assert viewer.ask("video.played.start(0)") == pytest.approx(place_s, abs=0.3)


def test_a_viewer_chooses_the_quality(viewer: Viewer, film: Film) -> None:
    viewer.watch(film)
    assert viewer.ask("video.videoHeight") > 480
    viewer.player.locator("[data-player-settings]").click()
    viewer.player.get_by_role("menuitem", name="Quality").click()

    viewer.player.get_by_role("menuitemradio", name="480p").click()

    viewer.wait_until("video.videoHeight === 480")


def test_the_next_film_begins_with_what_the_line_is_known_to_carry(viewer: Viewer, film: Film) -> None:
    viewer.watch(film)
    viewer.page.wait_for_function("() => localStorage.getItem('nova:bandwidth')", timeout=PATIENCE_MS)
    viewer.page.evaluate("localStorage.setItem('nova:bandwidth', JSON.stringify({bps: 1, at: Date.now()}))")

    viewer.page.reload()
    viewer.expect_state("playing")

    assert viewer.ask("video.videoHeight") == 480


def test_a_browser_that_allows_no_sound_yet_plays_without(viewer: Viewer, film: Film) -> None:
    viewer.page.add_init_script(_WITHOUT_GESTURE)

    viewer.watch(film)

    assert viewer.ask("video.muted") is True
    expect(viewer.player).to_have_attribute("data-muted", "by-policy")
    viewer.ask("void (video.muted = false)")
    expect(viewer.player).not_to_have_attribute("data-muted", "by-policy")


@pytest.mark.parametrize(("engine", "manifest"), [("dash", "manifest.mpd"), ("native", "master.m3u8")])
def test_other_engines_play_for_those_who_ask_for_them(viewer: Viewer, film: Film, engine: str, manifest: str) -> None:
    asked: list[str] = []
    viewer.page.on("request", lambda request: asked.append(request.url))

    viewer.watch(film, f"?engine={engine}")
    viewer.seek(14)

    viewer.expect_picture_of(14)
    assert [url for url in asked if url.endswith(f"/{manifest}")]


def ask_soon(viewer: Viewer) -> None:
    """Let the time pass that a film lets pass before it asks again."""
    with viewer.page.expect_response("**/playback/"):
        viewer.page.clock.fast_forward(5_000)


def test_a_film_that_is_being_prepared_begins_by_itself(viewer: Viewer, film: Film) -> None:
    answers = iter((409, 409))

    def refuse(route: Route) -> None:
        status = next(answers, None)
        if status is None:
            route.continue_()
            return
        problem = {"code": "movie-not-ready", "status": status, "is_being_prepared": True, "percent": 40.0}
        route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(problem))

    viewer.page.add_init_script(_STILL_BEING_PREPARED)
    viewer.page.route("**/playback/", refuse)
    viewer.page.clock.install()
    viewer.open(film)

    viewer.expect_failure("not-ready")
    for _ in range(2):
        ask_soon(viewer)
    viewer.expect_recovery()
    viewer.wait_until("video.currentTime > 0.2")


def test_a_refusal_while_a_film_is_prepared_leaves_with_its_reason(viewer: Viewer, film: Film) -> None:
    answers = iter([(403, "permission-denied"), (409, "movie-not-ready")])

    def refuse(route: Route) -> None:
        status, code = next(answers, (0, ""))
        if not status:
            route.continue_()
            return
        problem = {"code": code, "status": status, "is_being_prepared": True, "percent": 40.0}
        route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(problem))

    preparing = viewer.player.get_by_text("This film is being prepared")
    viewer.page.add_init_script(_STILL_BEING_PREPARED)
    viewer.page.route("**/playback/", refuse)
    viewer.page.clock.install()
    viewer.open(film)

    viewer.expect_failure("manifest-forbidden")
    expect(viewer.player.get_by_role("alert").filter(has_text="may not be played here")).to_be_visible()
    expect(preparing).to_be_hidden()
    ask_soon(viewer)
    viewer.expect_failure("not-ready")
    expect(preparing).to_be_visible()
    expect(viewer.player.get_by_role("alert").filter(has_text="may not be played here")).to_be_hidden()
    ask_soon(viewer)
    viewer.expect_recovery()
    viewer.wait_until("video.currentTime > 0.2")


def test_another_screen_is_given_a_source_of_its_own_where_safari_manages_the_first(viewer: Viewer, film: Film) -> None:
    viewer.page.add_init_script(_MANAGED)
    viewer.watch(film)

    sources = viewer.ask("[...video.querySelectorAll('source')].map(({type, src}) => [type, src])")
    assert [kind for kind, _ in sources] == ["video/mp4", "application/vnd.apple.mpegurl"]
    assert sources[1][1].endswith("/master.m3u8")
    assert viewer.ask("video.currentSrc.startsWith('blob:')")
    assert viewer.ask("video.disableRemotePlayback") is False


def test_the_first_segments_are_those_of_one_level(viewer: Viewer, film: Film) -> None:
    """What is loaded to test the line with, and thrown away, makes the first picture late."""
    asked: list[str] = []
    viewer.page.on("request", lambda request: asked.append(request.url))

    viewer.watch(film)

    assert len([url for url in asked if re.search(r"/v-[^/]+/1\.m4s$", url)]) == 1
    assert len([url for url in asked if re.search(r"/v-[^/]+/index\.m3u8$", url)]) == 1
