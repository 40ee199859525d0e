"""The hands of a viewer: what the tests of the controls press, choose and look at."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.e2e.films import Film
from tests.e2e.viewers import PATIENCE_MS, Viewer

_SHOWING = "[...video.textTracks].filter((track) => track.mode === 'showing')"
_CUES = f"{_SHOWING}.flatMap((track) => [...(track.activeCues ?? [])]).map((cue) => cue.text)"
NO_CUES = f"{_CUES}.length === 0"


@dataclass(frozen=True, slots=True)
class Hands(Viewer):
    """Somebody who does things to the player."""

    def take(self, film: Film, query: str = "") -> None:
        """Open the page, and pause the film once it can be played: so nothing depends on the pace."""
        self.open(film, query)
        expect(self.button("Settings")).to_be_attached(timeout=PATIENCE_MS)
        self.wait_until("video.readyState >= 3 && video.duration > 0 && !video.paused")
        self.ask("video.pause()")
        self.expect_state("paused")

    def button(self, name: str) -> Locator:
        return self.player.get_by_role("group", name="Controls").get_by_role("button", name=name, exact=True)

    def go_to(self, place_s: float) -> None:
        self.seek(place_s)
        self.wait_until(f"!video.seeking && Math.abs(video.currentTime - {place_s}) < 0.1")

    def open_settings(self, *pages: str) -> Locator:
        """Open the menu, and then one page after the other."""
        # By script, since a bar that fades while a pointer comes is none of the menu's business.
        self.button("Settings").dispatch_event("click")
        menu = self.player.get_by_role("menu", name="Settings")
        expect(menu).to_be_visible()
        for name in pages:
            menu.get_by_role("menuitem", name=name).first.click()
        return menu

    def choose(self, page: str, option: str) -> None:
        """Choose an option of a page of the menu, and close the menu."""
        self.open_settings(page).get_by_role("menuitemradio", name=option).click()
        self.leave_settings()

    def leave_settings(self) -> None:
        while self.player.get_by_role("menu").count():
            self.page.keyboard.press("Escape")

    def cues(self) -> list[str]:
        """Return the words that stand on the picture."""
        found: list[str] = self.ask(_CUES)
        return found

    def expect_cue(self, text: str) -> None:
        self.wait_until(f"{_CUES}.includes('{text}')")


def hands_on(page: Page, film: Film) -> Hands:
    hands = Hands(page)
    hands.take(film)
    return hands
