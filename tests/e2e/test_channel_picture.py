"""A broadcaster gives a channel a picture in a browser, and viewers see it where nothing is on air."""

import re

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.viewers import PATIENCE_MS
from tests.factories import make_picture_file

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

STUDIO = "/studio/studio-one/"
_FILE = FilePayload(name="harbour.jpg", mimeType="image/jpeg", buffer=make_picture_file(1600, 900))
# What is seen first stands below what comes later, and does not push it out of its frame.
_FILLS_ITS_FRAME = """(image) => {
  const [own, frame] = [image, image.parentElement.parentElement].map((each) => each.getBoundingClientRect());
  return Math.abs(own.top - frame.top) < 1 && Math.abs(own.height - frame.height) < 1;
}"""


def expect_picture(frame: Locator) -> None:
    image = frame.locator("picture img")
    image.scroll_into_view_if_needed()
    expect(image).to_have_attribute("src", re.compile("/art/channels/"), timeout=PATIENCE_MS)
    assert image.evaluate(_FILLS_ITS_FRAME)
    assert image.evaluate("async (image) => { await image.decode(); return image.currentSrc }").endswith(".webp")


def test_a_picture_is_shown_wherever_the_channel_is(administrator_page: Page) -> None:
    page = administrator_page
    page.goto(STUDIO)
    page.locator("#channel-picture").set_input_files(_FILE)
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_text("The channel has its picture.")).to_be_visible(timeout=PATIENCE_MS)
    expect_picture(page.locator(".studio-keys .live-card-art"))
    expect_picture(page.locator(".live-veil-art"))

    page.goto("/live/")
    expect_picture(page.locator(".live-card", has_text="Studio One").locator(".live-card-art"))
    page.goto("/live/studio-one/")
    expect_picture(page.locator(".live-veil-art"))

    page.goto(STUDIO)
    page.get_by_role("button", name="Remove this picture").click()
    expect(page.get_by_role("button", name="Remove this picture")).to_have_count(0)
    assert page.locator(".live-veil-art picture img").get_attribute("src").startswith("/art/covers/")  # type: ignore[union-attr]  # an image without an address fails too
