"""Searching in a real browser: by keyboard and pointer, with a script and without one."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.running import Portal

pytestmark = pytest.mark.e2e

FIELD = "#list-search"
OPTIONS = "#list-search-suggestions [role=option]"


def type_into(page: Page, text: str) -> None:
    page.goto("/movies/")
    page.locator("details.filters > summary").click()
    page.locator(FIELD).press_sequentially(text)
    expect(page.locator(OPTIONS).first).to_be_visible()


def test_suggestions_are_chosen_by_keyboard(browser_page: Page) -> None:
    type_into(browser_page, "merid")
    field = browser_page.locator(FIELD)
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    first = browser_page.locator(OPTIONS).first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(first.get_attribute("id")))
    # Up from the first is the field itself, and from there the last.
    field.press("ArrowUp")
    expect(first).to_have_attribute("aria-selected", "false")
    field.press("ArrowUp")
    expect(browser_page.locator(OPTIONS).last).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(browser_page.locator(OPTIONS).first).to_be_hidden()
    expect(field).to_have_value("merid")
    field.press("ArrowDown")
    field.press("ArrowDown")
    with browser_page.expect_request(re.compile("/suggestions/choices/")) as told:
        field.press("Enter")
    assert told.value.post_data_json == {"kind": "movie", "slug": "meridian"}
    expect(browser_page).to_have_url(re.compile("/movies/meridian/$"))


def test_suggestions_are_chosen_by_pointer_and_forgive_mistakes(browser_page: Page) -> None:
    type_into(browser_page, "meridain")
    browser_page.locator(OPTIONS).first.click()
    expect(browser_page).to_have_url(re.compile("/movies/meridian/$"))


def test_enter_without_a_choice_searches(browser_page: Page) -> None:
    type_into(browser_page, "meridian")
    browser_page.locator(FIELD).press("Enter")
    expect(browser_page).to_have_url(re.compile("[?&]q=meridian"))
    expect(browser_page.locator("[data-grid]")).to_contain_text("Meridian")


def test_going_back_brings_the_last_filters_again(browser_page: Page) -> None:
    browser_page.goto("/movies/?year_to=2030")
    expect(browser_page.locator("[data-grid] li").first).to_be_visible()
    browser_page.goto("/movies/?year_from=2030&year_to=2031")
    expect(browser_page.locator("[data-grid]")).to_have_count(0)
    browser_page.go_back()
    expect(browser_page.locator("[name=year_to]")).to_have_value("2030")
    expect(browser_page.locator("[data-grid] li").first).to_be_visible()


def test_the_open_list_has_no_serious_fault_of_access(browser_page: Page) -> None:
    type_into(browser_page, "mer")
    serious = [v for v in Axe().run(browser_page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert serious == []


def test_the_form_filters_without_a_script(browser: Browser, live_portal: Portal) -> None:
    context = browser.new_context(base_url=live_portal.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/movies/")
    page.locator("details.filters > summary").click()
    page.locator("[name=year_to]").fill("1990")
    page.get_by_role("button", name="Show films").click()
    expect(page).to_have_url(re.compile("year_to=1990"))
    expect(page.get_by_role("list", name="Filters at work")).to_be_visible()
    context.close()
