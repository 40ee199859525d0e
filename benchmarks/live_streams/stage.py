"""A portal, an encoder's key and a browser: what a live stream is seen with."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.big_catalogue.running import READY, run_within
from tests.e2e.running import Portal, start_portal

PATIENCE_S = 60.0
# The demo channel: this process is no part of the portal, and cannot ask for its name.
PAGE = "/live/studio-one/"
# When a page was told of each phase, when it showed its first picture, and how often it had to wait for more.
WATCH = """
window.seen = {phases: {}, waits: 0, pictureMs: null};
new MutationObserver((changes) => {
  for (const {target} of changes) {
    const phase = target.dataset?.phase;
    if (phase) seen.phases[phase] ??= Date.now();
  }
}).observe(document, {subtree: true, attributes: true, attributeFilter: ["data-phase"]});
addEventListener("waiting", () => { seen.waits += 1; }, true);
addEventListener("loadedmetadata", ({target}) => {
  target.requestVideoFrameCallback(() => { seen.pictureMs ??= Date.now(); });
}, true);
"""


@contextmanager
def live_portal(*, is_recorded: bool = False) -> Iterator[Portal]:
    """Run a portal whose channel nobody publishes to yet."""
    data_dir = Path(tempfile.mkdtemp(prefix="nova-live-"))
    data_dir.chmod(0o711)
    portal = start_portal(data_dir, variables={"NOVA_RATE_LIMIT_PLAYBACK": "off"})
    try:
        portal.wait_for(READY, timeout_s=200)
        portal.wait_until_whole(timeout_s=PATIENCE_S)
        words = f"from streaming.models import Channel; Channel.objects.update(is_recorded={is_recorded})"
        portal.manage("shell", "-c", words)
        yield portal
    finally:
        portal.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


@contextmanager
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.exit("No Chromium found: apt-get install chromium.")
    quiet = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found, args=[*quiet, "--autoplay-policy=no-user-gesture-required"]
        )
        yield chromium
        chromium.close()


def open_page(chromium: Browser, portal: Portal, query: str = "") -> Page:
    """Open the channel's page as a new viewer, and wait until it hears of changes."""
    page = chromium.new_context().new_page()
    page.add_init_script(WATCH)
    page.goto(f"{portal.url}{PAGE}{query}")
    page.wait_for_selector("[data-channel][data-connection=live]", timeout=PATIENCE_S * 1000, state="attached")
    return page


def seen_of(page: Page, condition: str) -> dict[str, Any]:
    """Return what a page has seen as soon as something is true of it."""
    page.wait_for_function(f"() => {condition}", timeout=PATIENCE_S * 1000)
    found: dict[str, Any] = page.evaluate("() => seen")
    return found


def streams_of(portal: Portal) -> list[dict[str, Any]]:
    """Return what the portal knows of its streams, the newest first."""
    found: list[dict[str, Any]] = json.loads(run_within(portal, "benchmarks.live_streams.within", "streams"))
    return found


def wait_for(portal: Portal, is_so: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """Wait until something is true of the portal's streams. Raises TimeoutError."""
    until = time.monotonic() + PATIENCE_S
    while not is_so(streams := streams_of(portal)):
        if time.monotonic() > until:
            raise TimeoutError(f"the streams are {streams}")
    return streams
