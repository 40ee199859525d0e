"""A page that follows its film gets one player after the other, and keeps nothing of those that are gone."""

import pytest
from playwright.sync_api import CDPSession, Page

from tests.e2e.films import Film
from tests.e2e.viewers import PATIENCE_MS, Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

SWAPS = 4
_SWAP = """async () => {
  const text = await (await fetch(location.href)).text();
  const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("section[data-player]");
  const player = document.importNode(fresh, true);
  document.querySelector("section[data-player]").replaceWith(player);
  player.dispatchEvent(new CustomEvent("player-raised", {bubbles: true}));
}"""


def swap(page: Page) -> None:
    page.evaluate(_SWAP)
    page.wait_for_function(
        "() => document.querySelector('section[data-player] [data-player-settings]')", timeout=PATIENCE_MS
    )


def heard(session: CDPSession) -> dict[str, int]:
    """Count what listens to the document and to the window, by the name of the event."""
    found: dict[str, int] = {}
    for target in ("document", "window"):
        held = session.send("Runtime.evaluate", {"expression": target})["result"]["objectId"]
        for listener in session.send("DOMDebugger.getEventListeners", {"objectId": held})["listeners"]:
            name = f"{target} {listener['type']}"
            found[name] = found.get(name, 0) + 1
    return found


def test_players_that_are_gone_listen_to_nothing(browser_page: Page, film: Film) -> None:
    Viewer(browser_page).watch(film)
    swap(browser_page)
    session = browser_page.context.new_cdp_session(browser_page)
    before, sheets = heard(session), browser_page.evaluate("document.adoptedStyleSheets.length")
    assert {"document keydown", "document pointerdown", "window pagehide"} <= set(before)

    for _ in range(SWAPS):
        swap(browser_page)

    assert heard(session) == before
    assert browser_page.evaluate("document.adoptedStyleSheets.length") == sheets
