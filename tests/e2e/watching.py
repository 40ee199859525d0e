"""People before the running portal, each with a browser of their own, and what pages tell of how many they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.e2e.running import Portal
from tests.e2e.viewers import PATIENCE_MS, Viewer

BEACONS = "/api/v1/beacons/"
TOO_MANY = 429
# The demo's film lasts twenty seconds: so it lasts three minutes.
_SLOWLY = "void (video.playbackRate = 0.1)"
# When the first picture was there, and when each place of the page said how many watch: all by one clock.
_NOTE = """
  document.addEventListener("playing", () => (window.shownAt ??= Date.now()), true);
  window.said = [];
  new MutationObserver(() => {
    for (const place of document.querySelectorAll(".viewers")) {
      const text = place.hidden ? "" : place.querySelector("[data-viewers-shown]").textContent;
      if (window.said.at(-1)?.text !== text) window.said.push({text, at: Date.now()});
    }
  }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""


@dataclass(slots=True)
class People:
    """Those who watch.

    Attributes:
        troubles: what their browsers complain of, refused beacons among it.
    """

    browser: Browser
    portal: Portal
    contexts: list[BrowserContext] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def come(self, **options: object) -> BrowserContext:
        """Give the browser of somebody new."""
        context = self.browser.new_context(
            base_url=self.portal.url,
            locale="en-GB",
            reduced_motion="reduce",
            **options,  # type: ignore[arg-type]
        )
        context.add_init_script(_NOTE)
        context.on("console", lambda message: self._hear(message))
        context.on("weberror", lambda error: self.troubles.append(str(error.error)))
        context.on("response", lambda response: self._look_at(response))
        self.contexts.append(context)
        return context

    def watch(self, path: str, context: BrowserContext | None = None) -> Page:
        """Let somebody, or somebody new, open a page and see what it plays."""
        page = (context or self.come()).new_page()
        page.goto(path)
        # A broadcast is gone to before it plays: its place says nothing.
        page.wait_for_function("() => window.shownAt", timeout=PATIENCE_MS)
        viewer = Viewer(page)
        if viewer.ask("Number.isFinite(video.duration) && video.duration < 60"):
            viewer.ask(_SLOWLY)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(message.text)

    def _look_at(self, response: Response) -> None:
        self.troubles += refused_beacon(response)


def refused_beacon(response: Response) -> list[str]:
    """Return what was refused for good, if this answers a beacon so: what may be sent again later was not."""
    is_refused = 400 <= response.status < 500 and response.status != TOO_MANY
    return (
        [f"{response.status} to {response.request.post_data}"] if is_refused and response.url.endswith(BEACONS) else []
    )


@contextmanager
def people_before(portal: Portal, browser: Browser) -> Iterator[People]:
    people = People(browser, portal)
    try:
        yield people
    finally:
        for context in people.contexts:
            context.close()


def shown_at(page: Page) -> float:
    """Return when the first picture was there, in milliseconds since 1970."""
    return float(page.evaluate("window.shownAt"))


def wait_until_said(page: Page, text: str, *, since: float, patience_ms: float = PATIENCE_MS) -> float:
    """Wait until the page says of how many watch nothing but this; return how long that took from then on."""
    # It may be said for long already, and then it took no time.
    page.wait_for_function(
        "(text) => (window.said.at(-1)?.text ?? '') === text", arg=text, timeout=patience_ms, polling=50
    )
    return max(float(page.evaluate("window.said.at(-1)?.at ?? 0")) - since, 0)
