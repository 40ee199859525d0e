"""Uvicorn as our own processes run it: without its signals, and with as few calls of the kernel as answers need."""

import asyncio
import contextlib
import socket
from collections.abc import Iterable, Iterator
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from portal.telemetry.asgi import Application

_GRACE_S = 5
# A player asks for a segment every few seconds; an edge keeps its connections for a minute and must not be the last
# to know that one was closed.
_KEEP_ALIVE_S = 75
# For so long a client may take nothing at all of what is sent to it: a player whose buffer is full has had the whole
# segment long before.
_STALLED_MS = 120_000
# The head of an answer, or an answer as small: more is sent as it comes.
_LARGEST_HELD_BYTES = 4096


class HttpServer(uvicorn.Server):
    """Uvicorn without its signals: it would end the process by the signal before its other sides have said good-bye."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class GatheringTransport(asyncio.Transport):
    """Sends the head of an answer together with what follows.

    The server writes them apart, and each writing is a call of the kernel, a packet, and a start of whoever reads it:
    half of what it takes to give a short playlist to everybody at once.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport, self._loop = transport, loop
        self._held = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._held:
            held, self._held = self._held, b""
            self._transport.writelines((held, data))
        elif isinstance(data, bytes) and len(data) <= _LARGEST_HELD_BYTES:
            self._held = data
            self._loop.call_soon(self._send_held)
        else:
            self._transport.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self._send_held()
        self._transport.writelines(list_of_data)

    def _send_held(self) -> None:
        held, self._held = self._held, b""
        if held and not self._transport.is_closing():
            self._transport.write(held)

    def close(self) -> None:
        self._send_held()
        self._transport.close()

    def abort(self) -> None:
        self._held = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)


class GatheringProtocol(HttpToolsProtocol):
    """HTTP read by httptools, written by fewer calls."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What a connection gets is one for both directions; uvloop's has no base in common with asyncio's.
        super().connection_made(GatheringTransport(cast("asyncio.Transport", transport), self.loop))


def http_config(application: Application, *, host: str, port: int, grace_s: int = _GRACE_S) -> uvicorn.Config:
    """Return how a raw ASGI application is served."""
    return uvicorn.Config(
        application,
        host=host,
        port=port,
        http=GatheringProtocol,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=grace_s,
    )


def listen(config: uvicorn.Config) -> socket.socket:
    """Bind the port, so that the network itself gives up on clients that have stopped reading.

    No server above it could: it hands over what is left, and does not hear of it again.
    """
    listener = config.bind_socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_MS)
    return listener
