"""nginx in front of a live stream: what is in the origin's memory comes from there, the rest from the folder."""

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.deploy.edge import find_nginx
from tests.streaming.delivery.modes import running_nginx_mode, running_origin
from tests.streaming.delivery.test_nginx_mode import Stage
from tests.streaming.media.live.feeding import HIGH
from tests.streaming.origin.live.shown import Shown
from tests.streaming.origin.media import make_token, write_package

pytestmark = pytest.mark.skipif(
    find_nginx() is None and os.environ.get("CI") != "true",
    reason="nginx is not installed (apt-get install nginx-light)",
)
PLAYLIST = f"{HIGH.name}/index.m3u8"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("nginx-live")
    media = folder / "media"
    write_package(media, contents={f"{HIGH.name}/1.m4s": b"of the folder"})
    with (
        httpx.Client() as client,
        running_origin(media, live=Shown()) as origin,
        running_nginx_mode(folder / "edge", media, origin_port=origin.port) as edge,
    ):
        yield Stage(client, origin, edge)


def test_playlists_are_told_apart_by_what_players_wait_for(stage: Stage) -> None:
    token = make_token()
    plain, skipping = stage.get(PLAYLIST, token), stage.get(f"{PLAYLIST}?_HLS_msn=1&_HLS_skip=YES", token)
    assert plain.headers["cache-control"] == "no-cache"
    assert skipping.headers["cache-control"] == "public, max-age=12"
    refused = stage.get(f"{PLAYLIST}?_HLS_msn=90", token)
    assert (refused.status_code, refused.json()["code"]) == (400, "playlist-reload-invalid")


def test_a_part_is_fetched_once_for_all(stage: Stage) -> None:
    name = f"{HIGH.name}/2-1.m4s"
    answers = [stage.get(name, make_token()) for _ in range(3)]
    assert {(answer.status_code, answer.headers["cache-control"]) for answer in answers} == {
        (200, "public, max-age=31536000, immutable")
    }
    assert len({answer.content for answer in answers}) == 1
    assert len([path for path in stage.origin.asked if path.endswith(name)]) == 1


def test_a_stored_segment_is_of_the_folder_and_one_that_is_not_stored_yet_of_the_origin(stage: Stage) -> None:
    assert stage.get(f"{HIGH.name}/1.m4s").content == b"of the folder"
    newest = stage.get(f"{HIGH.name}/2.m4s")
    assert newest.status_code == 200
    assert len(newest.content) > 1000
    missing = stage.get(f"{HIGH.name}/99.m4s")
    assert (missing.status_code, missing.json()["code"]) == (404, "media-not-found")
    assert len(missing.headers.get_list("access-control-allow-origin")) == 1


def test_a_token_is_asked_for(stage: Stage) -> None:
    for name in (PLAYLIST, f"{HIGH.name}/2-1.m4s", f"{HIGH.name}/2.m4s"):
        assert stage.get(name, "forged").status_code == 403


def test_the_clock_is_that_of_the_origin(stage: Stage) -> None:
    answer = stage.client.get(f"{stage.edge.url}/clock")
    assert answer.status_code == 200
    assert answer.text.endswith("Z")
