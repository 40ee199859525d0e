"""The bit rate that is shown, by what came of it, and not by what a playlist says that it may not exceed."""

from collections.abc import Iterator, Sequence

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.scripts import empty_page

pytestmark = [pytest.mark.e2e]

_RATE = """async (came) => {
  const { ShownRate } = await import("/player/shown_rate.js");
  const rate = new ShownRate();
  for (const [track, bytes, seconds] of came) rate.note(track, bytes, seconds);
  return rate.of("picture", "sound");
}"""
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with empty_page(browser) as page:
        yield page


@pytest.mark.parametrize(
    ("came", "bps"),
    [
        pytest.param([], 0, id="nothing has come"),
        pytest.param([("sound", 64_000, 4)], 0, id="of the picture nothing has come"),
        pytest.param([("picture", MEGABYTE, 4)], 2_000_000, id="a picture without sound"),
        pytest.param([("picture", MEGABYTE, 4), ("sound", 64_000, 4)], 2_128_000, id="with its sound"),
        pytest.param([("picture", MEGABYTE, 4), ("other", 9 * MEGABYTE, 4)], 2_000_000, id="another quality"),
        pytest.param([("picture", 900, 0), ("picture", MEGABYTE, 4)], 2_000_000, id="what begins a file is no media"),
        pytest.param([("picture", MEGABYTE / 12, 1 / 3)] * 12, 2_000_000, id="in parts"),
    ],
)
def test_the_rate_is_that_of_what_came(page: Page, came: Sequence[tuple[str, float, float]], bps: int) -> None:
    assert page.evaluate(_RATE, came) == bps


def test_what_came_long_ago_counts_no_more(page: Page) -> None:
    before, since = [("picture", MEGABYTE, 4)] * 100, [("picture", MEGABYTE / 2, 4)] * 50
    assert abs(page.evaluate(_RATE, before + since) - 1_000_000) < 2_000
