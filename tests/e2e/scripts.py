"""Modules of the pages by themselves, on an empty page of a browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Route

from tests.e2e.running import ROOT
from tests.e2e.serving import served

SOURCES = ROOT / "static" / "src" / "js"


@contextmanager
def empty_page(browser: Browser) -> Iterator[Page]:
    """Give a page that can import what stands in static/src/js, by its path there, and whose clock stands still."""
    with served(SOURCES) as address:
        page = browser.new_page(base_url=address)
        page.route(f"{address}empty", _answer_with_nothing)
        page.clock.install(time=0)
        try:
            page.goto("/empty")
            page.clock.pause_at(1_000)
            yield page
        finally:
            page.close()


def _answer_with_nothing(route: Route) -> None:
    route.fulfill(content_type="text/html", body="<!doctype html><title>Empty</title><link rel=icon href='data:,'>")
