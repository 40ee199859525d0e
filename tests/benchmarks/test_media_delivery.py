"""The viewers of the origin's benchmark, and whether they notice what is wrong."""

import asyncio
from pathlib import Path

import pytest
import uvloop

from benchmarks.media_delivery import films
from benchmarks.media_delivery.client import Connection, FetchFailed
from benchmarks.media_delivery.fetching import fetch_all
from benchmarks.media_delivery.films import AUDIO_BYTES, SEGMENTS, VIDEO_BYTES, write_film
from benchmarks.media_delivery.viewers import Order, watch
from tests.streaming.origin.media import make_token, origin_of
from tests.streaming.origin.serving import serving

pytestmark = [pytest.mark.asyncio, pytest.mark.enable_socket]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(films, "_DIFFERENT", 2)
    return write_film(tmp_path)


def order(port: int, token: str) -> Order:
    return Order(host="127.0.0.1", port=port, tokens=[token] * 3, seconds=1.0)


async def test_a_film_has_all_that_its_playlists_name(tmp_path: Path, package: str) -> None:
    folder = tmp_path / "packages" / package
    for track, size in (("v480p", VIDEO_BYTES), ("a1", AUDIO_BYTES)):
        named = [line for line in (folder / track / "index.m3u8").read_text().split() if line.endswith(".m4s")]
        assert len(named) == SEGMENTS
        assert {(folder / track / name).stat().st_size for name in named} == {size}


async def test_viewers_watch_and_tell_how_long_they_waited(tmp_path: Path, package: str) -> None:
    with origin_of(tmp_path) as origin:
        async with serving(origin) as port:
            seen = await watch(order(port, make_token(package=package)))
    assert seen.failures == []
    # Each opens the film with five small files and then takes sound and picture of a segment, at least.
    assert len(seen.first_byte_s) >= 3 * (5 + 2)
    assert all(first_byte_s > 0 for first_byte_s in seen.first_byte_s)
    assert seen.size_bytes > 3 * (VIDEO_BYTES + AUDIO_BYTES)


async def test_viewers_use_the_loop_that_the_benchmark_runs_them_in(tmp_path: Path, package: str) -> None:
    with origin_of(tmp_path) as origin:
        async with serving(origin) as port:
            seen = await asyncio.to_thread(lambda: uvloop.run(watch(order(port, make_token(package=package)))))
    assert seen.failures == []
    assert len(seen.first_byte_s) > 0


async def test_viewers_tell_of_every_refusal(tmp_path: Path, package: str) -> None:
    with origin_of(tmp_path) as origin:
        async with serving(origin) as port:
            seen = await watch(order(port, "forged"))
    assert len(seen.failures) == len(seen.first_byte_s) > 0
    assert all(failure.startswith("403 ") for failure in seen.failures)


async def test_viewers_tell_of_a_server_that_is_not_there() -> None:
    assert len((await watch(order(1, "token"))).failures) == 3


async def test_an_answer_that_breaks_off_is_a_failure() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        writer.close()

    server = await asyncio.start_server(break_off, "127.0.0.1", 0)
    async with server:
        connection = await Connection.open(*server.sockets[0].getsockname())
        with pytest.raises(FetchFailed):
            await connection.get("/")
        with pytest.raises(FetchFailed):
            await connection.get("/")


@pytest.mark.parametrize(("announced", "failures"), [(b"Connection: close\r\n", 0), (b"", 1)])
async def test_a_connection_whose_end_was_announced_is_followed_by_another(announced: bytes, failures: int) -> None:
    async def answer_twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for own in (b"", announced):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n" + own + b"Content-Length: 4\r\n\r\nbody")
        writer.close()

    server = await asyncio.start_server(answer_twice, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        fetched = await asyncio.to_thread(fetch_all, [f"http://{host}:{port}/"], seconds=0.2)
    assert fetched.failures == failures
    assert fetched.requests > 2 if announced else fetched.requests == 2
