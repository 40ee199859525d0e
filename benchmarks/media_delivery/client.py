"""An HTTP client that costs as little as it can: what it fetches is counted and thrown away."""

import asyncio
import time
from dataclasses import dataclass
from typing import cast

_BUFFER = memoryview(bytearray(256 * 1024))
_HEAD_END = b"\r\n\r\n"
_PATIENCE_S = 60


class FetchFailed(Exception):
    """The server closed the connection, or did not answer as HTTP asks for."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status, how many bytes its body had, and seconds to its first and its last byte."""

    status: int
    size_bytes: int
    first_byte_s: float
    whole_s: float


class Connection(asyncio.BufferedProtocol):
    """A connection for one request after another. All of them share one buffer, as nobody looks at what is in it."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._head = bytearray()
        self._status, self._size_bytes, self._left_bytes = 0, 0, 0
        self._started_s = self._first_byte_s = 0.0
        self._answer: asyncio.Future[Fetched] | None = None

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    async def get(self, path: str) -> Fetched:
        """Fetch a file, whose length the server must tell. Raises FetchFailed, TimeoutError."""
        if self._transport is None or self._transport.is_closing():
            raise FetchFailed("the connection is closed")
        self._head.clear()
        self._status = 0
        self._answer = asyncio.get_running_loop().create_future()
        self._started_s = time.perf_counter()
        self._transport.write(f"GET {path} HTTP/1.1\r\nHost: origin\r\n\r\n".encode())
        async with asyncio.timeout(_PATIENCE_S):
            return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What a connection gets is one for both directions; uvloop's has no base in common with asyncio's.
        self._transport = cast("asyncio.WriteTransport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        if self._status:
            self._take_body(nbytes)
            return
        if not self._head:
            self._first_byte_s = time.perf_counter() - self._started_s
        self._head += _BUFFER[:nbytes]
        end = self._head.find(_HEAD_END)
        if end >= 0:
            self._read_head(bytes(self._head[:end]).lower())
            self._take_body(len(self._head) - end - len(_HEAD_END))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(FetchFailed("the connection was closed in the middle"))

    def _read_head(self, head: bytes) -> None:
        first, *lines = head.split(b"\r\n")
        length = next((line.partition(b":")[2] for line in lines if line.startswith(b"content-length:")), b"0")
        self._status = int(first.split(b" ")[1])
        self._size_bytes = self._left_bytes = int(length)

    def _take_body(self, count: int) -> None:
        self._left_bytes -= count
        if self._left_bytes <= 0 and self._answer is not None and not self._answer.done():
            whole_s = time.perf_counter() - self._started_s
            self._answer.set_result(Fetched(self._status, self._size_bytes, self._first_byte_s, whole_s))
