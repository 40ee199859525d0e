"""The look, in a real browser: accessible, by keyboard, at every width, without scripts, within the content policy."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect

from tests.e2e.running import Portal

pytestmark = pytest.mark.e2e

THEMES = ("dark", "light")
PUBLIC = (
    "/",
    "/movies/",
    "/movies/?q=nothing-answers-to-this",
    "/movies/?genre=drama&sort=title&year_from=1990",
    "/movies/?availability=coming",
    "film",
    "/movies/the-orchard-keeps-its-own-time/",
    "/genres/drama/",
    "/people/ama-quaye/",
    "/accounts/login/",
    "/problems/",
    "/problems/not-found/",
    "/no/such/page/",
)
SIGNED_IN = ("/design/", "/accounts/profile/", "/accounts/password/")
PHONE = {"width": 360, "height": 740}
WALL = {"width": 3840, "height": 2160}


class Listener:
    """Collects what a browser complains of: script errors, refusals of the content policy, missing files."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self._page = page
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _on_console(self, message: ConsoleMessage) -> None:
        # The page itself may be a 404: that is what it is there for.
        is_the_page = message.location.get("url") == self._page.url
        if message.type in {"error", "warning"} and not is_the_page:
            self.complaints.append(message.text)


@pytest.fixture
def listener(browser_page: Page) -> Listener:
    return Listener(browser_page)


@pytest.fixture(scope="module")
def operator_state(browser: Browser, live_portal: Portal) -> StorageState:
    """The cookies of somebody who may see everything: one sign-in for all tests."""
    context = browser.new_context(base_url=live_portal.url)
    page = context.new_page()
    page.goto("/accounts/login/?next=/accounts/profile/")
    page.locator("main input[name=name]").fill("admin")
    page.locator("main input[name=password]").fill(live_portal.password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_portal.url}/accounts/profile/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def operator_page(browser: Browser, live_portal: Portal, operator_state: StorageState) -> Iterator[Page]:
    context = browser.new_context(
        base_url=live_portal.url, locale="en-GB", reduced_motion="reduce", storage_state=operator_state
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def scriptless_page(browser: Browser, live_portal: Portal) -> Iterator[Page]:
    context = browser.new_context(base_url=live_portal.url, java_script_enabled=False, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def choose_theme(context: BrowserContext, portal: Portal, theme: str) -> None:
    context.add_cookies([{"name": "nova_theme", "value": theme, "url": portal.url}])


def visit(page: Page, path: str) -> None:
    """Open a page; "film" is the first film of the list."""
    if path == "film":
        page.goto("/movies/")
        path = page.locator(".movie-card a").first.get_attribute("href") or "/movies/"
    page.goto(path)


def serious_findings(page: Page) -> list[str]:
    # Axe takes the ground behind what a browser does not paint until it is near for white.
    page.evaluate("for (const shelf of document.querySelectorAll('.shelf')) shelf.style.contentVisibility = 'visible'")
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        f"{finding['id']}: {node['html'][:120]} {node['failureSummary']}"
        for finding in found
        if finding["impact"] in {"serious", "critical"}
        for node in finding["nodes"]
    ]


def sideways_px(page: Page) -> int:
    root = "document.documentElement"
    return int(page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def focused(page: Page) -> str:
    """Return the text of the focused element, or what it is."""
    return str(page.evaluate("(document.activeElement.innerText || document.activeElement.id).trim()"))


# --- Every page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_is_accessible_and_makes_no_complaint(
    browser_page: Page, listener: Listener, live_portal: Portal, path: str, theme: str
) -> None:
    choose_theme(browser_page.context, live_portal, theme)
    visit(browser_page, path)
    browser_page.wait_for_load_state("networkidle")
    assert browser_page.locator("html").get_attribute("data-theme") == theme
    assert listener.complaints == []
    assert serious_findings(browser_page) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", SIGNED_IN)
def test_a_page_of_somebody_signed_in_is_accessible_and_makes_no_complaint(
    operator_page: Page, live_portal: Portal, path: str, theme: str
) -> None:
    choose_theme(operator_page.context, live_portal, theme)
    listener = Listener(operator_page)
    answer = operator_page.goto(path)
    assert answer is not None
    assert answer.ok
    operator_page.wait_for_load_state("networkidle")
    assert listener.complaints == []
    assert serious_findings(operator_page) == []


@pytest.mark.parametrize("size", [PHONE, WALL], ids=["360px", "4K"])
def test_no_page_scrolls_sideways(operator_page: Page, size: dict[str, int]) -> None:
    operator_page.set_viewport_size(size)  # type: ignore[arg-type]  # Playwright's own TypedDict
    for path in (*PUBLIC, *SIGNED_IN):
        visit(operator_page, path)
        assert sideways_px(operator_page) <= 0, path


# --- Keyboard ---------------------------------------------------------------------------------------------------------


def test_the_first_tab_leads_past_the_header(browser_page: Page) -> None:
    browser_page.goto("/movies/")
    browser_page.keyboard.press("Tab")
    assert focused(browser_page) == "Skip to the content"
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.closest('main') !== null")


def test_the_menu_opens_and_closes_by_keyboard_and_gives_the_focus_back(browser_page: Page) -> None:
    browser_page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # Playwright's own TypedDict
    browser_page.goto("/movies/")
    menu = browser_page.locator("#main-menu")
    browser_page.get_by_role("button", name="Menu", exact=True).focus()
    browser_page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.closest('#main-menu') !== null")
    browser_page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    assert focused(browser_page) == "Menu"


def test_a_film_is_opened_by_keyboard_and_shows_where_the_focus_is(browser_page: Page) -> None:
    browser_page.goto("/movies/")
    link = browser_page.locator(".movie-card a").first
    link.focus()
    browser_page.keyboard.press("Shift+Tab")
    browser_page.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement, '::after').outlineStyle"
    assert browser_page.evaluate(outline) == "solid"
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url(re.compile(r"/movies/[^/]+/$"))


