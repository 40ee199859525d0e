"""The page around the player, in a real browser: the player comes, plays on and goes, here and on other sites."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from streaming.oembed import FEATURES
from tests.e2e.films import Film, signed_in
from tests.e2e.running import Portal
from tests.e2e.serving import served
from tests.e2e.tus import TusClient
from tests.e2e.viewers import PATIENCE_MS, Viewer
from tests.streaming.media.sources import H264, make_film

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

# A movie of the demo without a film.
EMPTY = "salt-on-the-piano"


@pytest.fixture
def client(live_portal: Portal) -> Iterator[httpx.Client]:
    with signed_in(live_portal) as client:
        yield client


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    return Viewer(browser_page)


def await_socket(page: Page) -> None:
    expect(page.locator("[data-movie]")).to_have_attribute("data-connection", "live", timeout=PATIENCE_MS)


# --- While the page is open -------------------------------------------------------------------------------------------


def test_what_editors_change_around_a_playing_film_does_not_touch_it(
    viewer: Viewer, film: Film, client: httpx.Client
) -> None:
    viewer.watch(film)
    await_socket(viewer.page)
    viewer.ask("void (video.dataset.mark = 'same')")
    before = client.get(f"movies/{film.slug}/").json()["tagline"]

    client.patch(f"movies/{film.slug}/", json={"tagline": "Nobody knows her."}).raise_for_status()

    try:
        expect(viewer.page.locator(".stage-tagline")).to_have_text("Nobody knows her.", timeout=PATIENCE_MS)
        expect(viewer.page.locator("[data-announcer]")).not_to_be_empty(timeout=PATIENCE_MS)
        place_s = viewer.place_s()
        viewer.wait_until(f"video.dataset.mark === 'same' && video.currentTime > {place_s}")
        viewer.expect_state("playing")
    finally:
        client.patch(f"movies/{film.slug}/", json={"tagline": before}).raise_for_status()


def test_a_film_that_is_hidden_stops_and_says_so_and_comes_back(
    viewer: Viewer, film: Film, client: httpx.Client
) -> None:
    viewer.watch(film)
    await_socket(viewer.page)
    visibility = f"movies/{film.slug}/visibility/"

    client.put(visibility, json={"visibility": "HIDDEN"}).raise_for_status()

    try:
        gone = viewer.page.get_by_role("heading", name="This film is no longer available")
        expect(gone).to_be_visible(timeout=PATIENCE_MS)
        assert viewer.ask("video.paused") is True
        expect(viewer.player).to_be_hidden()
    finally:
        client.put(visibility, json={"visibility": "PUBLISHED"}).raise_for_status()
    expect(gone).to_be_hidden(timeout=PATIENCE_MS)
    expect(viewer.player).to_be_visible()


def test_the_end_of_a_window_ends_the_film_and_the_page_says_when_the_next_one_opens(
    viewer: Viewer, film: Film, client: httpx.Client
) -> None:
    windows, movie = f"movies/{film.slug}/availability/", f"movies/{film.slug}/"
    before = client.get(windows).json()["windows"]
    now = datetime.now(UTC)
    spans = [
        {"starts_at": (now - timedelta(days=1)).isoformat(), "ends_at": (now + timedelta(seconds=15)).isoformat()},
        {"starts_at": (now + timedelta(days=3)).isoformat()},
    ]
    client.patch(movie, json={"is_announced": True}).raise_for_status()
    client.put(windows, json={"windows": spans}).raise_for_status()
    try:
        viewer.watch(film)

        expect(viewer.page.get_by_text("Coming soon")).to_be_visible(timeout=PATIENCE_MS)
        expect(viewer.player).to_have_count(0)
        expect(viewer.page.locator(".stage-art")).to_be_visible()
    finally:
        kept = [{name: span[name] for name in ("starts_at", "ends_at", "time_zone", "territories")} for span in before]
        client.put(windows, json={"windows": kept}).raise_for_status()
        client.patch(movie, json={"is_announced": False}).raise_for_status()
    # The same page, and the same script, which gets its player back.
    expect(viewer.player).to_have_count(1, timeout=PATIENCE_MS)
    viewer.expect_state("playing")


def test_the_player_comes_by_itself_when_there_is_something_to_play(
    viewer: Viewer, live_portal: Portal, tmp_path: Path
) -> None:
    troubles: list[str] = []
    viewer.page.on("pageerror", lambda error: troubles.append(str(error)))
    viewer.page.goto(f"/movies/{EMPTY}/")
    await_socket(viewer.page)
    expect(viewer.player).to_have_count(0)
    viewer.page.evaluate("window.isTheSame = true")

    picture = "-f lavfi -i testsrc2=s=640x360:r=25:d=6 -f lavfi -i sine=d=6"
    content = make_film(tmp_path, f"{picture} {H264} -c:a aac").read_bytes()
    tus = TusClient.sign_in(live_portal.url, username="admin", password=live_portal.password)
    tus.send(tus.begin(size_bytes=len(content), said={"filename": "film.mp4", "movie": EMPTY}), content, offset=0)

    expect(viewer.player).to_have_count(1, timeout=3 * PATIENCE_MS)
    viewer.wait_until("video.currentTime > 0.2")
    assert viewer.page.evaluate("window.isTheSame") is True
    expect(viewer.page.locator(".stage-art")).to_have_count(0)
    assert troubles == []


def test_a_page_that_was_read_ahead_asks_for_its_session_when_it_is_opened(context: BrowserContext, film: Film) -> None:
    page = context.new_page()
    ahead = {"purpose": "prefetch"}
    page.route(f"**{film.path}", lambda route: route.continue_(headers={**route.request.headers, **ahead}))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if "/playback/" in request.url else None)
    Viewer(page).watch(film)
    assert asked == ["POST"]


# --- Other sites ------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path, live_portal: Portal, film: Film) -> Iterator[str]:
    """A site with the player in a frame; it is at a number that the portal knows, and at a name that it does not."""
    address = f"{live_portal.url}/embed{film.path}"
    (tmp_path / "index.html").write_text(
        f'<!doctype html><title>News</title><link rel="icon" href="data:,">'
        f'<iframe src="{address}" width="640" height="360" allow="{FEATURES}" allowfullscreen></iframe>'
    )
    with served(tmp_path) as url:
        yield url


def test_an_allowed_site_shows_the_player_which_waits_for_a_press(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text) if message.type == "error" else None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/playback/" in request.url else None)

    page.goto(site)

    frame = page.frame_locator("iframe")
    player = frame.locator("section[data-player]")
    button = player.locator("media-play-button").first
    expect(button).to_be_visible(timeout=PATIENCE_MS)
    assert asked == []
    button.click()
    expect(player).to_have_attribute("data-player-state", "playing", timeout=PATIENCE_MS)
    assert len(asked) == 1
    assert refusals == []


def test_a_film_is_shared_from_a_frame(context: BrowserContext, site: str, film: Film, live_portal: Portal) -> None:
    """By the film's own page. A frame has no sheet of the device where this browser has none; what it has is told."""
    page = context.new_page()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script("Navigator.prototype.share = () => Promise.reject(new DOMException('', 'NotAllowedError'))")
    page.goto(site)
    player = page.frame_locator("iframe").locator("section[data-player]")
    player.locator("media-play-button").first.click()
    expect(player).to_have_attribute("data-player-state", "playing", timeout=PATIENCE_MS)

    player.locator("[data-player-settings]").dispatch_event("click")
    player.get_by_role("menuitem", name="Share").click()

    expect(player.get_by_text("The address has been copied")).to_be_visible()
    expect(page.frame_locator("iframe").locator("[data-announcer]")).to_have_text("The address has been copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.partition("?t=")[0] == f"{live_portal.url}{film.path}"


def test_any_other_site_is_refused_by_the_browser(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))

    page.goto(site.replace("127.0.0.1", "localhost"))

    expect(page).to_have_title("News")
    page.wait_for_function("() => document.querySelector('iframe').contentDocument === null", timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in refusal for refusal in refusals), refusals
    assert page.frame_locator("iframe").locator("section[data-player]").count() == 0
