"""What a session comes to, by what is seen of its player: counted by the browser that counts it for viewers."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.scripts import empty_page

pytestmark = [pytest.mark.e2e]

# Each step is what has changed by then. Returns the states one after the other, and what was counted at the end.
_RUN = """async ({born, steps}) => {
  const { SessionMeter } = await import("/player/beacons_meter.js");
  const meter = new SessionMeter({at: 0, ...born});
  const look = {
    shownAt: null, isFailed: false, isEnded: false, isWanted: true, isPaused: false, canMove: false,
    dropped: 0, received_bytes: 0, kbps: null, quality: null, rank: 0, upscale: null,
  };
  let states = "";
  for (const {load, seek, quit, ...changes} of steps) {
    if (load) meter.load();
    if (seek !== undefined) meter.seek(seek);
    if (quit) meter.quit(changes.at);
    else meter.see(Object.assign(look, changes));
    states += meter.state;
  }
  return {...meter.counted(), states};
}"""
# The first picture after half a second.
BEGUN = ({"at": 0}, {"at": 500, "shownAt": 500, "canMove": True})


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with empty_page(browser) as page:
        yield page


def count(page: Page, *steps: dict[str, Any], **born: Any) -> dict[str, Any]:
    """Let somebody watch; return what was counted, and the states that it went through."""
    found: dict[str, Any] = page.evaluate(_RUN, {"born": born, "steps": list(steps)})
    return found


def test_it_starts_with_the_wish_and_ends_starting_with_the_first_picture(page: Page) -> None:
    counted = count(page, {"at": 300}, {"at": 900, "shownAt": 800, "canMove": True}, {"at": 1900})

    assert (counted["states"], counted["msd"]) == ("spp", 800)
    # Looked at only then, it has played since the picture was there.
    assert counted["nova-watch"] == 1100


def test_no_picture_no_startup(page: Page) -> None:
    counted = count(page, {"at": 300}, {"at": 5000, "canMove": True})

    assert counted["states"] == "ss"
    assert "msd" not in counted
    assert (counted["nova-watch"], counted["bsa"]) == (0, [0])


def test_a_first_picture_without_the_next_is_no_stall(page: Page) -> None:
    counted = count(page, {"at": 500, "shownAt": 400}, {"at": 700, "canMove": True})

    assert (counted["states"], counted["msd"], counted["bsa"]) == ("sp", 400, [0])


def test_a_pause_before_the_first_picture_is_no_waiting(page: Page) -> None:
    counted = count(
        page,
        {"at": 200, "isWanted": False},
        {"at": 9200, "isWanted": True},
        {"at": 9300, "shownAt": 9300, "canMove": True},
    )

    assert (counted["states"], counted["msd"]) == ("asp", 300)


def test_stalls_are_counted_and_are_watched_but_pauses_are_not(page: Page) -> None:
    counted = count(
        page,
        *BEGUN,
        {"at": 2500, "canMove": False},
        {"at": 3500, "canMove": True},
        {"at": 4500, "isWanted": False},
        {"at": 64500, "isWanted": True},
        {"at": 65500, "canMove": False},
        {"at": 65700, "canMove": True},
    )

    assert counted["states"] == "spr" + "pap" + "rp"
    assert (counted["bsa"], counted["bsda"], counted["nova-seek"]) == ([2], [1200], 0)
    assert counted["nova-watch"] == 2000 + 1000 + 1000 + 1000 + 200


def test_what_is_waited_for_after_a_seek_is_the_seeks(page: Page) -> None:
    counted = count(
        page,
        *BEGUN,
        {"at": 1500, "canMove": False, "seek": -60},
        {"at": 1800},
        {"at": 2300, "canMove": True},
        # At the place, the line fails.
        {"at": 2600, "canMove": False},
        {"at": 3000, "canMove": False, "seek": 0.1},
        {"at": 3600, "canMove": True},
    )

    assert counted["states"] == "sp" + "kkp" + "rrp"
    assert (counted["nova-seek"], counted["bsa"], counted["bsda"]) == (800, [1], [1000])


def test_a_film_that_is_brought_back_to_its_place_is_not_sought(page: Page) -> None:
    counted = count(
        page,
        *BEGUN,
        {"at": 1500, "canMove": False, "load": True},
        {"at": 1600, "seek": 40},
        {"at": 2500, "canMove": True},
        {"at": 2600, "canMove": False, "seek": 40},
    )

    assert counted["states"] == "sp" + "rrp" + "k"
    assert (counted["nova-seek"], counted["bsda"]) == (0, [1000])


def test_a_seek_while_it_rests_is_over_when_it_goes_on(page: Page) -> None:
    paused = {"at": 1500, "isWanted": False, "isPaused": True}
    counted = count(
        page,
        *BEGUN,
        paused,
        {"at": 1600, "canMove": False, "seek": 40},
        {"at": 2000, "canMove": True},
        {"at": 3000, "isWanted": True, "isPaused": False},
        {"at": 3500, "canMove": False},
    )

    assert counted["states"] == "sp" + "aaa" + "pr"
    assert counted["nova-seek"] == 0


def test_rates_and_sizes_are_weighed_by_the_time_they_were_shown(page: Page) -> None:
    def shown(at: int, kbps: int, upscale: float) -> dict[str, Any]:
        return {"at": at, "kbps": kbps, "rank": kbps * 1000, "quality": f"{kbps}p", "upscale": upscale}

    counted = count(
        page,
        {"at": 0},
        {**shown(500, 2000, 0.5), "shownAt": 500, "canMove": True},
        shown(1500, 5000, 0.0),
        shown(4500, 8000, 0.0),
        # While a film is loaded anew, nobody knows.
        {"at": 5500, "kbps": None, "quality": None, "rank": 0, "upscale": None, "canMove": False},
        shown(6500, 2000, 0.5),
    )

    assert (counted["nova-ups"], counted["nova-downs"]) == (2, 1)
    assert counted["nova-rate"] == 2000 * 1000 + 5000 * 3000 + 8000 * 2000
    assert counted["nova-upscale"] == [pytest.approx(0.5 * 1000 / 6000, abs=0.001), 0.5]


def test_figures_that_begin_at_zero_again_are_added_up(page: Page) -> None:
    counted = count(
        page,
        {"at": 10, "dropped": 7, "received_bytes": 1500},
        {"at": 20, "dropped": 2, "received_bytes": 1900},
        {"at": 30, "dropped": 3, "received_bytes": 2000},
        dropped=5,
        received_bytes=1000,
    )

    assert (counted["dfa"], counted["nova-bytes"]) == (2 + 2 + 1, 1000)


def test_a_device_that_slept_has_watched_nothing_meanwhile(page: Page) -> None:
    counted = count(page, *BEGUN, {"at": 8 * 3_600_000})

    assert counted["nova-watch"] == 90_000


def test_what_has_failed_for_good_is_over_until_it_plays(page: Page) -> None:
    counted = count(
        page,
        *BEGUN,
        {"at": 1500, "isFailed": True, "isWanted": False, "isPaused": True},
        {"at": 2500, "isFailed": False, "isWanted": True},
        {"at": 3500, "isPaused": False},
        {"at": 4500, "isEnded": True},
    )

    assert counted["states"] == "sp" + "ffp" + "e"
    assert counted["nova-watch"] == 2000


def test_who_has_left_watches_nothing_until_they_come_back(page: Page) -> None:
    counted = count(page, *BEGUN, {"at": 1500, "quit": True}, {"at": 61_500}, {"at": 62_500})

    assert (counted["states"], counted["nova-watch"]) == ("spqpp", 2000)


def test_a_renewed_session_goes_on_and_attempts_nothing(page: Page) -> None:
    counted = count(page, {"at": 0, "canMove": True}, {"at": 1000}, isRenewed=True)

    assert (counted["states"], counted["nova-renewed"], counted["msd"]) == ("pp", True, 0)
    assert (counted["nova-watch"], counted["bsa"]) == (1000, [0])
