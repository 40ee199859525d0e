"""The page of a channel in a browser, before, during and after a broadcast: nobody loads it anew."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.broadcasting import Broadcaster, broadcaster_of, delay_shown
from tests.e2e.running import Portal
from tests.e2e.viewers import PATIENCE_MS, Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

PATH = "/live/studio-one/"
# On a machine that has other things to do. Without them it is about one: see benchmarks.
_LONGEST_DELAY_S = 20


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    return Viewer(browser_page)


@pytest.fixture
def broadcaster(live_portal: Portal) -> Iterator[Broadcaster]:
    with broadcaster_of(live_portal) as found:
        yield found


def expect_phase(page: Page, phase: str) -> None:
    expect(page.locator("[data-channel]")).to_have_attribute("data-phase", phase, timeout=PATIENCE_MS)


def test_an_open_page_follows_a_broadcast_from_its_start_to_its_end(viewer: Viewer, broadcaster: Broadcaster) -> None:
    page = viewer.page
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(PATH)
    expect_phase(page, "offline")
    expect(page.get_by_role("heading", name="Off air")).to_be_visible()

    broadcaster.begin()
    expect_phase(page, "live")
    viewer.wait_until("video?.currentTime > 1")
    delay_s = delay_shown(page)
    assert delay_s is not None
    assert delay_s < _LONGEST_DELAY_S

    viewer.ask("void (video.dataset.mine = 'yes')")
    broadcaster.lose_connection()
    expect_phase(page, "reconnecting")
    expect(page.locator(".live-away")).to_be_visible()
    place_s = viewer.place_s()
    broadcaster.begin()
    expect_phase(page, "live")
    # What was in the buffer may have been played meanwhile; three seconds were not in it.
    viewer.wait_until(f"video.currentTime > {place_s + 3}")
    assert viewer.ask("video.dataset.mine") == "yes"

    broadcaster.stop()
    expect_phase(page, "ended")
    expect(page.get_by_role("heading", name="The broadcast has ended")).to_be_visible(timeout=PATIENCE_MS)
    expect(viewer.player).to_have_count(0)
    assert troubles == []


def test_a_viewer_goes_back_and_returns_to_what_is_on_air(viewer: Viewer, broadcaster: Broadcaster) -> None:
    page = viewer.page
    broadcaster.begin()
    page.goto(PATH)
    viewer.wait_until("video?.seekable.length && video.seekable.end(0) - video.seekable.start(0) > 14")
    live = page.locator("[data-player-live]")
    expect(live).to_have_attribute("aria-pressed", "true")

    viewer.seek(1)
    expect(live).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-player-now]")).to_contain_text("−0:")
    viewer.wait_until("video.currentTime > 1.5 && video.currentTime < 12")
    # Whoever went back sees it as it was sent, and is not dragged along.
    assert viewer.ask("video.playbackRate") == 1

    page.locator(".player-controller").hover()
    live.click()
    expect(live).to_have_attribute("aria-pressed", "true")
    viewer.wait_until("video.seekable.end(0) - video.currentTime < 6 && !video.paused")


def test_what_is_loaded_later_begins_at_what_is_on_air(viewer: Viewer, broadcaster: Broadcaster) -> None:
    broadcaster.begin()
    viewer.page.goto("/live/")
    badge = viewer.page.locator(".live-card .badge[data-variant=live]")
    expect(badge).to_be_visible(timeout=PATIENCE_MS)

    viewer.page.get_by_role("link", name="Studio One").click()
    viewer.wait_until("video?.currentTime > 0.2")
    # The controls come after the first picture.
    expect(viewer.page.locator("[data-player-live]")).to_have_attribute("aria-pressed", "true")
    viewer.page.keyboard.press("s")
    expect(viewer.page.locator("[data-player-stats]")).to_contain_text("Behind the broadcast", timeout=PATIENCE_MS)


def test_dash_goes_on_past_what_its_first_manifest_named(viewer: Viewer, broadcaster: Broadcaster) -> None:
    broadcaster.begin()
    viewer.page.goto("/live/")
    expect(viewer.page.locator(".live-card .badge[data-variant=live]")).to_be_visible(timeout=PATIENCE_MS)

    viewer.page.goto(f"{PATH}?engine=dash")
    viewer.wait_until("video?.currentTime > 0.2")
    begun_s = viewer.place_s()
    viewer.wait_until(f"video.currentTime > {begun_s + 8}")
    viewer.page.keyboard.press("s")
    expect(viewer.page.locator("[data-player-stats]")).to_contain_text("Behind the broadcast", timeout=PATIENCE_MS)


def test_the_list_follows_who_is_on_air_and_asks_only_when_something_has_happened(
    viewer: Viewer, broadcaster: Broadcaster
) -> None:
    page = viewer.page
    page.clock.install()
    page.goto("/live/")
    expect(page.locator("[data-live-list]")).to_have_attribute("data-connection", "live")
    page.evaluate("window.isMine = true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/live/") else None)
    # Longer than the list waits where there is no socket.
    page.clock.fast_forward(11_000)
    page.wait_for_timeout(500)
    assert asked == []

    on_air = page.locator("[data-region=on-air]")
    broadcaster.begin()
    expect(on_air.locator(".badge[data-variant=live]")).to_be_visible(timeout=PATIENCE_MS)
    broadcaster.lose_connection()
    expect(on_air.get_by_text("Reconnecting")).to_be_visible(timeout=PATIENCE_MS)
    broadcaster.begin()
    expect(on_air.locator(".badge[data-variant=live]")).to_be_visible(timeout=PATIENCE_MS)
    broadcaster.stop()
    expect(on_air.get_by_text("Nobody is on air")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[data-region=off-air]").get_by_role("link", name="Studio One")).to_be_visible()
    # Six things happened; those that came together were asked for once.
    assert len(asked) <= 6
    assert page.evaluate("window.isMine") is True


def test_the_list_asks_now_and_then_while_its_socket_is_away(viewer: Viewer, broadcaster: Broadcaster) -> None:
    page = viewer.page
    page.route_web_socket("**/ws/live/", lambda socket: socket.close(code=1011))
    page.goto("/live/")
    expect(page.locator("[data-live-list]")).to_have_attribute("data-connection", "waiting")
    broadcaster.begin()
    expect(page.locator(".live-card .badge[data-variant=live]")).to_be_visible(timeout=PATIENCE_MS)
