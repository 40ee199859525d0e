"""Behind the real server: clients that are slow, that go away, and that say things which no client should."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from prometheus_client import REGISTRY

from streaming.origin.files import FolderFile, FolderFiles
from tests.streaming.origin.media import PACKAGE, PLAYLIST, SEGMENT, make_token, origin_of, write_package
from tests.streaming.origin.serving import PATIENCE_S, happens, serving

pytestmark = [pytest.mark.asyncio, pytest.mark.enable_socket]

# Several times what the network itself takes in while nobody reads.
LARGE = 48 * 1024 * 1024


class CountedFile(FolderFile):
    def __init__(self, descriptor: int, status: os.stat_result) -> None:
        super().__init__(descriptor, status)
        self.read_bytes, self.is_closed = 0, False

    def read(self, start: int, length: int) -> bytes:
        self.read_bytes += length
        return super().read(start, length)

    def close(self) -> None:
        self.is_closed = True
        super().close()


class CountedFiles(FolderFiles):
    """Remembers the file that was opened last, and how much of it was read."""

    last: CountedFile

    def open(self, path: str) -> FolderFile:
        found = super().open(path)
        self.last = CountedFile(os.dup(found._descriptor), os.fstat(found._descriptor))
        found.close()
        return self.last


async def has_settled(measure: Callable[[], int]) -> int:
    """Return a figure that has not changed for half a second."""
    async with asyncio.timeout(PATIENCE_S):
        before, now = -1, measure()
        while before != now:
            await asyncio.sleep(0.5)
            before, now = now, measure()
    return now


@pytest.fixture
def files(tmp_path: Path) -> CountedFiles:
    folder = write_package(tmp_path)
    (folder / "v720p" / "2.m4s").touch()
    os.truncate(folder / "v720p" / "2.m4s", LARGE)
    return CountedFiles(tmp_path)


@asynccontextmanager
async def talking(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection whose own buffers are small."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    line.connect(("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=line, limit=65536)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def request(name: str, *, token: str | None = None, method: str = "GET") -> bytes:
    return f"{method} /m/{token or make_token()}/{name} HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n".encode()


async def test_who_does_not_read_is_not_read_for(files: CountedFiles) -> None:
    with origin_of(files) as origin:
        async with serving(origin) as port, talking(port) as (reader, writer):
            writer.write(request("v720p/2.m4s"))
            await reader.readuntil(b"\r\n\r\n")
            assert await has_settled(lambda: files.last.read_bytes) < LARGE / 2
            received = 0
            while piece := await reader.read(1 << 20):
                received += len(piece)
            assert received == LARGE
            await happens(lambda: files.last.is_closed)


async def test_for_who_has_gone_nothing_is_read_any_more(files: CountedFiles) -> None:
    def broken_off() -> float:
        return REGISTRY.get_sample_value("nova_origin_media_broken_off_total", {"kind": "segment"}) or 0.0

    before = broken_off()
    with origin_of(files) as origin:
        async with serving(origin) as port:
            async with talking(port) as (reader, writer):
                writer.write(request("v720p/2.m4s"))
                await reader.readuntil(b"\r\n\r\n")
            await happens(lambda: files.last.is_closed)
            await happens(lambda: broken_off() == before + 1)
            assert files.last.read_bytes < LARGE


async def test_who_has_stopped_reading_for_good_is_given_up(
    files: CountedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.http_server._STALLED_MS", 1000)
    with origin_of(files) as origin:
        async with serving(origin) as port, talking(port) as (reader, writer):
            writer.write(request("v720p/2.m4s"))
            await reader.readuntil(b"\r\n\r\n")
            await happens(lambda: files.last.is_closed)
            assert files.last.read_bytes < LARGE


async def test_connections_are_kept_for_the_next_segment(files: CountedFiles) -> None:
    with origin_of(files) as origin:
        async with serving(origin) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            for name, content in (("master.m3u8", PLAYLIST), ("v720p/1.m4s", SEGMENT)) * 3:
                answer = await client.get(f"/m/{make_token()}/{name}")
                assert (answer.status_code, answer.content) == (200, content)
                assert "connection" not in answer.headers
            assert len(client._transport._pool.connections) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "line",
    [
        "GET /m/{token}/../{package}/index.json HTTP/1.1",
        "GET /m/{token}/..%2f..%2fsecret_key HTTP/1.1",
        "GET /m/{token}/%252e%252e/%252e%252e/secret_key HTTP/1.1",
        "GET /m/{token}/v720p/1.m4s%00 HTTP/1.1",
        "GET /m/{token}/..\\..\\secret_key HTTP/1.1",
        "GET //etc/passwd HTTP/1.1",
        "GET http://elsewhere/m/{token}/index.json HTTP/1.1",
        "GET /m/{token}/" + "a" * 60_000 + ".m4s HTTP/1.1",
        "GET /m/{token}/%ff%fe.m4s HTTP/1.1",
    ],
)
async def test_hostile_requests_get_nothing(files: CountedFiles, line: str) -> None:
    with origin_of(files) as origin:
        async with serving(origin) as port, talking(port) as (reader, writer):
            writer.write(line.format(token=make_token(), package=PACKAGE).encode())
            writer.write(b"\r\nHost: origin\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(PATIENCE_S):
                answer = await reader.read()
            assert answer.split(b" ", 2)[1] in {b"400", b"404"}
            async with httpx.AsyncClient() as client:
                assert (await client.get(f"http://127.0.0.1:{port}/livez")).status_code == 200


async def test_a_file_that_breaks_off_breaks_the_connection_and_adds_no_words_to_the_film(
    files: CountedFiles, tmp_path: Path
) -> None:
    with origin_of(files) as origin:
        async with serving(origin) as port, talking(port) as (reader, writer):
            writer.write(request("v720p/2.m4s"))
            head = await reader.readuntil(b"\r\n\r\n")
            assert f"content-length: {LARGE}".encode() in head
            os.truncate(tmp_path / "packages" / PACKAGE / "v720p" / "2.m4s", 0)
            received = await reader.read()
            while piece := await reader.read():
                received += piece
            assert len(received) < LARGE
            assert set(received) <= {0}
            await happens(lambda: files.last.is_closed)
