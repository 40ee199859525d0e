"""What a viewer chose to read is what stands on the picture, in whatever order things came to pass."""

from functools import partial

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.controls import NO_CUES, Hands, hands_on
from tests.e2e.films import Film
from tests.e2e.viewers import MASTER, PLAYBACK, answering

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

ENGLISH = "**/m/*/c1/1.vtt"
THAI = "**/m/*/c2/1.vtt"
TEXT = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="texts",LANGUAGE="en",URI="c2/index.m3u8"'
SIGNS = f'{TEXT},NAME="Signs",AUTOSELECT=YES,FORCED=YES'
LARGE_PRINT = f'{TEXT},NAME="Large print",AUTOSELECT=YES'
# The video is attached when a test says so.
LATE_VIDEO = """
  const { addEventListener } = MediaSource.prototype;
  const isTime = new Promise((resolve) => (window.attachVideo = resolve));
  MediaSource.prototype.addEventListener = function (name, listener, ...more) {
    const late = (event) => isTime.then(() => listener(event));
    return addEventListener.call(this, name, name === "sourceopen" ? late : listener, ...more);
  };
"""
# Nothing has happened for so long.
A_WHILE_MS = 500


def with_another_text(route: Route, *, line: str, alone: bool = False) -> None:
    """Answer with a playlist that has one more text, or that one alone."""
    answer = route.fetch()
    lines = [line for line in answer.text().split("\n") if not (alone and "TYPE=SUBTITLES" in line)]
    # Behind the sounds, and behind the texts that are there.
    last = max(number for number, line in enumerate(lines) if line.startswith("#EXT-X-MEDIA:"))
    lines.insert(last + 1, line)
    route.fulfill(response=answer, body="\n".join(lines))


def begin_anew(viewer: Hands) -> None:
    """Let the session be over as the clock of the device has it: the player takes another one, of another package."""
    viewer.page.route(PLAYBACK, answering({"package": "0" * 32}))
    # Slowly, so that it does not run past its cue meanwhile.
    viewer.ask("void (video.defaultPlaybackRate = video.playbackRate = 0.1)")
    viewer.ask("void ((now) => (Date.now = () => now() + 10 * 365 * 24 * 3600 * 1000))(Date.now)")
    with viewer.page.expect_request(MASTER):
        viewer.ask("void video.play()")


def test_text_that_comes_before_the_video_is_attached_is_shown(browser_page: Page, film: Film) -> None:
    browser_page.add_init_script(LATE_VIDEO)
    browser_page.route(MASTER, partial(with_another_text, line=SIGNS, alone=True))
    with browser_page.expect_response(THAI):
        browser_page.goto(film.path)
    browser_page.wait_for_timeout(A_WHILE_MS)
    browser_page.evaluate("window.attachVideo()")
    viewer = Hands(browser_page)
    viewer.wait_until("video.readyState >= 3 && !video.paused")
    viewer.ask("video.pause()")
    viewer.go_to(2)
    viewer.expect_cue("th at 1")


def test_text_is_fetched_only_when_it_is_wanted(browser_page: Page, film: Film) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    viewer = hands_on(browser_page, film)
    viewer.go_to(2)
    assert [url for url in asked if url.endswith("/1.vtt")] == []
    viewer.button("Captions").click()
    viewer.expect_cue("en at 1")


def test_choice_made_while_the_film_begins_anew_is_kept(browser_page: Page, film: Film) -> None:
    viewer = hands_on(browser_page, film)
    held: list[Route] = []
    browser_page.route(MASTER, lambda route: held.append(route))
    viewer.go_to(6)
    begin_anew(viewer)
    browser_page.keyboard.press("c")
    expect(viewer.button("Captions")).to_have_attribute("aria-pressed", "true")
    held.pop().continue_()
    viewer.expect_cue("en at 6")


def test_film_that_begins_anew_keeps_one_of_two_texts_in_a_language(browser_page: Page, film: Film) -> None:
    browser_page.route(MASTER, partial(with_another_text, line=LARGE_PRINT))
    viewer = hands_on(browser_page, film)
    viewer.choose("Captions", "Large print")
    viewer.go_to(6)
    viewer.expect_cue("th at 6")
    begin_anew(viewer)
    viewer.wait_until("video.readyState >= 3")
    viewer.expect_cue("th at 6")
    assert viewer.cues() == ["th at 6"]


def test_text_that_was_left_while_it_came_is_there_when_it_is_chosen_again(browser_page: Page, film: Film) -> None:
    held: list[Route] = []
    browser_page.route(ENGLISH, lambda route: held.append(route))
    viewer = hands_on(browser_page, film)
    viewer.go_to(2)
    options = viewer.open_settings("Captions").get_by_role("menuitemradio")
    with browser_page.expect_request(ENGLISH):
        options.nth(1).click()
    options.nth(2).click()
    viewer.expect_cue("th at 1")
    browser_page.unroute(ENGLISH)
    options.nth(1).click()
    viewer.expect_cue("en at 1")
    assert viewer.cues() == ["en at 1"]


@pytest.mark.parametrize(("times", "is_on"), [(5, True), (6, False)])
def test_captions_that_are_switched_in_haste_are_as_they_were_left(
    browser_page: Page, film: Film, times: int, is_on: bool
) -> None:
    viewer = hands_on(browser_page, film)
    viewer.go_to(2)
    press = "document.querySelector('[data-player-captions]').click()"
    viewer.ask(f"void ({', '.join([press] * times)})")
    if is_on:
        viewer.expect_cue("en at 1")
    browser_page.wait_for_timeout(A_WHILE_MS)
    expect(viewer.button("Captions")).to_have_attribute("aria-pressed", str(is_on).lower())
    assert viewer.cues() == (["en at 1"] if is_on else [])


def test_text_that_is_chosen_in_a_menu_of_the_browsers_own_is_taken_up(browser_page: Page, film: Film) -> None:
    viewer = hands_on(browser_page, film)
    viewer.go_to(2)
    viewer.ask("void ([...video.textTracks].find(({language}) => language === 'th').mode = 'showing')")
    viewer.expect_cue("th at 1")
    expect(viewer.button("Captions")).to_have_attribute("aria-pressed", "true")
    viewer.ask(
        "[...video.textTracks].filter(({mode}) => mode === 'showing').forEach((track) => track.mode = 'disabled')"
    )
    expect(viewer.button("Captions")).to_have_attribute("aria-pressed", "false")
    viewer.wait_until(NO_CUES)
    viewer.button("Captions").click()
    viewer.wait_until(f"!({NO_CUES})")


def test_modes_of_the_tracks_come_to_rest(browser_page: Page, film: Film) -> None:
    viewer = hands_on(browser_page, film)
    viewer.go_to(2)
    viewer.ask("void (window.changes = 0, video.textTracks.addEventListener('change', () => window.changes++))")
    viewer.button("Captions").click()
    viewer.expect_cue("en at 1")
    browser_page.wait_for_timeout(A_WHILE_MS)
    assert browser_page.evaluate("window.changes") <= 2
