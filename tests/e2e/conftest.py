"""The whole portal, really running, and a real Chromium in front of it."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.e2e.films import Film, bring_in_film
from tests.e2e.running import Portal, start_portal
from tests.e2e.signing_in import sign_in
from tests.e2e.watching import refused_beacon

_CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)


@pytest.fixture(scope="module")
def nobody_counts(live_portal: Portal) -> Iterator[None]:
    """Have the process that counts viewers rest, so that tests say themselves how many watch."""
    counting = live_portal.children()["audience"]
    counting.suspend()
    yield
    counting.resume()


@pytest.fixture(scope="session")
def live_portal() -> Iterator[Portal]:
    """The portal with its demo content; shared, so tests leave it as they found it."""
    data_dir = Path(tempfile.mkdtemp(prefix="nova-e2e-"))
    data_dir.chmod(0o711)
    # The sites of the tests, by their number; those by the name of this machine are strangers.
    portal = start_portal(data_dir, variables={"NOVA_EMBED_ORIGINS": "http://127.0.0.1:*"})
    try:
        portal.wait_for("Nova is running", timeout_s=100)
        portal.wait_until_whole()
        yield portal
    finally:
        portal.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def film(live_portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Film:
    """A film that can be played, on the page of one of the demo's movies."""
    return bring_in_film(live_portal, tmp_path_factory.mktemp("film"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chosen = os.environ.get("NOVA_CHROMIUM") or next(filter(None, map(shutil.which, _CHROMIUM_NAMES)), None)
    if chosen is None:
        reason = "No Chromium found: apt-get install chromium, or name one with NOVA_CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright's event loop lives in this thread from here on. Django would not let tests ask the database beside
        # it, lest they stop the loop: there is nothing else on it that they could stop.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=chosen, args=list(_CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_portal: Portal, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A browser with no memory, in English, on the running portal, which refuses none of its beacons."""
    context = browser.new_context(base_url=live_portal.url, locale="en-GB", reduced_motion="reduce")
    refused: list[str] = []
    context.on("response", lambda response: refused.extend(refused_beacon(response)))
    yield context
    # Left by a navigation, which has a time limit, and closed with the browser: closing one whose page is reloading
    # itself at that moment has been seen to hang. Such a page ends the navigation, and is left as it is.
    for page in context.pages:
        with contextlib.suppress(Error):
            page.goto("about:blank", timeout=5_000)
    if not request.node.get_closest_marker("forges_beacons"):
        assert refused == []


@pytest.fixture
def browser_page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def administrator_page(context: BrowserContext, live_portal: Portal) -> Page:
    """A page whose user is signed in as the administrator."""
    page = context.new_page()
    sign_in(page, live_portal)
    return page
