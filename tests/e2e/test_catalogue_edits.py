"""An editor at the admin and a viewer whose page stands open: what the one does, the other sees without a reload."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.running import Portal

pytestmark = pytest.mark.e2e

ADD = "/admin/catalog/movie/add/"


class Desk:
    """The form of one movie, as an editor fills it in."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def add(self, title: str) -> None:
        self.page.goto(ADD)
        self.page.locator("[name=title]").fill(title)
        self.page.locator("[name=year]").fill("2026")
        self.save()
        self.page.wait_for_url(re.compile(r"/catalog/movie/\d+/change/"))

    def write(self, name: str, text: str) -> None:
        self.page.get_by_role("tab", name="Details").click()
        self.page.locator(f"[name={name}]").fill(text)
        self.save()

    def show_to(self, visibility: str, *, is_announced: bool = False) -> None:
        self.page.get_by_role("tab", name="Details").click()
        self.page.locator(f"[name=visibility][value={visibility}]").check()
        self.page.locator("[name=is_announced]").set_checked(is_announced)
        self.save()

    def schedule(self, opens_at: datetime, closes_at: datetime | None = None) -> None:
        """Write the first window, in the time zone of no clock in particular."""
        self.page.get_by_role("tab", name="Availability").click()
        self.page.locator("[name=windows-0-time_zone]").fill("UTC")
        self.page.locator("[name=windows-0-starts_local]").fill(f"{opens_at:%Y-%m-%dT%H:%M:%S}")
        if closes_at:
            self.page.locator("[name=windows-0-ends_local]").fill(f"{closes_at:%Y-%m-%dT%H:%M:%S}")
        self.save()

    def save(self) -> None:
        """Save and stay: the form that comes back tells of what was saved, and of no error."""
        with self.page.expect_navigation():
            self.page.locator("[name=_continue]").first.click()
        expect(self.page.locator("[data-errors]")).to_have_count(0)


@pytest.fixture
def desk(administrator_page: Page) -> Iterator[Desk]:
    """The editor's desk; what was added is hidden again, so that the lists stay as they were."""
    desk = Desk(administrator_page)
    yield desk
    if "/change/" in administrator_page.url:
        desk.show_to("HIDDEN")


@pytest.fixture
def viewer(browser: Browser, live_portal: Portal) -> Iterator[BrowserContext]:
    """Somebody else, who has not signed in."""
    context = browser.new_context(base_url=live_portal.url, locale="en-GB", reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def title() -> str:
    return f"Harbour {uuid4().hex[:8]}"


def address(title: str) -> str:
    return f"/movies/{title.lower().replace(' ', '-')}/"


def open_list(viewer: BrowserContext) -> Page:
    page = viewer.new_page()
    page.goto("/movies/")
    expect(page.locator("[data-catalogue]")).to_have_attribute("data-connection", "live")
    return page


def open_film(viewer: BrowserContext, title: str) -> Page:
    page = viewer.new_page()
    page.goto(address(title))
    expect(page.locator("[data-movie]")).to_have_attribute("data-connection", "live")
    return page


def now() -> datetime:
    return datetime.now(UTC)


def test_a_film_is_added_published_and_hidden_and_open_pages_follow(
    desk: Desk, viewer: BrowserContext, title: str
) -> None:
    films = open_list(viewer)
    desk.add(title)
    expect(films.get_by_role("link", name=title)).to_have_count(0)
    assert films.request.get(address(title)).status == 404

    desk.show_to("PUBLISHED")
    films.get_by_role("button", name="New films: show").click()
    expect(films.get_by_role("link", name=title)).to_be_visible()

    film = open_film(viewer, title)
    desk.write("tagline", "The fog has a name.")
    expect(film.get_by_text("The fog has a name.")).to_be_visible()

    desk.show_to("HIDDEN")
    expect(film.get_by_role("heading", name="This film is no longer available")).to_be_visible()
    expect(film.locator("h1")).to_be_hidden()
    expect(films.get_by_role("link", name=title)).to_have_count(0)
    assert films.request.get(address(title)).status == 404


def test_a_film_is_scheduled_announced_and_opened_and_an_open_page_follows(
    desk: Desk, viewer: BrowserContext, title: str
) -> None:
    desk.add(title)
    desk.schedule(now() + timedelta(days=2))
    desk.show_to("PUBLISHED")
    page = viewer.new_page()
    assert page.request.get(address(title)).status == 404

    desk.show_to("PUBLISHED", is_announced=True)
    film = open_film(viewer, title)
    expect(film.get_by_text("Coming soon", exact=True)).to_be_visible()

    desk.schedule(now() - timedelta(hours=1))
    expect(film.get_by_text("Coming soon", exact=True)).to_be_hidden()
    expect(film.locator("h1")).to_have_text(title)

    desk.schedule(now() - timedelta(hours=2), now() - timedelta(hours=1))
    expect(film.get_by_role("heading", name="This film is no longer available")).to_be_visible()


def test_a_window_that_closes_empties_the_page_that_stands_open(desk: Desk, viewer: BrowserContext, title: str) -> None:
    desk.add(title)
    desk.show_to("PUBLISHED")
    film = open_film(viewer, title)
    expect(film.locator("h1")).to_have_text(title)

    closes_at = (now() + timedelta(seconds=8)).replace(microsecond=0)
    desk.schedule(now() - timedelta(hours=1), closes_at)

    gone = film.get_by_role("heading", name="This film is no longer available")
    expect(gone).to_be_visible(timeout=60_000)
    assert now() >= closes_at
