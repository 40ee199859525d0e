"""What a CDN fetches below `/packages/`, and nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.telemetry.asgi import Application
from tests.streaming.origin.media import CONTENTS, PACKAGE, SEGMENT, Answer, ask, make_token, origin_of, write_package

pytestmark = pytest.mark.asyncio
SECRET = "what-the-cdn-shows-when-it-fetches-films"
SHAPES = [name for name in CONTENTS if name != "index.json"]


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Application]:
    write_package(tmp_path)
    with origin_of(tmp_path, pull_secret=SECRET) as application:
        yield application


async def pull(origin: Application, name: str, *, secret: str = SECRET, **headers: str) -> Answer:
    return await ask(origin, f"/packages/{PACKAGE}/{name}", {"X-Nova-Pull": secret, **headers})


@pytest.mark.parametrize("name", SHAPES)
async def test_the_secret_opens_every_shape_of_address(origin: Application, name: str) -> None:
    answer = await pull(origin, name)
    assert (answer.status, answer.body) == (200, CONTENTS[name])


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("secret", ["", SECRET[:-1], f"{SECRET}x", "é"])
async def test_every_shape_of_address_is_refused_without_it(origin: Application, name: str, secret: str) -> None:
    answer = await pull(origin, name, secret=secret)
    assert (answer.status, json.loads(answer.body)["code"]) == (403, "playback-token-invalid")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_token_is_no_secret(origin: Application) -> None:
    assert (await pull(origin, "master.m3u8", secret=make_token())).status == 403
    assert (await ask(origin, f"/packages/{make_token()}/master.m3u8", {"X-Nova-Pull": SECRET})).status == 404


async def test_where_no_cdn_fetches_there_is_nothing(tmp_path: Path) -> None:
    write_package(tmp_path)
    with origin_of(tmp_path) as application:
        for secret in ("", SECRET):
            answer = await pull(application, "master.m3u8", secret=secret)
            assert (answer.status, json.loads(answer.body)["code"]) == (404, "media-not-found")


async def test_a_cdn_keeps_playlists_for_a_minute_and_players_do_not(origin: Application) -> None:
    for name in ("master.m3u8", "v720p/index.m3u8", "manifest.mpd"):
        assert (await pull(origin, name)).headers["cache-control"] == "public, max-age=2, s-maxage=60"


@pytest.mark.parametrize("name", ["v720p/init.mp4", "v720p/1.m4s", "c1/1.vtt", "storyboard/1.jpg"])
async def test_a_cdn_asks_again_after_ten_minutes_for_what_browsers_keep(origin: Application, name: str) -> None:
    wanted = "public, max-age=31536000, s-maxage=600, immutable"
    whole = await pull(origin, name)
    part = await pull(origin, name, Range="bytes=0-1")
    again = await pull(origin, name, **{"If-None-Match": whole.headers["etag"]})
    assert (whole.status, part.status, again.status) == (200, 206, 304)
    assert {answer.headers["cache-control"] for answer in (whole, part, again)} == {wanted}
    viewers = await ask(origin, f"/m/{make_token()}/{name}")
    assert viewers.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_cdn_keeps_no_playlist_that_grows(tmp_path: Path) -> None:
    growing = b"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.000,\n1.m4s\n"
    write_package(tmp_path, contents={"v/index.m3u8": growing, "w/index.m3u8": growing + b"#EXT-X-ENDLIST\n"})
    with origin_of(tmp_path, pull_secret=SECRET) as application:
        told = [(await pull(application, f"{track}/index.m3u8")).headers["cache-control"] for track in "vw"]
    assert told == ["public, max-age=2", "public, max-age=2, s-maxage=60"]


async def test_a_cdn_fetches_parts(origin: Application) -> None:
    answer = await pull(origin, "v720p/1.m4s", Range="bytes=10-19")
    assert (answer.status, answer.body) == (206, SEGMENT[10:20])


@pytest.mark.parametrize("name", ["index.json", "missing.m4s", "../x/1.m4s", "v720p/%31.m4s", ""])
async def test_what_no_package_has_is_not_found(origin: Application, name: str) -> None:
    assert (await pull(origin, name)).status == 404


async def test_an_edge_gets_no_verdict_on_it(origin: Application) -> None:
    asked = {"X-Original-URI": f"/packages/{PACKAGE}/master.m3u8", "X-Nova-Pull": SECRET}
    assert (await ask(origin, "/verdict", asked)).status == 403
