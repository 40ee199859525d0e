"""What a viewer sees of the player and does with it: by mouse, by keyboard, by thumb, and by screen reader."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.e2e.controls import NO_CUES, Hands, hands_on
from tests.e2e.films import Film
from tests.e2e.running import Portal
from tests.e2e.viewers import MASTER, PATIENCE_MS

# The first of them waits for the film to be packaged.
pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

PHONE: ViewportSize = {"width": 360, "height": 740}
FORCED = (
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="texts",NAME="Signs",LANGUAGE="en",AUTOSELECT=YES,FORCED=YES,'
    'URI="c2/index.m3u8"'
)


@pytest.fixture
def viewer(browser_page: Page, film: Film) -> Hands:
    return hands_on(browser_page, film)


@pytest.fixture
def phone(browser: Browser, live_portal: Portal, film: Film) -> Iterator[Hands]:
    context = browser.new_context(
        base_url=live_portal.url,
        locale="en-GB",
        reduced_motion="reduce",
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
    )
    yield hands_on(context.new_page(), film)
    context.close()


def violations(viewer: Hands) -> list[str]:
    found = Axe().run(viewer.page, context="section[data-player]").response["violations"]
    return [f"{broken['id']}: {[node['html'] for node in broken['nodes']]}" for broken in found]


# --- Look and policy --------------------------------------------------------------------------------------------------


def test_controls_have_their_styles_under_the_content_policy(browser_page: Page, film: Film) -> None:
    complaints: list[str] = []
    browser_page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    browser_page.on("pageerror", lambda error: complaints.append(str(error)))
    viewer = hands_on(browser_page, film)
    assert complaints == []
    # A rule of media-chrome's own sheet, which is refused wherever it stands in a page.
    position = (
        "getComputedStyle(document.querySelector('media-time-range').shadowRoot.querySelector('#track')).position"
    )
    assert viewer.page.evaluate(position) == "absolute"


def test_player_is_accessible_whatever_it_shows(viewer: Hands) -> None:
    found = {"the controls": violations(viewer)}
    for page in ("Quality", "Captions", "Look of captions"):
        viewer.open_settings()
        found["the menu"] = violations(viewer)
        viewer.player.get_by_role("menuitem", name=page, exact=False).first.click()
        found[page] = violations(viewer)
        viewer.leave_settings()
    viewer.page.keyboard.press("s")
    expect(viewer.player.get_by_text("hls.js")).to_be_visible()
    viewer.page.keyboard.press("?")
    expect(viewer.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    found["keys and statistics"] = violations(viewer)
    assert {shown: broken for shown, broken in found.items() if broken} == {}


# --- Choices ----------------------------------------------------------------------------------------------------------


def test_chosen_quality_is_played_and_told(viewer: Hands) -> None:
    viewer.choose("Quality", "480p")
    viewer.go_to(13)
    viewer.wait_until("video.videoHeight === 480")
    expect(viewer.open_settings().get_by_role("menuitem", name="Quality")).to_contain_text("480p")
    viewer.leave_settings()
    viewer.choose("Quality", "Auto")
    expect(viewer.open_settings().get_by_role("menuitem", name="Quality")).to_contain_text(re.compile(r"Auto \(\d+p\)"))


def test_chosen_speed_is_played(viewer: Hands) -> None:
    viewer.choose("Speed", "1.5×")
    assert viewer.ask("video.playbackRate") == 1.5


def test_chosen_sound_is_told(viewer: Hands) -> None:
    menu = viewer.open_settings("Sound")
    options = menu.get_by_role("menuitemradio")
    expect(options).to_have_count(2)
    options.nth(1).click()
    expect(options.nth(1)).to_have_attribute("aria-checked", "true")
    expect(options.nth(0)).to_have_attribute("aria-checked", "false")


def test_captions_are_off_until_they_are_wanted_and_then_remembered(viewer: Hands, film: Film) -> None:
    viewer.go_to(2)
    assert viewer.cues() == []
    viewer.button("Captions").click()
    # The film's own choice, since the viewer has none.
    viewer.expect_cue("en at 1")
    expect(viewer.button("Captions")).to_have_attribute("aria-pressed", "true")
    again = hands_on(viewer.page, film)
    again.go_to(7)
    again.expect_cue("en at 6")
    again.page.keyboard.press("c")
    expect(again.button("Captions")).to_have_attribute("aria-pressed", "false")
    assert again.cues() == []


def test_language_of_captions_is_chosen_in_the_menu(viewer: Hands) -> None:
    viewer.go_to(2)
    options = viewer.open_settings("Captions").get_by_role("menuitemradio")
    expect(options).to_have_count(3)
    options.nth(2).click()
    viewer.expect_cue("th at 1")


def with_forced_texts(route: Route, *, alone: bool) -> None:
    """Answer with a playlist in which one of the texts is what the film translates for those who hear it in English."""
    answer = route.fetch()
    lines = [line for line in answer.text().split("\n") if not (alone and "TYPE=SUBTITLES" in line)]
    lines.insert(3, FORCED)
    route.fulfill(response=answer, body="\n".join(lines))


def test_forced_texts_stand_where_no_text_is_chosen_and_follow_what_is_heard(browser_page: Page, film: Film) -> None:
    browser_page.route(MASTER, partial(with_forced_texts, alone=False))
    viewer = hands_on(browser_page, film)
    viewer.go_to(2)
    viewer.expect_cue("th at 1")
    expect(viewer.button("Captions")).to_have_attribute("aria-pressed", "false")
    options = viewer.open_settings("Captions").get_by_role("menuitemradio")
    expect(options).to_have_count(3)
    options.nth(1).click()
    viewer.expect_cue("en at 1")
    assert viewer.cues() == ["en at 1"]
    options.first.click()
    viewer.expect_cue("th at 1")
    viewer.leave_settings()
    viewer.open_settings("Sound").get_by_role("menuitemradio").nth(1).click()
    viewer.wait_until(NO_CUES)


def test_film_with_forced_texts_alone_shows_them_and_offers_none(browser_page: Page, film: Film) -> None:
    browser_page.route(MASTER, partial(with_forced_texts, alone=True))
    viewer = hands_on(browser_page, film)
    viewer.go_to(2)
    viewer.expect_cue("th at 1")
    expect(viewer.button("Captions")).to_be_hidden()


def test_look_of_captions_is_chosen_and_remembered(viewer: Hands, film: Film) -> None:
    menu = viewer.open_settings("Look of captions")
    expect(viewer.player.get_by_text("Captions look like this.")).to_be_visible()
    menu.get_by_role("group", name="Colour").get_by_role("menuitemradio", name="Yellow").click()
    menu.get_by_role("group", name="Size").get_by_role("menuitemradio", name="Large").click()
    again = hands_on(viewer.page, film)
    cue_style = "getComputedStyle(document.querySelector('[data-player-sample] > span'))"
    again.open_settings("Look of captions")
    assert again.page.evaluate(f"{cue_style}.color") == "rgb(255, 228, 92)"
    chosen = again.player.get_by_role("group", name="Size").get_by_role("menuitemradio", name="Large")
    expect(chosen).to_have_attribute("aria-checked", "true")


def test_seek_bar_shows_the_picture_and_the_chapter_of_a_moment(viewer: Hands) -> None:
    viewer.player.locator("media-time-range").hover()
    found = viewer.player.locator("media-time-range")
    expect(found).to_have_attribute("mediapreviewimage", re.compile(r"/storyboard/1\.jpg"), timeout=PATIENCE_MS)
    expect(found).to_have_attribute("mediapreviewchapter", "The open sea")
    viewer.go_to(13)
    expect(viewer.player.locator("[data-player-chapter]")).to_have_text("Land")


def test_film_is_shared_at_the_moment_that_is_shown(viewer: Hands, film: Film, live_portal: Portal) -> None:
    viewer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    viewer.page.evaluate("delete Navigator.prototype.share")
    viewer.go_to(8)
    viewer.open_settings().get_by_role("menuitem", name="Share at 0:08").click()
    expect(viewer.player.get_by_text("The address has been copied")).to_be_visible()
    assert viewer.page.evaluate("navigator.clipboard.readText()") == f"{live_portal.url}{film.path}?t=8"


def test_statistics_tell_what_is_played(viewer: Hands) -> None:
    viewer.open_settings().get_by_role("menuitemcheckbox", name="Statistics").click()
    told = viewer.player.locator("[data-player-stats]")
    expect(told).to_contain_text("hls.js")
    expect(told).to_contain_text("avc1")
    viewer.page.keyboard.press("s")
    expect(told).to_be_hidden()


def test_theatre_fills_the_window_and_is_remembered(viewer: Hands, film: Film) -> None:
    def height() -> float:
        box = viewer.player.bounding_box()
        assert box is not None
        return box["height"]

    room = viewer.page.evaluate("innerHeight - document.querySelector('header').offsetHeight")
    assert height() < room
    viewer.button("Theatre").click()
    again = hands_on(viewer.page, film)
    assert height() == pytest.approx(room, abs=2)
    again.page.keyboard.press("t")
    expect(again.button("Theatre")).to_have_attribute("aria-pressed", "false")


def test_film_fills_the_screen_with_its_title_above(viewer: Hands) -> None:
    title = viewer.player.locator("[data-player-title]")
    expect(title).to_be_hidden()
    viewer.button("Full screen").click()
    viewer.page.wait_for_function("() => document.fullscreenElement?.id === 'player-frame'")
    expect(title).to_have_text("Night Ferry to Koh Lanta")
    # The menu is part of what fills the screen.
    expect(viewer.open_settings("Speed").get_by_role("menuitemradio", name="Normal")).to_be_visible()
    viewer.leave_settings()
    viewer.page.keyboard.press("f")
    viewer.page.wait_for_function("() => !document.fullscreenElement")


# --- Keyboard ---------------------------------------------------------------------------------------------------------


def test_keys_play_seek_and_change_the_sound(viewer: Hands) -> None:
    press = viewer.page.keyboard.press
    viewer.player.locator("[data-player-frame]").focus()
    press("k")
    viewer.wait_until("!video.paused")
    press(" ")
    viewer.wait_until("video.paused")
    viewer.go_to(6)
    press("ArrowRight")
    press("l")
    viewer.wait_until("Math.abs(video.currentTime - 20) < 1.5")
    press("j")
    press("ArrowLeft")
    viewer.wait_until("video.currentTime < 6")
    press("5")
    viewer.wait_until("Math.abs(video.currentTime - video.duration / 2) < 0.2")
    press("m")
    viewer.wait_until("video.muted")
    press("m")
    press("ArrowDown")
    viewer.wait_until("!video.muted && Math.abs(video.volume - 0.95) < 0.01")
    press(">")
    viewer.wait_until("video.playbackRate === 1.25")


def test_everything_is_reached_by_keyboard_alone(viewer: Hands) -> None:
    page = viewer.page
    viewer.player.locator("[data-player-frame]").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('[data-player-bar]') !== null"):
            break
    expect(viewer.button("Play")).to_be_focused()
    page.keyboard.press("Enter")
    viewer.wait_until("!video.paused")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(viewer.button("Captions")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    items = viewer.player.get_by_role("menu").get_by_role("menuitem")
    expect(items.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(viewer.player.get_by_role("menuitemradio", name="Normal")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    viewer.wait_until("video.playbackRate === 1.25")
    page.keyboard.press("ArrowLeft")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(viewer.button("Settings")).to_be_focused()


def test_keys_of_a_single_letter_can_be_switched_off(viewer: Hands, film: Film) -> None:
    viewer.page.keyboard.press("?")
    viewer.page.get_by_label("Shortcuts of a single key").uncheck()
    viewer.page.keyboard.press("Escape")
    again = hands_on(viewer.page, film)
    again.page.keyboard.press("m")
    again.page.keyboard.press(" ")
    again.wait_until("!video.paused")
    assert again.ask("video.muted") is False


def test_keys_that_move_the_page_do_so_until_the_player_has_the_focus(viewer: Hands) -> None:
    viewer.go_to(10)
    viewer.page.keyboard.press("End")
    viewer.page.wait_for_function("() => scrollY > 0")
    viewer.page.keyboard.press("ArrowDown")
    assert viewer.ask("[Math.round(video.currentTime), video.volume]") == [10, 1]


def test_letters_that_are_typed_elsewhere_are_not_the_players(viewer: Hands) -> None:
    viewer.page.get_by_role("combobox").first.or_(viewer.page.locator("header input[type=search]").first).first.focus()
    viewer.page.keyboard.type("mk")
    assert viewer.ask("video.muted || !video.paused") is False


# --- Mouse and thumb --------------------------------------------------------------------------------------------------


def test_picture_itself_is_the_button(viewer: Hands) -> None:
    viewer.player.locator("video").click(position={"x": 200, "y": 120})
    viewer.wait_until("!video.paused")
    viewer.player.locator("video").click(position={"x": 200, "y": 120})
    viewer.wait_until("video.paused")


def test_player_fits_a_phone(phone: Hands) -> None:
    page = phone.page
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for name in ("Play", "Mute", "Captions", "Settings", "Full screen"):
        box = phone.button(name).bounding_box()
        assert box is not None, name
        assert box["width"] >= 40, name
        assert box["height"] >= 40, name
        assert 0 <= box["x"] <= PHONE["width"] - box["width"], name
    menu = phone.open_settings().bounding_box()
    assert menu is not None
    assert menu["y"] >= 0
    assert menu["y"] + menu["height"] <= PHONE["height"]
    assert violations(phone) == []


def test_statistics_leave_the_bar_of_a_phone_free_and_can_be_read_in_thai(phone: Hands) -> None:
    phone.open_settings().get_by_role("menuitemcheckbox", name="Statistics").click()
    told = phone.player.locator("[data-player-stats]")
    expect(told).to_contain_text("hls.js")
    panel, bar = told.bounding_box(), phone.button("Settings").bounding_box()
    assert panel is not None
    assert bar is not None
    assert panel["y"] + panel["height"] <= bar["y"]
    assert "Noto Sans Thai" in told.evaluate("(told) => getComputedStyle(told).fontFamily")
    phone.button("Settings").click()
    expect(phone.player.get_by_role("menu", name="Settings")).to_be_visible()


def test_double_taps_skip(phone: Hands) -> None:
    phone.go_to(2)
    box = phone.player.locator("video").bounding_box()
    assert box is not None
    right = (box["x"] + box["width"] * 0.85, box["y"] + box["height"] * 0.4)
    phone.page.touchscreen.tap(*right)
    phone.page.touchscreen.tap(*right)
    phone.wait_until("Math.abs(video.currentTime - 12) < 0.5")
    assert phone.ask("video.paused")


# --- What comes up by itself ------------------------------------------------------------------------------------------


# What the page tells the player, but for what a test puts in its place: in this portal one film alone can be played.
TOLD_OTHERWISE = """
  const parse = JSON.parse;
  JSON.parse = (...given) => {
    const told = parse(...given);
    return told && "is_signed_in" in told ? {...told, ...%s} : told;
  };
