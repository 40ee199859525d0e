"""The two players that most of the web uses, from npm, with a package in front of them.

The portal has nothing to do with it: what plays here plays wherever somebody puts these files.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError

from tests.e2e.running import ROOT
from tests.e2e.serving import served

# A slow machine makes a player wait, and a player that has waited for long gives the picture a push. Neither is the
# package's doing; a hole in it is, and has a name of its own.
_WAITS = ("bufferStalledError", "bufferNudgeOnStall")
_PAGE = "<!doctype html><title>A player</title><link rel=icon href='data:,'><video muted></video>{script}"
# How much brighter the film gets in each second: the picture itself says which moment it shows.
BRIGHTER_PER_S = 8

_HLS = """({manifest, waits}) => {
  const hls = new Hls();
  window.troubles = [];
  hls.on(Hls.Events.ERROR, (_, trouble) => {
    if (trouble.fatal || !waits.includes(trouble.details)) window.troubles.push(`${trouble.type}: ${trouble.details}`);
  });
  hls.loadSource(manifest);
  hls.attachMedia(document.querySelector("video"));
}"""
_DASH = """({manifest}) => {
  const player = dashjs.MediaPlayer().create();
  window.troubles = [];
  for (const name of ["ERROR", "PLAYBACK_ERROR"]) {
    player.on(dashjs.MediaPlayer.events[name], (event) => window.troubles.push(JSON.stringify(event.error ?? name)));
  }
  player.initialize(document.querySelector("video"), manifest, false);
}"""
_SEEK = """async ({place, perSecond, patience_ms}) => {
  const video = document.querySelector("video");
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  const shown = () => {
    pen.drawImage(video, 0, 0, 1, 1);
    // Black is 16 and white 235 in the film; on the canvas they are 0 and 255.
    return pen.getImageData(0, 0, 1, 1).data[0] * 219 / 255 / perSecond;
  };
  const deadline = performance.now() + patience_ms;
  video.currentTime = place;
  while (video.seeking || Math.abs(shown() - place) > 0.4) {
    if (performance.now() > deadline) break;
    await new Promise((done) => setTimeout(done, 20));
  }
  return shown();
}"""
_STATE = """() => {
  const video = document.querySelector("video");
  return {
    played: Array.from({length: video.played.length}, (_, i) => [video.played.start(i), video.played.end(i)]),
    buffered: Array.from({length: video.buffered.length}, (_, i) => [video.buffered.start(i), video.buffered.end(i)]),
    ended: video.ended, paused: video.paused, rate: video.playbackRate, ready: video.readyState,
    at_s: video.currentTime, duration_s: video.duration,
    error: video.error && video.error.message, troubles: window.troubles,
  };
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerKind:
    """A player from npm: its script, the file that it begins with, and how it is told to."""

    script: str
    manifest: str
    begin: str


HLS_JS = PlayerKind(script="hls.js/dist/hls.min.js", manifest="master.m3u8", begin=_HLS)
DASH_JS = PlayerKind(script="dashjs/dist/modern/umd/dash.all.min.js", manifest="manifest.mpd", begin=_DASH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """A player that has been given a package."""

    page: Page
    patience_s: float

    def play(self, *, rate: float = 1) -> None:
        """Begin, or go on, at this many times the film's speed."""
        # A video that is given its source after it was told to play forgets both: dash.js reads the manifest first.
        self.wait_until("video.readyState >= 1")
        self.page.evaluate(
            "(rate) => { const v = document.querySelector('video'); v.play(); v.playbackRate = rate; }", rate
        )

    def wait_until(self, condition: str) -> None:
        """Wait until something is true of `video`."""
        try:
            self.page.wait_for_function(
                f"() => {{ const video = document.querySelector('video'); return {condition}; }}",
                timeout=self.patience_s * 1000,
            )
        except TimeoutError as error:
            raise AssertionError(f"{condition} did not come: {self.state()}") from error

    def shows_at(self, place_s: float) -> float:
        """Seek; return which second the picture says that it is."""
        asked = {"place": place_s, "perSecond": BRIGHTER_PER_S, "patience_ms": self.patience_s * 1000}
        return float(self.page.evaluate(_SEEK, asked))

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(_STATE)
        return found


@contextmanager
def playing(browser: Browser, kind: PlayerKind, package: Path, site: Path, *, patience_s: float) -> Iterator[Player]:
    """Put a package and a player on a site of their own, and let the player begin with the package."""
    script = ROOT / "node_modules" / kind.script
    assert script.exists(), f"{kind.script} is not installed: run scripts/frontend.py"
    site.mkdir()
    (site / "player.js").symlink_to(script)
    (site / "package").symlink_to(package)
    (site / "index.html").write_text(_PAGE.format(script="<script src='player.js'></script>"))
    with served(site) as address:
        page = browser.new_page()
        try:
            page.goto(address)
            page.evaluate(kind.begin, {"manifest": f"{address}package/{kind.manifest}", "waits": list(_WAITS)})
            yield Player(page=page, patience_s=patience_s)
        finally:
            page.close()
