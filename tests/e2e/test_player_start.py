"""How a film begins: what is asked for while its player is still on the way, and that nothing is asked for twice."""

import re
from collections import Counter
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, Route

from tests.e2e.films import Film
from tests.e2e.running import Portal
from tests.e2e.viewers import PATIENCE_MS, Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

PLAYER = re.compile(r"/js/player\.[^/]*js$")
MEDIA = re.compile(r"/m/[^/]+/(?P<name>[^?]+)")
BEGINNING = re.compile(r"v-[^/]+/1\.m4s$")
LINE_BPS = 10_000_000
# A hundredth of a second more on a slow line, in bytes as they are sent.
LARGEST_FIRST_SCRIPT = 150_000
LARGEST_AHEAD = 4_000


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    return Viewer(browser_page)


@pytest.fixture
def asked(viewer: Viewer) -> Counter[str]:
    """What was asked of the origin, by its name in the package, with the names of tracks cut to their kinds."""
    found: Counter[str] = Counter()

    def note(url: str) -> None:
        if name := MEDIA.search(url):
            found[re.sub(r"^([av])[^/]*/", r"\1/", name["name"])] += 1

    viewer.page.on("request", lambda request: note(request.url))
    return found


def hold_player(page: Page) -> Callable[[], None]:
    """Keep the player's script on its way until the function that is returned is called."""
    held: list[Route] = []
    page.route(PLAYER, lambda route: held.append(route))

    def release() -> None:
        for route in held:
            route.continue_()

    return release


def wait_for(page: Page, asked: Counter[str], *names: str) -> None:
    deadline = PATIENCE_MS
    while not all(asked[name] for name in names) and deadline > 0:
        page.wait_for_timeout(50)
        deadline -= 50
    assert {*names} <= {*asked}


def test_the_beginning_is_on_its_way_before_the_players_script_and_is_asked_for_once(
    viewer: Viewer, film: Film, asked: Counter[str]
) -> None:
    release = hold_player(viewer.page)
    viewer.open_without_waiting(film)
    # The film has two languages to hear: which of them it will be is the player's to say.
    early = ("master.m3u8", "v/index.m3u8", "v/init.mp4", "v/1.m4s")
    wait_for(viewer.page, asked, *early)
    assert {*asked} == {*early}

    release()
    viewer.expect_state("playing")
    viewer.wait_until("video.currentTime > 0.2")

    assert {name: asked[name] for name in early} == dict.fromkeys(early, 1)


def test_at_another_place_only_what_every_place_needs_is_asked_for_early(
    viewer: Viewer, film: Film, asked: Counter[str]
) -> None:
    release = hold_player(viewer.page)
    viewer.open_without_waiting(film, "?t=12")
    wait_for(viewer.page, asked, "v/index.m3u8", "v/init.mp4")

    release()
    viewer.expect_state("playing")

    assert viewer.ask("video.played.start(0)") == pytest.approx(12, abs=0.3)
    assert asked["v/1.m4s"] == 0
    assert (asked["v/index.m3u8"], asked["v/init.mp4"]) == (1, 1)


def test_what_was_asked_for_early_and_lost_is_asked_for_again(viewer: Viewer, film: Film, asked: Counter[str]) -> None:
    viewer.page.route(BEGINNING, lambda route: route.abort("connectionfailed"), times=1)

    viewer.watch(film)

    assert asked["v/1.m4s"] == 2
    assert viewer.ask("video.played.start(0)") < 0.2


@pytest.mark.parametrize("query", ["?engine=dash", "?engine=native"])
def test_for_another_engine_nothing_is_asked_for_early(
    viewer: Viewer, film: Film, asked: Counter[str], query: str
) -> None:
    release = hold_player(viewer.page)
    viewer.open_without_waiting(film, query)
    viewer.page.wait_for_function("() => document.readyState !== 'loading'", timeout=PATIENCE_MS)

    # The page names it, whoever will play it.
    assert {*asked} <= {"master.m3u8"}
    release()


def test_waiting_for_the_player_does_not_make_a_line_faster_or_slower(viewer: Viewer, film: Film) -> None:
    tools = viewer.page.context.new_cdp_session(viewer.page)
    tools.send("Network.enable")
    line = {"offline": False, "latency": 40, "downloadThroughput": LINE_BPS / 8, "uploadThroughput": LINE_BPS / 8}
    tools.send("Network.emulateNetworkConditions", line)
    release = hold_player(viewer.page)
    viewer.open_without_waiting(film)
    viewer.page.wait_for_timeout(1_500)

    release()
    viewer.page.wait_for_function("() => localStorage.getItem('nova:bandwidth')", timeout=PATIENCE_MS)

    bps = viewer.page.evaluate("JSON.parse(localStorage.getItem('nova:bandwidth')).bps")
    # The film's first segments are a few kilobytes: the way there and back makes it look like one of 0.5 to 1 Mbit/s.
    # If waiting counted, it would look like one of some 20 kbit/s.
    assert LINE_BPS / 100 < bps < LINE_BPS * 2


def test_the_scripts_before_the_first_picture_stay_small(live_portal: Portal, film: Film) -> None:
    page = httpx.get(f"{live_portal.url}{film.path}", headers={"User-Agent": "Mozilla/5.0"}).text

    sizes = {name: _size_of(live_portal, page, name) for name in ("player", "ahead")}

    assert sizes["player"] < LARGEST_FIRST_SCRIPT
    assert sizes["ahead"] < LARGEST_AHEAD


def _size_of(portal: Portal, page: str, name: str) -> int:
    """Return how many bytes are sent for a script of the page."""
    script = re.search(rf'src="(/static/js/{name}\.[^"]+)"', page)
    assert script is not None, name
    with httpx.stream("GET", f"{portal.url}{script[1]}", headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        return sum(map(len, answer.iter_raw()))