"""


def test_next_film_is_offered_at_the_end_and_can_be_declined(browser_page: Page, film: Film) -> None:
    following = '{next: {title: "Meridian", url: "/movies/meridian/", poster_url: null}}'
    browser_page.add_init_script(TOLD_OTHERWISE % following)
    viewer = hands_on(browser_page, film)
    card = viewer.player.get_by_role("region", name="Next film")
    viewer.go_to(5)
    expect(card).to_be_hidden()
    viewer.go_to(19.5)
    expect(card.get_by_role("link", name="Watch")).to_have_attribute("href", "/movies/meridian/")
    assert violations(viewer) == []
    card.get_by_role("button", name="Not now").click()
    expect(card).to_be_hidden()


def test_sound_is_offered_where_the_film_had_to_begin_without_it(browser_page: Page, film: Film) -> None:
    browser_page.add_init_script(
        """const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () {
          return this.muted ? play.call(this) : Promise.reject(new DOMException("no gesture", "NotAllowedError"));
        };
        addEventListener("pointerdown", () => (HTMLMediaElement.prototype.play = play), true);"""
    )
    browser_page.goto(film.path)
    offer = browser_page.get_by_role("button", name="Sound on")
    expect(offer).to_be_visible(timeout=PATIENCE_MS)
    offer.click()
    browser_page.wait_for_function("() => !document.querySelector('video').muted")
    expect(offer).to_be_hidden()


def test_failure_has_its_own_words_and_can_be_tried_again(browser_page: Page, film: Film) -> None:
    browser_page.route(re.compile(r"/m/.*\.m3u8"), lambda route: route.fulfill(status=403, body="{}"))
    browser_page.goto(film.path)
    told = browser_page.get_by_role("alert").filter(has_text="The film may not be played here")
    expect(told).to_be_visible(timeout=PATIENCE_MS)
    found = Axe().run(browser_page, context="section[data-player]").response["violations"]
    assert [broken["id"] for broken in found] == []
    browser_page.unroute_all()
    browser_page.get_by_role("button", name="Try again").click()
    browser_page.wait_for_function("() => document.querySelector('video').readyState >= 3", timeout=PATIENCE_MS)
    expect(told).to_be_hidden()


def test_film_that_is_being_prepared_tells_how_far_it_is_and_starts_by_itself(browser_page: Page, film: Film) -> None:
    problem = {"code": "movie-not-ready", "title": "", "status": 409, "is_being_prepared": True, "percent": 42.4}
    browser_page.add_init_script(TOLD_OTHERWISE % "{hls_url: null}")
    browser_page.route("**/playback/", lambda route: route.fulfill(status=409, json=problem))
    browser_page.goto(film.path)
    told = browser_page.locator("[data-player-preparing]")
    expect(told).to_contain_text("42 % is done. It starts by itself.", timeout=PATIENCE_MS)
    expect(told.get_by_role("progressbar")).to_have_attribute("value", "42.4")
    expect(browser_page.get_by_role("button", name="Settings")).to_be_hidden()
    browser_page.unroute_all()
    browser_page.wait_for_function("() => document.querySelector('video').readyState >= 3", timeout=PATIENCE_MS)
    expect(told).to_be_hidden()
    expect(browser_page.get_by_role("button", name="Settings")).to_be_visible()
