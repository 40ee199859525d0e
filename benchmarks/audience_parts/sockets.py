"""How soon everybody who has a live stream open hears that somebody has come.

    .venv/bin/python -m benchmarks.audience sockets

Two thousand sockets follow one stream at two web processes. The clients share the machine with the portal, so they do
as little as can be while they are being told: they note the moment, and read what it was afterwards.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.typing import Origin
from websockets.uri import parse_uri

from benchmarks.results import Row, percentile
from tests.e2e.running import Portal, start_portal

SOCKETS = 2000
ROUNDS = 20
BAR_MS = 300.0
# The first ones are heard by code that has never run.
_WARM_UP = 3
_CONNECTING_AT_ONCE = 50
_PATIENCE_S = 120.0
# The first byte of a ping (RFC 6455, section 5), which no text of ours contains.
_PING = b"\x89"
_SHELL = "from benchmarks.audience_parts import publishing; publishing."


def measure_sockets() -> Iterator[Row]:
    """Yield the rows, of a portal that has two web processes and nothing else to do."""
    data_dir = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    data_dir.chmod(0o711)
    portal = start_portal(data_dir)
    try:
        portal.wait_for("Nova is running", timeout_s=200)
        portal.wait_until_whole()
        yield from _rows(portal)
    finally:
        portal.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


def _rows(portal: Portal) -> list[Row]:
    stream_id = portal.manage("shell", "-v", "0", "-c", f"{_SHELL}begin_stream()").split()[-1]
    return asyncio.run(_measure(portal, stream_id))


class _Viewer(asyncio.Protocol):
    """The socket of one open page."""

    def __init__(self, uri: str, snapshot: asyncio.Future[None]) -> None:
        self._uri, self._snapshot = uri, snapshot
        self._protocol = ClientProtocol(parse_uri(uri), origin=_origin_of(uri))
        self._heard: list[tuple[float, bytes]] = []
        self.counts: list[tuple[int, float]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._protocol.send_request(self._protocol.connect())
        transport.writelines(self._protocol.data_to_send())

    def data_received(self, data: bytes) -> None:
        self._heard.append((time.monotonic(), data))
        if _PING in data:
            # Who does not answer is taken for gone.
            self.read()
            self.transport.writelines(self._protocol.data_to_send())
        if not self._snapshot.done() and b'"snapshot"' in data:
            self._snapshot.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._snapshot.done():
            self._snapshot.set_exception(ConnectionError(f"{self._uri} was closed"))

    def read(self) -> None:
        """Find in what was heard each number of viewers that was told, with the moment at which it was heard."""
        for heard_at, data in self._heard:
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and b"viewer_count.changed" in bytes(event.data):
                    self.counts.append((json.loads(bytes(event.data))["data"]["viewers"], heard_at))
        self._heard.clear()


def _origin_of(uri: str) -> Origin:
    return Origin(uri.partition("/ws/")[0].replace("ws", "http", 1))


async def _measure(portal: Portal, stream_id: str) -> list[Row]:
    uri = f"{portal.url.replace('http', 'ws', 1)}/ws/streams/{stream_id}/"
    start = time.monotonic()
    viewers = await _connect(uri, portal.http_port)
    connected_s = time.monotonic() - start
    told_at = await _tell(portal, stream_id)
    for viewer in viewers:
        viewer.read()
        viewer.transport.close()
    heard = [count for viewer in viewers for count in viewer.counts]
    delays_ms = [1000 * (heard_at - told_at[number]) for number, heard_at in heard if number > _WARM_UP]
    missed = SOCKETS * (ROUNDS - _WARM_UP) - len(delays_ms)
    what = f"{SOCKETS} sockets hear of another viewer"
    return [
        Row(what=f"{SOCKETS} sockets connect and have their snapshot", figure=connected_s, unit="s"),
        Row(what=f"{what}: median", figure=percentile(delays_ms, 0.5), unit="ms"),
        Row(what=f"{what}: p95", figure=percentile(delays_ms, 0.95), unit="ms", bar=BAR_MS),
        Row(what=f"{what}: longest", figure=max(delays_ms), unit="ms"),
        Row(what=f"{what}: not heard", figure=missed, unit="events", bar=0),
    ]


async def _connect(uri: str, port: int) -> list[_Viewer]:
    at_once = asyncio.Semaphore(_CONNECTING_AT_ONCE)
    loop = asyncio.get_running_loop()

    async def connect() -> _Viewer:
        snapshot: asyncio.Future[None] = loop.create_future()
        async with at_once, asyncio.timeout(_PATIENCE_S):
            _, viewer = await loop.create_connection(lambda: _Viewer(uri, snapshot), "localhost", port)
            await snapshot
        return viewer

    return list(await asyncio.gather(*(connect() for _ in range(SOCKETS))))


async def _tell(portal: Portal, stream_id: str) -> dict[int, float]:
    """Have the portal tell of viewers; return the moment of each number."""
    telling = await asyncio.create_subprocess_exec(
        *(sys.executable, "manage.py", "shell", "-v", "0", "-c", f"{_SHELL}tell('{stream_id}', {ROUNDS})"),
        env=portal.environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await telling.communicate()
    # What was told last is still on its way.
    await asyncio.sleep(3)
    return {number: float(line) for number, line in enumerate(output.split(), start=1)}
