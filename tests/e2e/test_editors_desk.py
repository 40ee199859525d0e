"""The editors' desk in a real browser: accessible, at every width, by keyboard and without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.running import Portal

pytestmark = pytest.mark.e2e

MOVIES = "/admin/catalog/movie/"
# Unfold's own frame has no <main>, a header that is no landmark, and two regions of one name in its side bar. None is
# serious, and none can be mended without a copy of its templates.
UNFOLDS_OWN = {"landmark-one-main", "region", "landmark-unique"}
TABS = ("details", "media", "captions", "availability", "people", "history")


def faults_of(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html'][:200]}" for fault in found if fault["id"] not in UNFOLDS_OWN]


def open_film(page: Page, title: str) -> None:
    page.goto(f"{MOVIES}?q={title}")
    page.locator("#result_list").get_by_role("link", name=title, exact=True).last.click()
    expect(page.get_by_role("tab", name="Details")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_desk_is_accessible(administrator_page: Page, theme: str) -> None:
    page = administrator_page
    page.add_init_script(f"localStorage.setItem('adminTheme', JSON.stringify('{theme}'))")
    for path in (MOVIES, "/admin/catalog/person/", "/admin/catalog/tag/", f"{MOVIES}add/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert faults_of(page) == [], path
    open_film(page, "Meridian")
    for tab in TABS:
        page.locator(f"[data-tab={tab}]").click()
        for hint in page.locator(f"#tab-{tab} details.nova-hint summary").all():
            hint.click()
        assert faults_of(page) == [], tab


@pytest.mark.parametrize("width", [800, 640])
def test_the_desk_fits_a_narrow_window_and_large_letters(administrator_page: Page, width: int) -> None:
    page = administrator_page
    page.set_viewport_size({"width": width, "height": 450})
    open_film(page, "Meridian")
    for tab in TABS:
        page.locator(f"[data-tab={tab}]").click()
        too_wide = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
        assert too_wide <= 0, tab


def test_tabs_and_rows_work_by_keyboard(administrator_page: Page) -> None:
    page = administrator_page
    open_film(page, "Meridian")
    page.get_by_role("tab", name="Details").focus()
    for name in ("Media", "Captions", "Availability", "People"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    rows = page.locator("[data-rows=credits] > [data-row]")
    before = rows.count()
    second = rows.nth(1).locator("select").first.input_value()

    page.get_by_role("button", name="Add a credit").press("Enter")
    rows.nth(1).get_by_role("button", name="Up").press("Enter")

    expect(rows).to_have_count(before + 1)
    assert rows.nth(0).locator("select").first.input_value() == second
    expect(rows.nth(0).get_by_role("button", name="Up")).to_be_focused()
    expect(page.locator("[data-rows-status]")).to_contain_text("1")


def test_a_title_that_is_there_already_is_told_while_it_is_typed(administrator_page: Page) -> None:
    page = administrator_page
    page.goto(f"{MOVIES}add/")

    page.get_by_label("Title", exact=False).first.press_sequentially("Meridain")

    expect(page.locator("[data-similar]")).to_contain_text("Meridian (2025)")


def test_without_scripts_every_part_is_there_and_is_saved(
    administrator_page: Page, browser: Browser, context: BrowserContext, live_portal: Portal
) -> None:
    open_film(administrator_page, "Overtime")
    path = administrator_page.url
    plain = browser.new_context(
        base_url=live_portal.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    page = plain.new_page()
    page.goto(path)
    for heading in ("Details", "Media", "Captions", "Availability", "People", "History"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    row = page.locator("[data-rows=windows] > [data-row]").last
    row.locator("[name$=-starts_local]").fill("2020-01-01T00:00")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("[name=windows-0-starts_local]")).to_have_value(re.compile("2020-01-01T00:00"))

    # Left as it was.
    page.locator("[name=windows-0-DELETE]").check()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("[name=windows-0-starts_local]")).to_have_value("")
    plain.close()
