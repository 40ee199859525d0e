"""A viewer before the player of a film's page."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.films import Film
from tests.e2e.players import BRIGHTER_PER_S

PATIENCE_MS = 60_000
MASTER = "**/m/*/master.m3u8"
PLAYBACK = "**/api/v1/movies/*/playback/"
SEGMENTS = "**/m/*/*/*.m4s"

# Which second the picture says that it is; the film gets brighter, and black is 16 in it and 0 on the canvas.
_SHOWN = """(perSecond) => {
  const video = document.querySelector("section[data-player] video");
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.drawImage(video, 0, 0, 1, 1);
  return pen.getImageData(0, 0, 1, 1).data[0] * 219 / 255 / perSecond;
}"""


# What the portal writes into the page: it is changed where it is read.
_GIVEN = """
  const parse = JSON.parse;
  JSON.parse = (...given) => {
    const told = parse(...given);
    return told && "is_signed_in" in told ? {...told, ...%s} : told;
  };
"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who has the page of a film open, or is about to."""

    page: Page

    @property
    def player(self) -> Locator:
        return self.page.locator("section[data-player]")

    def open(self, film: Film, query: str = "") -> None:
        self.page.goto(f"{film.path}{query}")

    def open_without_waiting(self, film: Film, query: str = "") -> None:
        """Open the page, of which a test keeps something back."""
        self.page.goto(f"{film.path}{query}", wait_until="commit")

    def watch(self, film: Film, query: str = "") -> None:
        """Open the page, and see the film begin."""
        self.open(film, query)
        self.expect_state("playing")
        self.wait_until("video.currentTime > 0.2")

    def expect_state(self, state: str) -> None:
        expect(self.player).to_have_attribute("data-player-state", state, timeout=PATIENCE_MS)

    def expect_failure(self, code: str) -> None:
        expect(self.player).to_have_attribute("data-failure", code, timeout=PATIENCE_MS)
        self.expect_state("failed")

    def expect_recovery(self) -> None:
        expect(self.player).not_to_have_attribute("data-failure", re.compile(""), timeout=PATIENCE_MS)
        self.expect_state("playing")

    def wait_until(self, condition: str) -> None:
        """Wait until something is true of `video`."""
        self.page.wait_for_function(
            f"() => {{ const video = document.querySelector('section[data-player] video'); return {condition}; }}",
            timeout=PATIENCE_MS,
        )

    def ask(self, question: str) -> Any:
        """Return what is said of `video`."""
        return self.page.evaluate(
            f"async () => {{ const video = document.querySelector('section[data-player] video'); return {question}; }}"
        )

    def place_s(self) -> float:
        return float(self.ask("video.currentTime"))

    def seek(self, place_s: float) -> None:
        self.ask(f"void (video.currentTime = {place_s})")

    def expect_picture_of(self, place_s: float) -> None:
        """Wait until the picture is that of this second."""
        self.page.wait_for_function(
            f"([perSecond, place]) => Math.abs(({_SHOWN})(perSecond) - place) <= 0.4",
            arg=[BRIGHTER_PER_S, place_s],
            timeout=PATIENCE_MS,
        )

    def retry(self) -> None:
        self.player.get_by_role("button", name="Try again").click()


def given_with(told: dict[str, Any]) -> str:
    """Return a script by which a page comes with these members for its player."""
    return _GIVEN % json.dumps(told)


def answering(told: dict[str, Any]) -> Callable[[Route], None]:
    """Answer as the portal does, but for these members."""

    def answer(route: Route) -> None:
        found = route.fetch()
        route.fulfill(response=found, body=json.dumps({**found.json(), **told}))

    return answer
