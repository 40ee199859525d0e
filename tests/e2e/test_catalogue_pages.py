"""Open pages of the catalogue, in a real browser: they follow editors and the clock, and lead back where one was."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.running import Portal

pytestmark = pytest.mark.e2e

SLUG = "overtime"
TITLE = "Overtime"


class Editor:
    """An editor at work on one film, through the API."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def change(self, **changes: object) -> None:
        self._client.patch(f"movies/{SLUG}/", json=changes).raise_for_status()

    def show_to(self, visibility: str) -> None:
        self._client.put(f"movies/{SLUG}/visibility/", json={"visibility": visibility}).raise_for_status()


@pytest.fixture(scope="module")
def client(live_portal: Portal) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{live_portal.url}/api/v1/") as client:
        credentials = {"username": "admin", "password": live_portal.password}
        token = client.post("auth/token/", json=credentials).raise_for_status().json()["access"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def editor(client: httpx.Client) -> Iterator[Editor]:
    """The editor, who leaves the film as it was."""
    editor = Editor(client)
    yield editor
    editor.show_to("PUBLISHED")
    editor.change(title=TITLE, genres=["comedy", "drama"])


def open_list(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("[data-catalogue]")).to_have_attribute("data-connection", "live")


def card(page: Page, title: str = TITLE) -> Any:
    return page.locator(".movie-card").filter(has_text=title)


@pytest.mark.parametrize("path", ["/", "/movies/", "/genres/comedy/", "/people/ilka-brandt/"])
def test_a_film_that_is_hidden_leaves_every_open_list_without_a_request(
    browser_page: Page, editor: Editor, path: str
) -> None:
    open_list(browser_page, path)
    expect(card(browser_page).first).to_be_attached()
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))

    editor.show_to("HIDDEN")

    expect(card(browser_page)).to_have_count(0)
    assert asked == []


@pytest.mark.parametrize("path", ["/", "/movies/"])
def test_a_film_that_is_published_is_offered_and_comes_by_a_press(
    browser_page: Page, editor: Editor, path: str
) -> None:
    editor.show_to("HIDDEN")
    open_list(browser_page, path)
    expect(card(browser_page)).to_have_count(0)

    editor.show_to("PUBLISHED")
    offer = browser_page.get_by_role("button", name="New films: show")
    offer.click()

    expect(card(browser_page).first).to_be_attached()
    expect(offer).to_be_hidden()


def test_a_title_follows_in_a_list(browser_page: Page, editor: Editor) -> None:
    open_list(browser_page, "/movies/")

    editor.change(title="Undertime")

    expect(card(browser_page, "Undertime").get_by_role("link")).to_have_text("Undertime")


def test_a_list_that_was_cut_off_catches_up(browser_page: Page, editor: Editor) -> None:
    open_list(browser_page, "/movies/")
    browser_page.context.set_offline(True)
    expect(browser_page.locator("[data-catalogue]")).to_have_attribute("data-connection", "offline")
    editor.show_to("HIDDEN")
    browser_page.context.set_offline(False)

    expect(card(browser_page)).to_have_count(0)


def test_a_card_whose_window_closes_goes_by_the_clock_alone(browser_page: Page) -> None:
    """The page's clock is moved on: the server is not asked, and nobody has to run anything."""
    browser_page.clock.install()
    open_list(browser_page, "/movies/")
    leaving = card(browser_page, "Night Ferry to Koh Lanta")
    expect(leaving).to_have_count(1)

    browser_page.clock.fast_forward(11 * 24 * 3600 * 1000)

    expect(leaving).to_have_count(0)


def test_what_is_no_text_of_an_open_film_follows_and_leaves_the_focus_alone(browser_page: Page, editor: Editor) -> None:
    browser_page.goto(f"/movies/{SLUG}/")
    expect(browser_page.locator("[data-movie]")).to_have_attribute("data-connection", "live")
    share = browser_page.get_by_role("button", name="Share")
    share.focus()

    editor.change(genres=["mystery"])

    expect(browser_page.locator("dl.detail-facts").get_by_role("link", name="Mystery")).to_be_visible()
    expect(browser_page.locator(".stage .meta").get_by_role("link", name="Mystery")).to_be_visible()
    expect(browser_page.locator("[data-announcer]")).to_have_text("This page has just been updated.")
    expect(share).to_be_focused()


def test_more_films_are_added_and_found_again_on_the_way_back(browser_page: Page) -> None:
    browser_page.goto("/movies/?sort=title")
    grid = browser_page.locator("[data-grid] > li")
    assert grid.count() == 9
    # The demo's list fits one page: its own address stands for the next.
    browser_page.evaluate(
        """() => {
            const nav = document.createElement("nav");
            nav.className = "pagination";
            nav.innerHTML = '<a rel="next" class="btn" href="/movies/?sort=-title">Next</a>';
            document.querySelector("[data-grid]").after(nav);
        }"""
    )
    browser_page.get_by_role("link", name="Next").click()

    expect(grid).to_have_count(18)
    expect(browser_page).to_have_url(re.compile(r"/movies/\?sort=title$"))
    assert browser_page.evaluate("history.state.pages") == 2


def test_a_search_and_its_filters_work_without_scripts(live_portal: Portal, browser_page: Page) -> None:
    context = browser_page.context.browser
    assert context is not None
    plain = context.new_context(base_url=live_portal.url, java_script_enabled=False)
    page = plain.new_page()
    page.goto("/movies/?q=ferri")
    expect(page.get_by_text("These are the films for")).to_be_visible()
    expect(card(page, "Night Ferry")).to_have_count(1)
    page.goto("/movies/?genre=drama&genre=comedy")
    page.get_by_role("link", name="Remove the filter: Comedy").click()
    expect(page).to_have_url(re.compile(r"/movies/\?genre=drama$"))
    plain.close()


def test_an_editor_previews_a_moment_and_leaves_it(administrator_page: Page) -> None:
    later = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    administrator_page.goto(f"/movies/the-orchard-keeps-its-own-time/?at={later}")
    bar = administrator_page.get_by_role("complementary", name="Preview")
    expect(bar).to_contain_text("As viewers see it on")
    expect(administrator_page.get_by_text("Available from")).to_have_count(0)

    administrator_page.get_by_role("link", name="Films", exact=True).first.click()
    expect(bar).to_be_visible()
    expect(card(administrator_page, "Night Ferry to Koh Lanta")).to_have_count(0)

    bar.get_by_role("link", name="Leave the preview").click()
    expect(administrator_page).to_have_url(re.compile(r"/movies/$"))
    expect(card(administrator_page, "Night Ferry to Koh Lanta")).to_have_count(1)


def test_a_page_that_is_not_there_shows_films_that_may_be_meant(browser_page: Page) -> None:
    browser_page.goto("/movies/overtiem/")

    expect(browser_page.get_by_role("heading", name="Were you looking for one of these?")).to_be_visible()
    card(browser_page).get_by_role("link").click()
    expect(browser_page).to_have_url(re.compile(f"/movies/{SLUG}/$"))
