"""From opening a film's page to its first picture, in a Chromium that has never seen the portal.

    .venv/bin/python -m benchmarks.startup [LOADS]

Thirty cold loads (a new context each, so that nothing is cached), on this machine's own line and on one of 10 Mbit/s
and 40 ms, as Chromium's own tools narrow it. The film is 12 s of 720p at 5 Mbit/s, in two rungs. Between the two
ends it tells when the page, the player's script, the manifest and the first segment were there. Exits with 1 when a bar
is missed.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.results import Row, percentile, print_rows
from tests.e2e import films
from tests.e2e.running import Portal, start_portal
from tests.streaming.media.sources import H264, make_film

LOADS = 30
_PATIENCE_MS = 60_000
_BARS_MS = {"local": 1000.0, "10 Mbit/s, 40 ms": 2500.0}
_LINES: dict[str, dict[str, float | bool] | None] = {
    "local": None,
    "10 Mbit/s, 40 ms": {"offline": False, "latency": 40, "downloadThroughput": 1.25e6, "uploadThroughput": 1.25e6},
}
# Whatever else a page does with its film, its first picture is shown once.
_WATCH = """addEventListener("loadedmetadata", ({target}) => {
  target.requestVideoFrameCallback(() => { window.firstPictureMs ??= performance.now(); });
}, true);"""
_STEPS = """() => {
  const ends = (test) => performance.getEntriesByType("resource").find(({name}) => test.test(name))?.responseEnd ?? NaN;
  return {
    "page": performance.getEntriesByType("navigation")[0].responseEnd,
    "player's script": ends(/js.player[.][^/]*js$/),
    "manifest": ends(/master[.]m3u8$/),
    "first segment": ends(/[.]m4s$/),
    "first picture": window.firstPictureMs,
  };
}"""
_SOUND = "-f lavfi -i sine=f=220:d=12:sample_rate=48000"
_PICTURE = "-f lavfi -i testsrc2=s=1280x720:r=25:d=12,noise=alls=14:allf=t"
_RATE = "-b:v 5M -maxrate 5M -bufsize 5M -c:a aac -ac 2"


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; 1 if a bar is missed."""
    loads = int(arguments[0]) if arguments else LOADS
    with film_on_a_portal() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(),
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        # Not cold: what the portal itself does for its very first visitor.
        _load(browser, url, None)
        found = {line: [_load(browser, url, how) for _ in range(loads)] for line, how in _LINES.items()}
        browser.close()
    return print_rows(row for line, all_steps in found.items() for row in _rows(line, all_steps))


@contextmanager
def film_on_a_portal() -> Iterator[str]:
    """Run a portal with one film that is packaged whole; give the address of its page."""
    folder = Path(tempfile.mkdtemp(prefix="nova-startup-"))
    folder.chmod(0o711)
    data_dir = folder / "data"
    data_dir.mkdir(mode=0o711)
    portal = start_portal(data_dir, variables={"NOVA_RATE_LIMIT_PLAYBACK": "off"})
    try:
        portal.wait_for("Nova is running", timeout_s=120)
        portal.wait_until_whole()
        yield f"{portal.url}{_bring_in(portal, folder)}"
    finally:
        portal.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _bring_in(portal: Portal, folder: Path) -> str:
    path = make_film(folder, f"{_PICTURE} {_SOUND} {H264} {_RATE}")
    with films.signed_in(portal) as client:
        films.upload(portal, path)
        films.wait_for_package(client)
    return f"/movies/{films.SLUG}/"


def _load(browser: Browser, url: str, line: Mapping[str, float | bool] | None) -> dict[str, float]:
    """Open the page as nobody has before; return when each step was done, in ms since it was asked for."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(_WATCH)
    if line is not None:
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.emulateNetworkConditions", dict(line))
    page.goto(url, wait_until="commit")
    page.wait_for_function("() => window.firstPictureMs", timeout=_PATIENCE_MS)
    steps: dict[str, float] = page.evaluate(_STEPS)
    context.close()
    return steps


def _rows(line: str, loads: Sequence[Mapping[str, float]]) -> Iterator[Row]:
    *steps, picture = loads[0]
    for step in steps:
        yield Row(what=f"{line}: {step}, median", figure=percentile([load[step] for load in loads], 0.5), unit="ms")
    shown = [load[picture] for load in loads]
    yield Row(what=f"{line}: {picture}, median", figure=percentile(shown, 0.5), unit="ms")
    yield Row(what=f"{line}: {picture}, p95", figure=percentile(shown, 0.95), unit="ms", bar=_BARS_MS[line])


def _chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        sys.exit("No Chromium found: apt-get install chromium.")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
