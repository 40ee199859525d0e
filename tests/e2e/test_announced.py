"""What a broadcaster announces in the studio, as open pages tell it: without a reload, and by their own clocks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.running import Portal
from tests.e2e.signing_in import sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]

BANGKOK, BERLIN = ZoneInfo("Asia/Bangkok"), ZoneInfo("Europe/Berlin")
STUDIO, CHANNEL = "/studio/studio-one/", "/live/studio-one/"
_FORGET = "from streaming.models import PlannedStream; PlannedStream.objects.all().delete()"


@pytest.fixture
def desk(browser: Browser, live_portal: Portal) -> Iterator[Page]:
    """A broadcaster in Bangkok, who leaves nothing announced behind."""
    context = browser.new_context(base_url=live_portal.url, locale="en-GB", timezone_id=BANGKOK.key)
    page = context.new_page()
    sign_in(page, live_portal)
    yield page
    live_portal.manage(
        "shell", "-c", "from streaming.models import PlannedStream; PlannedStream.objects.all().delete()"
    )
    page.goto("about:blank")


@pytest.fixture
def watcher(browser: Browser, live_portal: Portal) -> Iterator[Page]:
    """A viewer in Berlin, in whose browser the page of the channel is open."""
    context = browser.new_context(base_url=live_portal.url, locale="en-GB", timezone_id=BERLIN.key)
    page = context.new_page()
    page.goto(CHANNEL)
    expect(page.locator("[data-channel]")).to_have_attribute("data-connection", "live")
    yield page
    # An open page would watch, and count, whenever somebody goes on air.
    context.close()


def shown(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def fill(page: Page, summary: str, *, title: str, at: datetime | None = None) -> None:
    """Open a form on the page of the studio, and send it."""
    page.locator("summary", has_text=summary).click()
    form = page.locator("details[open] form")
    form.get_by_label("Title").fill(title)
    if at:
        form.get_by_label("Begins").fill(f"{at.astimezone(BANGKOK):%Y-%m-%dT%H:%M}")
    form.locator("button[type=submit]").click()


def test_an_open_page_follows_what_is_announced(desk: Page, watcher: Page) -> None:
    at = (datetime.now(UTC) + timedelta(hours=5)).replace(second=0, microsecond=0)
    note = watcher.locator(".live-note[data-for=offline]")
    expect(note).to_contain_text("The next one begins here by itself.")

    desk.goto(STUDIO)
    fill(desk, "Announce a broadcast", title="Harbour night", at=at)
    expect(note).to_contain_text("Harbour night")
    expect(note).to_contain_text(shown(at, BERLIN))
    expect(note).to_contain_text("in 5 hours")

    # The form shows what was said, by the clock of whoever said it, and is sent back as it is.
    expect(desk.locator("#coming-up li")).to_contain_text(shown(at, BANGKOK))
    fill(desk, "Change", title="Harbour day")
    expect(note).to_contain_text("Harbour day")
    expect(note).to_contain_text(shown(at, BERLIN))

    desk.get_by_role("button", name="Call off").click()
    expect(note).not_to_contain_text("Harbour day")
    expect(watcher.get_by_role("heading", name="Coming up")).to_have_count(0)


def test_a_form_that_was_refused_leaves_a_page_that_goes_on(desk: Page) -> None:
    failures: list[str] = []
    desk.goto(STUDIO)
    fill(desk, "Announce a broadcast", title="Too late", at=datetime(2020, 1, 1, tzinfo=UTC))
    expect(desk.get_by_text("Choose a moment to come, within a year.")).to_be_visible()
    desk.on("response", lambda answer: failures.append(answer.url) if answer.status >= 400 else None)
    in_time = datetime.now(BANGKOK) + timedelta(hours=5)
    desk.locator("details[open] form").get_by_label("Begins").fill(f"{in_time:%Y-%m-%dT%H:%M}")
    desk.get_by_role("button", name="Announce it").click()
    expect(desk.locator("#coming-up li")).to_contain_text("Too late")
    assert failures == []
