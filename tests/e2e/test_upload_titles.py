"""What the panel makes of the name of a film's file: the module alone, in a page of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.e2e

_MODULE = Path(settings.BASE_DIR) / "static" / "src" / "js" / "uploads" / "titles.js"
_PLACE = "http://titles.test"
_ASK = "([name, thisYear]) => import('/titles.js').then((titles) => Object.values(titles.titleOf(name, { thisYear })))"


@pytest.fixture(scope="module")
def titles(browser: Browser) -> Iterator[Page]:
    def answer(route: Route) -> None:
        if route.request.url.endswith("titles.js"):
            route.fulfill(content_type="text/javascript", body=_MODULE.read_text(encoding="utf-8"))
        else:
            route.fulfill(content_type="text/html", body="<title>Titles</title>")

    page = browser.new_page()
    page.route(f"{_PLACE}/**", answer)
    page.goto(_PLACE)
    yield page
    page.close()


@pytest.mark.parametrize(
    ("name", "title", "year"),
    [
        ("the.long.day_2024_1080p.mkv", "The Long Day", 2024),
        ("The Long Day (2024) [2160p].mp4", "The Long Day", 2024),
        ("THE_LAST_DAYS_OF_SUMMER_FINAL.mov", "The Last Days of Summer", None),
        ("2001.A.Space.Odyssey.1968.remux.mkv", "2001 A Space Odyssey", 1968),
        ("1917.mkv", "1917", None),
        ("Blade.Runner.2049.2017.mp4", "Blade Runner 2049", 2017),
        ("Blade.Runner.2049.mp4", "Blade Runner 2049", None),
        ("Night Ferry to Koh Lanta - ProRes422.mov", "Night Ferry to Koh Lanta", None),
        ("McQueen at home.v2.mp4", "McQueen at home", None),
        ("ลุงบุญมีระลึกชาติ.2010.mkv", "ลุงบุญมีระลึกชาติ", 2010),
        ("sunrise.1080p.2019.mkv", "Sunrise", None),
        ("____.mp4", "", None),
    ],
)
def test_the_title_and_the_year_are_read_from_the_name(titles: Page, name: str, title: str, year: int | None) -> None:
    assert titles.evaluate(_ASK, [name, 2026]) == [title, year]


def test_a_name_without_end_makes_no_title_without_end(titles: Page) -> None:
    title, year = titles.evaluate(_ASK, [f"{'very.' * 2000}long.mkv", 2026])
    assert (len(title) <= 200, year) == (True, None)
