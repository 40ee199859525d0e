"""Every kind of answer below `/m/`, through the application as a server calls it."""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import clock
from portal.telemetry.asgi import Application
from streaming.origin.revoked import Revocations
from streaming.tokens import Key, Keyring
from tests.streaming.origin.media import (
    CONTENTS,
    FAULTY_TOKENS,
    OTHER_PACKAGE,
    PLAYLIST,
    SEGMENT,
    Answer,
    Revoked,
    ask,
    make_token,
    origin_of,
    write_package,
)

pytestmark = pytest.mark.asyncio

IMMUTABLE = "public, max-age=31536000, immutable"
SEGMENT_NAME = "v720p/1.m4s"
SHAPES = [name for name in CONTENTS if name != "index.json"]
PASSING = [name for name in SHAPES if name.endswith((".m3u8", ".mpd"))]
LASTING = [name for name in SHAPES if name not in PASSING]
FOR_ANY_PAGE = {
    "access-control-allow-origin": "*",
    "timing-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


@pytest.fixture
def revocations() -> Revocations:
    return Revocations()


@pytest.fixture
def origin(tmp_path: Path, revocations: Revocations) -> Iterator[Application]:
    write_package(tmp_path)
    with origin_of(tmp_path, revocations=revocations) as application:
        yield application


def problem_of(answer: Answer) -> tuple[int, str]:
    """Return the status and the code of a problem, which must be one that nobody keeps and any page can read."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.items() >= FOR_ANY_PAGE.items()
    document = json.loads(answer.body)
    assert document["status"] == answer.status
    return answer.status, document["code"]


@pytest.mark.parametrize("name", SHAPES)
async def test_a_good_token_opens_every_shape_of_address(origin: Application, name: str) -> None:
    answer = await ask(origin, f"/m/{make_token()}/{name}")
    assert (answer.status, answer.body) == (200, CONTENTS[name])
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["cache-control"] == (IMMUTABLE if name in LASTING else "public, max-age=2")
    assert answer.headers.items() >= FOR_ANY_PAGE.items()
    assert "ETag" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("fault", FAULTY_TOKENS)
async def test_every_shape_of_address_is_refused_without_one(
    origin: Application, revocations: Revocations, name: str, fault: str
) -> None:
    revocations.replace([Revoked(subject="movie:13", issued_before=clock.now())])
    token, code = FAULTY_TOKENS[fault]
    answer = await ask(origin, f"/m/{token}/{name}")
    assert problem_of(answer) == (403, code)
    assert token not in answer.body.decode()


@pytest.mark.parametrize("name", SHAPES)
async def test_a_token_opens_its_own_package_only(origin: Application, name: str) -> None:
    answer = await ask(origin, f"/m/{make_token(package=OTHER_PACKAGE)}/{name}")
    assert problem_of(answer) == (404, "media-not-found")


@pytest.mark.parametrize(
    "name",
    [
        "index.json",
        "v720p/2.m4s",
        "nothing.m3u8",
        f"../{OTHER_PACKAGE}/master.m3u8",
        "%2e%2e/x.m3u8",
        "v720p%2f1.m4s",
        "v720p\\1.m4s",
        "v720p/1.m4s\0",
        "v720p/1.m4s%00.mp4",
        "v720p",
        "v720p/",
        "",
        "a/" * 30_000 + "1.m4s",
    ],
)
async def test_what_no_package_has_is_not_found(origin: Application, name: str) -> None:
    assert problem_of(await ask(origin, f"/m/{make_token()}/{name}")) == (404, "media-not-found")


async def test_neither_folders_nor_links_are_given_out(origin: Application, tmp_path: Path) -> None:
    folder = write_package(tmp_path)
    (folder / "folder.m4s").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link.m4s").symlink_to(tmp_path / "secret")
    for name in ("folder.m4s", "link.m4s"):
        assert problem_of(await ask(origin, f"/m/{make_token()}/{name}")) == (404, "media-not-found")


async def test_an_address_without_a_token_is_none(origin: Application) -> None:
    assert problem_of(await ask(origin, "/m/master.m3u8")) == (404, "media-not-found")


async def test_head_tells_what_get_would_send(origin: Application) -> None:
    for name in SHAPES:
        got = await ask(origin, f"/m/{make_token()}/{name}")
        told = await ask(origin, f"/m/{make_token()}/{name}", method="HEAD")
        assert (told.status, told.headers, told.body) == (200, got.headers, b"")


async def test_a_problem_answers_head_without_a_body(origin: Application) -> None:
    answer = await ask(origin, "/m/x/master.m3u8", method="HEAD")
    assert (answer.status, answer.body) == (403, b"")
    assert int(answer.headers["content-length"]) > 0


@pytest.mark.parametrize(("wanted", "start", "end"), [("10-19", 10, 20), ("-7", 1017, 1024), ("1000-", 1000, 1024)])
async def test_a_range_is_a_part_of_the_file(origin: Application, wanted: str, start: int, end: int) -> None:
    answer = await ask(origin, f"/m/{make_token()}/{SEGMENT_NAME}", {"Range": f"bytes={wanted}"})
    assert (answer.status, answer.body) == (206, SEGMENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/1024"
    assert answer.headers["content-length"] == str(end - start)


async def test_several_ranges_are_the_whole_file(origin: Application) -> None:
    answer = await ask(origin, f"/m/{make_token()}/{SEGMENT_NAME}", {"Range": "bytes=0-1,5-6"})
    assert (answer.status, answer.body) == (200, SEGMENT)
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_range_behind_the_end_is_refused_with_the_size(origin: Application) -> None:
    answer = await ask(origin, f"/m/{make_token()}/{SEGMENT_NAME}", {"Range": "bytes=1024-"})
    assert problem_of(answer) == (416, "media-range-outside")
    assert answer.headers["content-range"] == "bytes */1024"


async def test_what_the_client_has_already_is_not_sent_again(origin: Application) -> None:
    for name in SHAPES:
        address = f"/m/{make_token()}/{name}"
        first = await ask(origin, address)
        again = await ask(origin, address, {"If-None-Match": first.headers["etag"]})
        since = await ask(origin, address, {"If-Modified-Since": first.headers["last-modified"]})
        assert [(answer.status, answer.body) for answer in (again, since)] == [(304, b"")] * 2
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["cache-control"] == first.headers["cache-control"]
        assert "content-length" not in again.headers


async def test_a_range_of_another_version_is_the_whole_file(origin: Application) -> None:
    address = f"/m/{make_token()}/{SEGMENT_NAME}"
    etag = (await ask(origin, address)).headers["etag"]
    same = await ask(origin, address, {"Range": "bytes=0-9", "If-Range": etag})
    other = await ask(origin, address, {"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status, other.status, other.body) == (206, 200, SEGMENT)


@pytest.mark.parametrize("name", PASSING)
async def test_playlists_are_compressed_for_those_who_take_it(origin: Application, name: str) -> None:
    address = f"/m/{make_token()}/{name}"
    plain, packed = await ask(origin, address), await ask(origin, address, {"Accept-Encoding": "br, gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body == CONTENTS[name]
    assert len(packed.body) < len(plain.body)
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    assert plain.headers["etag"] != packed.headers["etag"]
    again = await ask(origin, address, {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]})
    assert again.status == 304


async def test_segments_are_never_compressed(origin: Application) -> None:
    answer = await ask(origin, f"/m/{make_token()}/{SEGMENT_NAME}", {"Accept-Encoding": "gzip"})
    assert answer.body == SEGMENT
    assert "content-encoding" not in answer.headers


async def test_browsers_may_ask_for_parts_from_any_page(origin: Application) -> None:
    asked = {"Origin": "https://elsewhere.example.com", "Access-Control-Request-Headers": "range"}
    answer = await ask(origin, "/m/any/thing.m4s", asked, method="OPTIONS")
    assert (answer.status, answer.body) == (204, b"")
    assert "Range" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "MADE-UP"])
async def test_media_is_only_read(origin: Application, method: str) -> None:
    answer = await ask(origin, f"/m/{make_token()}/master.m3u8", method=method)
    assert problem_of(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_an_older_key_opens_until_it_is_taken_away(tmp_path: Path) -> None:
    write_package(tmp_path)
    old, new = Key(id=1, secret=b"old" * 20), Key(id=2, secret=b"new" * 20)
    address = f"/m/{make_token(Keyring(old))}/master.m3u8"
    with origin_of(tmp_path, keyring=Keyring(new, (old,))) as origin:
        assert (await ask(origin, address)).status == 200
    with origin_of(tmp_path, keyring=Keyring(new)) as origin:
        assert problem_of(await ask(origin, address)) == (403, "playback-token-invalid")


@pytest.mark.parametrize("held_bytes", [0, 32 * 1024 * 1024])
async def test_a_large_file_comes_whole_in_small_pieces_and_in_large_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_bytes: int
) -> None:
    monkeypatch.setattr("streaming.origin.delivery._MOST_HELD_BYTES", held_bytes)
    content = os.urandom(2_500_003)
    write_package(tmp_path, contents={SEGMENT_NAME: content})
    address = f"/m/{make_token()}/{SEGMENT_NAME}"
    with origin_of(tmp_path) as origin:
        assert (await ask(origin, address)).body == content
        assert (await ask(origin, address, {"Range": "bytes=7-2400000"})).body == content[7:2400001]


async def test_an_empty_file_is_an_empty_answer(tmp_path: Path) -> None:
    write_package(tmp_path, contents={"c1/1.vtt": b"", "master.m3u8": b""})
    with origin_of(tmp_path) as origin:
        for name in ("c1/1.vtt", "master.m3u8"):
            answer = await ask(origin, f"/m/{make_token()}/{name}")
            assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


async def test_a_playlist_that_grew_is_sent_anew_within_seconds(
    origin: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/m/{make_token()}/master.m3u8"
    first = await ask(origin, address)
    draft = tmp_path / "draft"
    draft.write_bytes(PLAYLIST + b"#EXT-X-ENDLIST\n")
    draft.replace(write_package(tmp_path, contents={}) / "master.m3u8")
    monkeypatch.setattr("streaming.origin.playlists._FRESH_S", 0.0)
    second = await ask(origin, address, {"If-None-Match": first.headers["etag"]})
    assert (second.status, second.body) == (200, PLAYLIST + b"#EXT-X-ENDLIST\n")


async def test_a_session_has_so_many_answers_at_once_and_no_more(
    origin: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.origin.delivery._MOST_OPEN_IN_SESSION", 0)
    answer = await ask(origin, f"/m/{make_token()}/master.m3u8")
    assert problem_of(answer) == (429, "too-many-requests")
    assert answer.headers["retry-after"] == "1"
    monkeypatch.undo()
    assert (await ask(origin, f"/m/{make_token()}/master.m3u8")).status == 200


async def test_all_together_have_so_many_files_under_way_and_no_more(
    origin: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.origin.delivery._MOST_OPEN", 0)
    answer = await ask(origin, f"/m/{make_token()}/{SEGMENT_NAME}")
    assert problem_of(answer) == (503, "service-unavailable")
    assert answer.headers["retry-after"] == "5"
    # Playlists are in memory: whoever waits for a place goes on asking for them.
    assert (await ask(origin, f"/m/{make_token()}/master.m3u8")).status == 200
    monkeypatch.undo()
    assert (await ask(origin, f"/m/{make_token()}/{SEGMENT_NAME}")).status == 200
