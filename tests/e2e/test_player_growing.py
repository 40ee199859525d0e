"""A film that is still being packaged: its playlists have no end yet, and nothing of it is skipped."""

import json
import re
from http import HTTPStatus

import pytest
from playwright.sync_api import Page, Route

from tests.e2e.films import Film
from tests.e2e.viewers import SEGMENTS, Viewer

pytestmark = [pytest.mark.e2e, pytest.mark.ffmpeg, pytest.mark.timeout(400)]

PLAYLISTS = re.compile(r"/m/[^/]+/[^/]+/index\.m3u8$")
THIRD_SEGMENTS = re.compile(r"/m/[^/]+/[^/]+/3\.m4s$")
# The player may read what the page tells before the page is whole, so it is changed where it is read.
_SAYS_THAT_IT_GROWS = """
  const parse = JSON.parse;
  JSON.parse = (...given) => {
    const told = parse(...given);
    return told && "is_signed_in" in told ? {...told, is_whole: false} : told;
  };
"""


@pytest.fixture
def viewer(browser_page: Page) -> Viewer:
    """Somebody for whom the packaging has not come to its end."""
    browser_page.add_init_script(_SAYS_THAT_IT_GROWS)
    browser_page.route(PLAYLISTS, without_end)
    return Viewer(browser_page)


def without_end(route: Route) -> None:
    answer = route.fetch()
    playlist = answer.text().replace("#EXT-X-ENDLIST", "").replace("PLAYLIST-TYPE:VOD", "PLAYLIST-TYPE:EVENT")
    assert "TYPE:EVENT" in playlist
    route.fulfill(response=answer, body=playlist)


def test_a_segment_that_cannot_be_had_stops_the_film_there_and_nothing_is_skipped(viewer: Viewer, film: Film) -> None:
    viewer.page.route(THIRD_SEGMENTS, lambda route: route.fulfill(status=HTTPStatus.NOT_FOUND))
    viewer.watch(film)
    viewer.ask("void (video.playbackRate = 4)")

    viewer.expect_failure("segment-lost")
    place_s = viewer.place_s()
    assert place_s < 12.5

    viewer.page.unroute(THIRD_SEGMENTS)

    viewer.expect_recovery()
    viewer.wait_until(f"video.currentTime > {place_s + 2}")
    assert viewer.ask("video.played.length") == 1


def test_a_broken_segment_is_told_and_not_played_past(viewer: Viewer, film: Film) -> None:
    def damage(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=b"\xff" * len(answer.body()))

    viewer.page.route(THIRD_SEGMENTS, damage)
    viewer.open(film)
    viewer.expect_failure("media-decode")

    viewer.page.unroute(THIRD_SEGMENTS)
    viewer.retry()

    viewer.expect_recovery()
    viewer.ask("void (video.playbackRate = 4)")
    viewer.wait_until("video.currentTime > 13")


def test_a_film_goes_on_where_the_viewer_was_though_its_first_segment_came_late(viewer: Viewer, film: Film) -> None:
    asked: list[str] = []

    def stumble(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) <= 2:
            route.fulfill(status=HTTPStatus.BAD_GATEWAY, body=json.dumps({}))
        else:
            route.continue_()

    viewer.page.route(SEGMENTS, stumble)
    viewer.watch(film, "?t=9")

    assert len(asked) > 2
    assert viewer.ask("video.played.start(0)") == pytest.approx(9, abs=0.3)
