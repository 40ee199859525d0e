"""Who watches, from the player to the pages that say it: everything between them is what runs in the portal."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.broadcasting import Broadcaster, broadcaster_of
from tests.e2e.films import Film, signed_in
from tests.e2e.running import Portal
from tests.e2e.viewers import PATIENCE_MS, PLAYBACK, given_with
from tests.e2e.watching import People, people_before, shown_at, wait_until_said

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

CHANNEL = "/live/studio-one/"
# From what happens before a player to what other pages say; half of it waits for the second to be over.
SOON_MS = 2_000
# A player that is not heard of any more counts for so long since it was heard last.
SILENCE_MS = 25_000
# What does not fit into its gauge.
_CUT_OFF = """(values) => values
  .filter((value) => value.offsetWidth > value.parentElement.clientWidth)
  .map((value) => value.textContent)"""
_SESSIONS = """
import json
from analytics.models import PlaybackSession
names = ("state", "end_reason", "first_frame_ms", "watch_ms", "received_bytes", "quality", "latency_ms", "device")
rows = PlaybackSession.objects.filter(subject__name="{subject}").order_by("started_at")
print(json.dumps([*rows.values(*names)]))
"""


@pytest.fixture
def people(live_portal: Portal, browser: Browser) -> Iterator[People]:
    with people_before(live_portal, browser) as people:
        yield people
        assert people.troubles == []


@pytest.fixture
def onlooker(people: People, film: Film) -> Page:
    """The page of the film before somebody who has paused it."""
    page = people.watch(film.path)
    page.evaluate("document.querySelector('section[data-player] video').pause()")
    # Whoever watched in the test before may be counted yet.
    wait_until_said(page, "", since=0)
    page.evaluate("void (window.said.length = 0)")
    return page


@pytest.fixture
def broadcaster(live_portal: Portal) -> Iterator[Broadcaster]:
    with broadcaster_of(live_portal) as found:
        yield found


def now_ms() -> float:
    return time.time() * 1000


def counted_now(portal: Portal, path: str) -> int | None:
    """Return how many watch, as a page says that is opened now; None where it does not say it."""
    found = re.search(r'class="viewers"[^>]*?data-count="(\d+)"', httpx.get(f"{portal.url}{path}", timeout=30).text)
    return int(found[1]) if found else None


def wait_for(holds: Callable[[], Any], *, patience_s: float = PATIENCE_MS / 1000) -> Any:
    deadline = time.monotonic() + patience_s
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.2)
    return found


def ever_said(page: Page) -> set[str]:
    """Return all that a page has said of how many watch."""
    return {said["text"] for said in page.evaluate("window.said")}


def gauge(page: Page, name: str) -> Any:
    return page.locator(f'[data-gauge="{name}"] [data-gauge-value]')


# --- Films ------------------------------------------------------------------------------------------------------------


def test_open_pages_of_a_film_say_within_two_seconds_who_has_come_and_gone(
    people: People, onlooker: Page, film: Film, live_portal: Portal
) -> None:
    first = people.watch(film.path)
    took = [wait_until_said(page, "1 watching now", since=shown_at(first)) for page in (first, onlooker)]
    assert max(took) < SOON_MS, took
    assert counted_now(live_portal, film.path) == 1

    second = people.watch(film.path)
    took = [wait_until_said(page, "2 watching now", since=shown_at(second)) for page in (first, second, onlooker)]
    assert max(took) < SOON_MS, took

    left_at = now_ms()
    first.goto("/live/")
    assert wait_until_said(onlooker, "1 watching now", since=left_at) < SOON_MS
    # Without a word: nothing leaves the browser any more.
    lost_at = now_ms()
    second.context.set_offline(True)
    second.context.close()
    people.contexts.remove(second.context)
    assert wait_until_said(onlooker, "", since=lost_at) < SILENCE_MS + SOON_MS
    assert counted_now(live_portal, film.path) == 0


def test_two_tabs_of_one_browser_are_one_viewer(
    people: People, onlooker: Page, film: Film, administrator_page: Page
) -> None:
    administrator_page.goto("/dashboard/")
    somebody = people.come()
    tabs = [people.watch(film.path, somebody) for _ in range(2)]

    expect(gauge(administrator_page, "sessions")).to_have_text("2", timeout=PATIENCE_MS)
    expect(gauge(administrator_page, "viewers")).to_have_text("1")
    for page in (*tabs, onlooker):
        wait_until_said(page, "1 watching now", since=0)

    tabs[0].goto("/live/")
    expect(gauge(administrator_page, "sessions")).to_have_text("1", timeout=PATIENCE_MS)
    expect(gauge(administrator_page, "viewers")).to_have_text("1")


def test_who_loads_the_page_anew_again_and_again_is_one_viewer_all_the_while(
    people: People, onlooker: Page, film: Film
) -> None:
    page = people.watch(film.path)
    wait_until_said(onlooker, "1 watching now", since=0)
    for _ in range(3):
        page.reload()
        page.wait_for_function("() => window.shownAt", timeout=PATIENCE_MS)
        page.wait_for_timeout(SOON_MS)
    assert ever_said(onlooker) <= {"", "1 watching now"}


def test_a_player_that_exchanges_its_session_goes_on_as_the_same_viewer(
    people: People, onlooker: Page, film: Film
) -> None:
    somebody = people.come()
    somebody.add_init_script(given_with({"lasts_s": 4}))
    page = somebody.new_page()
    with page.expect_response(PLAYBACK, timeout=PATIENCE_MS) as exchanged:
        page.goto(film.path)
    assert exchanged.value.status == 201
    wait_until_said(onlooker, "1 watching now", since=0)
    page.wait_for_timeout(2 * SOON_MS)
    assert ever_said(onlooker) <= {"", "1 watching now"}


def test_who_does_not_want_to_be_known_counts_by_each_session_and_keeps_no_number(
    people: People, onlooker: Page, film: Film
) -> None:
    somebody = people.come(extra_http_headers={"DNT": "1"})
    for _ in range(2):
        people.watch(film.path, somebody)

    wait_until_said(onlooker, "2 watching now", since=0)
    assert "nova_viewer" not in {cookie.get("name") for cookie in somebody.cookies()}


def test_who_counts_may_die_in_the_middle(people: People, onlooker: Page, film: Film, live_portal: Portal) -> None:
    people.watch(film.path)
    wait_until_said(onlooker, "1 watching now", since=0)
    dead = live_portal.children()["audience"]

    dead.kill()
    people.watch(film.path)
    wait_for(lambda: live_portal.is_back("audience", dead, 0))

    # What was told before its death, and while nobody heard, counts.
    wait_until_said(onlooker, "2 watching now", since=0)
    assert counted_now(live_portal, film.path) == 2
    people.contexts[1].pages[0].goto("/live/")
    wait_until_said(onlooker, "1 watching now", since=0)


# --- Broadcasts -------------------------------------------------------------------------------------------------------


def stream_on_air(client: httpx.Client) -> dict[str, Any]:
    stream: dict[str, Any] = client.get("streams/?channel=studio-one").raise_for_status().json()["results"][0]
    return stream


def players_of(client: httpx.Client, stream_id: str) -> tuple[int, int, int]:
    """Return how many viewers and sessions the API says a stream has, and how many it lists."""
    told = client.get(f"streams/{stream_id}/viewers/").raise_for_status().json()
    return told["viewers"], told["sessions"], len(told["results"])


def test_a_broadcast_says_everywhere_who_watches_it_and_remembers(
    people: People, broadcaster: Broadcaster, live_portal: Portal, administrator_page: Page
) -> None:
    studio, dashboard = administrator_page, administrator_page.context.new_page()
    listed = people.come().new_page()
    listed.goto("/live/")
    broadcaster.begin()
    expect(listed.locator(".live-card .badge[data-variant=live]")).to_be_visible(timeout=PATIENCE_MS)
    studio.goto("/studio/studio-one/")
    dashboard.goto("/dashboard/")

    first = people.watch(CHANNEL)
    began_at = shown_at(first)
    assert wait_until_said(first, "1 viewer", since=began_at) < SOON_MS
    assert wait_until_said(listed, "1", since=began_at) < SOON_MS
    for page in (studio, dashboard):
        expect(gauge(page, "viewers")).to_have_text("1")
        assert page.locator(".gauge-value").evaluate_all(_CUT_OFF) == []
    # It has no second yet when it begins, which is not late.
    expect(studio.locator("[data-announcer]")).not_to_contain_text("Nothing is being counted")
    expect(studio.locator("[data-live-viewers] [data-viewers-shown]")).to_have_text("1")
    expect(dashboard.locator("tr[data-subject] [data-cell=viewers]")).to_have_text("1")

    second = people.watch(CHANNEL)
    assert wait_until_said(listed, "2", since=shown_at(second)) < SOON_MS
    with signed_in(live_portal) as client:
        stream = stream_on_air(client)
        assert stream["viewers"] == 2
        # Sessions are written once a second.
        wait_for(lambda: players_of(client, stream["id"])[0] > 1)
        assert players_of(client, stream["id"]) == (2, 2, 2)
        left_at = now_ms()
        second.goto("about:blank")
        assert wait_until_said(listed, "1", since=left_at) < SOON_MS
        first.goto("about:blank")
        wait_until_said(listed, "0", since=0)

        series = client.get(f"streams/{stream['id']}/metrics/?resolution=1s").raise_for_status().json()["series"]
        watched = [place for place, viewers in enumerate(series["viewers"]) if viewers]
        assert len(watched) >= 3
        assert max(series["viewers"]) == 2
        assert any(series["egress_bps"][place] for place in watched)
        assert any(series["ingress_bps"][place] for place in watched)
        assert {name for place in watched for name in series["qualities"][place]} & {"240p", "144p"}
        assert any(series["latency_ms"][place] for place in watched)
    printed = live_portal.manage("shell", "-c", _SESSIONS.format(subject=f"stream:{stream['id']}"))
    rows = json.loads(printed.splitlines()[-1])
    assert [(row["state"], row["end_reason"]) for row in rows] == [("q", "QUIT")] * 2
    for row in rows:
        assert row["first_frame_ms"] > 0
        assert row["watch_ms"] > 500
        assert row["received_bytes"] > 10_000
        assert row["quality"].endswith("p")
        assert row["device"] == "desktop"


def test_tabs_that_wait_for_a_broadcast_in_one_browser_are_one_viewer(
    people: People, broadcaster: Broadcaster, live_portal: Portal
) -> None:
    somebody = people.come()
    tabs = [somebody.new_page() for _ in range(3)]
    for tab in tabs:
        tab.goto(CHANNEL)
        expect(tab.locator("[data-channel]")).to_have_attribute("data-connection", "live")
    # They are told at the same moment that it begins, and none of them has a number yet.
    assert "nova_viewer" not in {cookie.get("name") for cookie in somebody.cookies()}
    broadcaster.begin()
    for tab in tabs:
        tab.wait_for_function("() => window.shownAt", timeout=PATIENCE_MS)

    with signed_in(live_portal) as client:
        stream = stream_on_air(client)
        wait_for(lambda: players_of(client, stream["id"])[1] == len(tabs))
        assert players_of(client, stream["id"]) == (1, len(tabs), len(tabs))
