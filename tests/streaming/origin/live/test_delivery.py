"""What players are answered while a stream is live."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from uuid import UUID

import pytest

from portal.telemetry.asgi import Application
from streaming.media.live.timing import LiveTiming
from tests.streaming.media.live.feeding import HIGH, LOW, SOUND
from tests.streaming.origin.live.shown import Shown
from tests.streaming.origin.media import Answer, ask, make_token, origin_of, write_package

pytestmark = pytest.mark.asyncio

PATIENCE_S = 30.0


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def origin(tmp_path: Path, shown: Shown) -> Iterator[Application]:
    write_package(tmp_path, contents={f"{HIGH.name}/1.m4s": b"of long ago"})
    with origin_of(tmp_path, live=shown) as application:
        yield application


def address(name: str) -> str:
    return f"/m/{make_token()}/{name}"


def playlist(query: str = "") -> str:
    return address(f"{HIGH.name}/index.m3u8{query}")


async def waiting(origin: Application, path: str) -> "asyncio.Task[Answer]":
    asked = asyncio.create_task(ask(origin, path))
    for _ in range(20):
        await asyncio.sleep(0)
    return asked


def lines_of(answer: Answer) -> list[str]:
    return answer.body.decode().splitlines()


def code_of(answer: Answer) -> str:
    code: str = json.loads(answer.body)["code"]
    return code


async def test_the_multivariant_playlist_names_both_rungs_and_the_sound(origin: Application) -> None:
    answer = await ask(origin, address("master.m3u8"))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    for output in (HIGH, LOW, SOUND):
        assert f"{output.name}/index.m3u8" in answer.body.decode()


async def test_a_playlist_is_of_this_moment_and_nobody_may_keep_it(origin: Application, shown: Shown) -> None:
    first = await ask(origin, playlist())
    assert (first.status, first.headers["cache-control"]) == (200, "no-cache")
    assert f"{HIGH.name}/" not in first.body.decode()
    shown.go_on(5.4)
    second = await ask(origin, playlist())
    assert len(lines_of(second)) > len(lines_of(first))
    assert second.headers["etag"] != first.headers["etag"]


async def test_it_is_compressed_once_for_all_who_take_it_so(origin: Application) -> None:
    plain = await ask(origin, playlist())
    packed = await ask(origin, playlist(), {"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body


async def test_a_request_for_the_next_part_waits_for_it(origin: Application, shown: Shown) -> None:
    asked = await waiting(origin, playlist("?_HLS_msn=3&_HLS_part=3"))
    assert not asked.done()
    shown.go_on(5.4)
    answer = await asked
    assert answer.status == 200
    assert any('URI="3-3.m4s"' in line for line in lines_of(answer))
    assert answer.headers["cache-control"] == "public, max-age=12"


async def test_a_part_beyond_the_end_of_its_segment_is_the_first_of_the_next(origin: Application, shown: Shown) -> None:
    shown.go_on(6.0)
    asked = await waiting(origin, playlist("?_HLS_msn=3&_HLS_part=6"))
    assert not asked.done()
    shown.go_on(6.4)
    assert any('URI="4-0.m4s"' in line for line in lines_of(await asked))


@pytest.mark.parametrize("query", ["?_HLS_msn=1", "?_HLS_msn=1&_HLS_part=2", "?_HLS_msn=0", "?_HLS_other=1&utm=x"])
async def test_what_is_there_already_is_answered_at_once(origin: Application, query: str) -> None:
    assert lines_of(await ask(origin, playlist(query))) == lines_of(await ask(origin, playlist()))


@pytest.mark.parametrize(
    "query", ["?_HLS_part=1", "?_HLS_msn=x", "?_HLS_msn=-1", "?_HLS_msn=6", "?_HLS_msn=3&_HLS_part=90"]
)
async def test_what_makes_no_sense_is_refused_at_once(origin: Application, query: str) -> None:
    answer = await ask(origin, playlist(query))
    assert (answer.status, code_of(answer)) == (400, "playlist-reload-invalid")
    assert answer.headers["cache-control"] == "no-store"


async def test_who_waits_for_a_stream_that_has_stalled_is_told_to_come_again(tmp_path: Path) -> None:
    shown = Shown()
    with origin_of(tmp_path, live=shown) as origin, pytest.MonkeyPatch.context() as patch:
        patch.setattr(LiveTiming, "most_wait_s", 0.05)
        answer = await ask(origin, playlist("?_HLS_msn=3&_HLS_part=3"))
    assert (answer.status, code_of(answer)) == (503, "live-stalled")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_the_part_that_is_hinted_at_is_sent_when_it_is_whole(origin: Application, shown: Shown) -> None:
    asked = await waiting(origin, address(f"{HIGH.name}/3-3.m4s"))
    assert not asked.done()
    shown.go_on(5.4)
    answer = await asked
    assert (answer.status, answer.headers["content-length"]) == (200, str(len(answer.body)))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "video/iso.segment"


@pytest.mark.parametrize("name", ["3-4.m4s", "4-0.m4s", "99.m4s", "init-7.mp4", "0-0.m4s"])
async def test_what_nobody_has_announced_is_not_found_at_once(origin: Application, name: str) -> None:
    answer = await ask(origin, address(f"{HIGH.name}/{name}"))
    assert (answer.status, code_of(answer)) == (404, "media-not-found")


async def test_a_segment_is_its_parts_one_behind_the_other(origin: Application) -> None:
    whole = await ask(origin, address(f"{SOUND.name}/2.m4s"))
    parts = [await ask(origin, address(f"{SOUND.name}/2-{number}.m4s")) for number in range(6)]
    assert whole.body == b"".join(part.body for part in parts)
    assert (await ask(origin, address(f"{SOUND.name}/init.mp4"))).headers["content-type"] == "video/mp4"


async def test_a_range_of_a_segment_is_sent_alone(origin: Application) -> None:
    whole = await ask(origin, address(f"{HIGH.name}/2.m4s"))
    some = await ask(origin, address(f"{HIGH.name}/2.m4s"), {"range": "bytes=4-9"})
    assert (some.status, some.body) == (206, whole.body[4:10])
    assert some.headers["content-range"] == f"bytes 4-9/{len(whole.body)}"
    outside = await ask(origin, address(f"{HIGH.name}/2.m4s"), {"range": "bytes=999999-"})
    assert outside.status == 416


async def test_the_head_of_an_answer_is_the_same_without_its_body(origin: Application) -> None:
    for name in (f"{HIGH.name}/2.m4s", f"{HIGH.name}/index.m3u8"):
        whole, head = await ask(origin, address(name)), await ask(origin, address(name), method="HEAD")
        assert head.body == b""
        assert head.headers == whole.headers


async def test_what_has_left_the_memory_is_read_from_the_recording(origin: Application, shown: Shown) -> None:
    assert (await ask(origin, address(f"{HIGH.name}/1.m4s"))).body != b"of long ago"
    shown.go_on(19.0)
    assert (await ask(origin, address(f"{HIGH.name}/1.m4s"))).body == b"of long ago"


async def test_the_manifest_is_of_the_same_segments(origin: Application) -> None:
    answer = await ask(origin, address("manifest.mpd"))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/dash+xml")
    assert b'type="dynamic"' in answer.body
    assert b"/clock" in answer.body


async def test_the_end_is_told_to_all_who_wait_and_to_those_who_come_later(origin: Application, shown: Shown) -> None:
    asked = await waiting(origin, playlist("?_HLS_msn=3&_HLS_part=3"))
    hinted = await waiting(origin, address(f"{HIGH.name}/3-3.m4s"))
    shown.broadcast.end()
    assert lines_of(await asked)[-1] == "#EXT-X-ENDLIST"
    assert (await hinted).status == 404
    later = await ask(origin, playlist("?_HLS_msn=90"))
    assert lines_of(later)[-1] == "#EXT-X-ENDLIST"
    assert b"PRELOAD-HINT" not in later.body


async def test_who_comes_before_the_first_segment_waits_for_it(tmp_path: Path) -> None:
    shown = Shown(seconds=0.5)
    with origin_of(tmp_path, live=shown) as origin:
        asked = await waiting(origin, address("master.m3u8"))
        assert not asked.done()
        shown.go_on(2.4)
        assert (await asked).status == 200


async def test_a_stream_that_ends_before_it_could_be_seen_is_not_found(tmp_path: Path) -> None:
    shown = Shown(seconds=0.5)
    with origin_of(tmp_path, live=shown) as origin:
        asked = await waiting(origin, address("master.m3u8"))
        shown.broadcast.end()
        assert (await asked).status == 404


async def test_a_track_that_does_not_exist_is_not_found(origin: Application) -> None:
    assert (await ask(origin, address("nothing/index.m3u8"))).status == 404


async def test_thousands_who_wait_for_the_same_part_get_the_same_playlist(origin: Application, shown: Shown) -> None:
    # Each of them has a session of his own.
    tokens = [make_token(session_id=UUID(int=number)) for number in range(500)]
    name = f"{HIGH.name}/index.m3u8?_HLS_msn=3&_HLS_part=3"
    asked = [asyncio.create_task(ask(origin, f"/m/{token}/{name}")) for token in tokens]
    while shown.broadcast.waiters.count < 500:
        await asyncio.sleep(0)
    shown.go_on(5.4)
    async with asyncio.timeout(PATIENCE_S):
        answers = await asyncio.gather(*asked)
    assert len({answer.body for answer in answers}) == 1
    assert shown.broadcast.waiters.count == 0


def watched(name: str) -> str:
    """Return the address of somebody who watches the channel, and may watch nothing else."""
    return f"/m/{make_token(subject='channel:7')}/{name}"


async def test_who_watches_goes_back_as_far_as_the_window_and_no_further(origin: Application, shown: Shown) -> None:
    shown.go_on(19.0)
    assert (await ask(origin, watched(f"{HIGH.name}/index.m3u8"))).status == 200
    assert (await ask(origin, watched(f"{HIGH.name}/1.m4s"))).status == 200
    shown.oldest_msn = 2
    refused = await ask(origin, watched(f"{HIGH.name}/1.m4s"))
    assert (refused.status, code_of(refused)) == (404, "media-not-found")


async def test_what_becomes_of_a_stream_is_not_for_those_who_have_watched_it(tmp_path: Path, shown: Shown) -> None:
    kept = dict.fromkeys(("master.m3u8", "v/index.m3u8", "v/init.mp4", "v/9.m4s", "posters/1.jpg"), b"of the film")
    write_package(tmp_path, contents=kept)
    shown.is_here = False
    with origin_of(tmp_path, live=shown) as origin:
        # Those who are behind watch it to its end.
        shown.oldest_msn = 9
        answers = {name: (await ask(origin, watched(name))).status for name in kept}
        assert {name for name, status in answers.items() if status == 200} == {"v/init.mp4", "v/9.m4s"}
        verdict = {"X-Original-URI": watched("v/9.m4s")}
        assert (await ask(origin, "/verdict", verdict)).status == 204
        shown.oldest_msn = None
        assert [(await ask(origin, watched(name))).status for name in kept] == [404] * len(kept)
        assert (await ask(origin, "/verdict", verdict)).headers["x-nova-problem"] == "playback-token-expired"
        assert (await ask(origin, address("v/9.m4s"))).status == 200


async def test_a_segment_is_sent_piece_by_piece(origin: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await ask(origin, address(f"{HIGH.name}/2.m4s"))
    monkeypatch.setattr("streaming.origin.live.delivery._PIECE_BYTES", 100)
    assert (await ask(origin, address(f"{HIGH.name}/2.m4s"))).body == whole.body
    some = await ask(origin, address(f"{HIGH.name}/2.m4s"), {"range": "bytes=50-1499"})
    assert some.body == whole.body[50:1500]


async def test_an_answer_whose_segment_is_taken_away_meanwhile_is_never_ended_as_if_it_were_whole(
    origin: Application, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{HIGH.name}/2.m4s"
    whole = await ask(origin, address(name))
    monkeypatch.setattr("streaming.origin.live.delivery._PIECE_BYTES", 100)
    file = await shown.broadcast.media(name)
    assert file is not None
    cut_short = await ask(origin, address(name), on_piece=file.take_away)
    assert whole.is_whole
    assert cut_short.headers["content-length"] == str(len(whole.body))
    assert (cut_short.is_whole, cut_short.body) == (False, whole.body[:100])


async def test_what_is_sent_of_a_stream_and_to_how_many_is_known(origin: Application, shown: Shown) -> None:
    broadcast = shown.broadcast
    first, second = (make_token(session_id=UUID(int=number)) for number in (1, 2))
    answers = [
        await ask(origin, f"/m/{first}/master.m3u8"),
        await ask(origin, f"/m/{first}/{HIGH.name}/index.m3u8"),
        # From the disk: it is of the same stream.
        await ask(origin, f"/m/{second}/{HIGH.name}/1.m4s"),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200]
    await ask(origin, "/m/forged/master.m3u8")
    assert broadcast.sent_bytes == sum(len(answer.body) for answer in answers)
    assert broadcast.onlookers.count(at_s=monotonic()) == 2
    # An edge asks for each of those it answers.
    await ask(origin, "/verdict", {"X-Original-URI": f"/m/{make_token(session_id=UUID(int=3))}/x.m4s"})
    assert broadcast.onlookers.count(at_s=monotonic()) == 3
