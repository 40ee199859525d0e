"""An ingest server for tests: what is to be had there comes and goes as a test says."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from streaming.hooks.notices import Publishing
from streaming.hooks.servers import IngestServer, read_servers
from streaming.origin.live.pulls import Pulls
from streaming.rtmp.flv import format_file_header, format_tag
from streaming.rtmp.messages import MessageType
from streaming.rtmp.redaction import Secret
from tests.streaming.origin.live.puppets import Stage, on_stage
from tests.streaming.rtmp.publisher import AAC_FRAME, AAC_HEADER, AVC_HEADER, AVC_KEY_FRAME

SECRET = "what-a-server-and-the-origin-share"
OPENING = format_file_header() + b"".join(
    format_tag(type_id=kind, timestamp_ms=at_ms, payload=payload)
    for kind, at_ms, payload in (
        (MessageType.VIDEO, 0, AVC_HEADER),
        (MessageType.AUDIO, 0, AAC_HEADER),
        (MessageType.VIDEO, 0, AVC_KEY_FRAME),
        (MessageType.AUDIO, 1, AAC_FRAME),
    )
)


def server(kind: str = "nginx-rtmp", name: str = "edge") -> IngestServer:
    return read_servers(f"{name} {kind} rtmp://{name}.example.com/{{path}} {SECRET}")[name]


def publishing(
    key: str, *, publisher: str = "1", path: str = "live/show", has_begun: bool = False, peer: str = "203.0.113.7"
) -> Publishing:
    return Publishing(publisher=publisher, key=Secret(key), path=Secret(path), peer=peer, has_begun=has_begun)


@dataclass
class Feed:
    """What is fetched: `say` something, or `hang_up`.

    Attributes:
        fetched: the addresses, one for each time that somebody began to fetch.
        listeners: how many fetch at the moment.
    """

    fetched: list[str] = field(default_factory=list)
    listeners: int = 0
    _queue: "asyncio.Queue[bytes | None]" = field(default_factory=asyncio.Queue)

    async def fetch(self, url: str) -> AsyncGenerator[bytes, None]:
        self.fetched.append(url)
        self.listeners += 1
        try:
            while (piece := await self._queue.get()) is not None:
                yield piece
        finally:
            self.listeners -= 1

    def say(self, piece: bytes = OPENING) -> None:
        self._queue.put_nowait(piece)

    def hang_up(self) -> None:
        self._queue.put_nowait(None)


@dataclass
class Place:
    """A hub that has its encoders from an ingest server."""

    stage: Stage
    feed: Feed
    pulls: Pulls


@asynccontextmanager
async def at_a_place(root: Path, *, patience_s: float = 30.0) -> AsyncIterator[Place]:
    async with on_stage(root) as stage:
        feed = Feed()
        pulls = Pulls(admit=stage.hub.admit, fetch=feed.fetch, patience_s=patience_s)
        try:
            yield Place(stage, feed, pulls)
        finally:
            await pulls.close()