def test_the_theme_is_changed_by_keyboard_without_a_reload_and_stays(browser_page: Page) -> None:
    browser_page.goto("/accounts/login/")
    dark = background(browser_page)
    browser_page.evaluate("window.isTheSamePage = true")
    browser_page.get_by_role("button", name="Theme and language").focus()
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.press("Tab")
    with browser_page.expect_response("**/preferences/"):
        browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("window.isTheSamePage")
    assert browser_page.locator("html").get_attribute("data-theme") == "light"
    assert browser_page.locator("button[name=theme][value=light]").get_attribute("aria-pressed") == "true"
    browser_page.reload()
    assert browser_page.locator("html").get_attribute("data-theme") == "light"
    assert background(browser_page) != dark


# --- Without scripts, and with less motion ----------------------------------------------------------------------------


def test_theme_and_language_change_without_scripts(scriptless_page: Page) -> None:
    scriptless_page.goto("/movies/")
    scriptless_page.get_by_role("button", name="Theme and language").click()
    scriptless_page.get_by_role("button", name="Light").click()
    scriptless_page.wait_for_url("**/movies/")
    assert scriptless_page.locator("html").get_attribute("data-theme") == "light"
    scriptless_page.get_by_role("button", name="Theme and language").click()
    scriptless_page.locator("button[name=language][value=th]").click()
    scriptless_page.wait_for_url("**/movies/")
    assert scriptless_page.locator("html").get_attribute("lang") == "th"


def test_the_theme_like_the_device_follows_the_device(browser_page: Page, live_portal: Portal) -> None:
    choose_theme(browser_page.context, live_portal, "system")
    browser_page.emulate_media(color_scheme="dark")
    browser_page.goto("/accounts/login/")
    dark = background(browser_page)
    browser_page.emulate_media(color_scheme="light")
    expect(browser_page.locator("body")).not_to_have_css("background-color", dark)


def test_nothing_moves_for_those_who_asked_for_less_motion(operator_page: Page) -> None:
    operator_page.goto("/design/")
    assert operator_page.locator(".skeleton").count() > 0
    operator_page.wait_for_timeout(300)
    moving = """document.getAnimations().filter(
        (animation) => animation.playState === "running" && animation.timeline === document.timeline
    ).length"""
    assert operator_page.evaluate(moving) == 0


def test_a_dialog_traps_and_returns_the_focus(operator_page: Page) -> None:
    operator_page.goto("/design/")
    opener = operator_page.locator("[commandfor=sample-dialog][command=show-modal]")
    opener.focus()
    operator_page.keyboard.press("Enter")
    dialog = operator_page.locator("#sample-dialog")
    expect(dialog).to_be_visible()
    assert operator_page.evaluate("document.activeElement.closest('dialog') !== null")
    operator_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert opener.evaluate("element => element === document.activeElement")


def test_the_editors_desk_starts_dark_and_makes_no_complaint(operator_page: Page) -> None:
    listener = Listener(operator_page)
    operator_page.goto("/admin/")
    operator_page.wait_for_load_state("networkidle")
    assert "dark" in (operator_page.locator("html").get_attribute("class") or "")
    assert listener.complaints == []
