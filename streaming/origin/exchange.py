"""One request for media and its answer, as it is sent and counted."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from portal.telemetry.asgi import Message, Receive, Scope, Send
from streaming.origin import metrics
from streaming.origin.answers import EncodedHeaders, start

# What the server takes without waiting for the client.
_AT_ONCE_BYTES = 64 * 1024


class Exchange:
    """Sends an answer and knows what of it has been sent.

    Attributes:
        headers: those of the request, with names in lower case.
        sent_bytes: of the body, handed to the network so far.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, kind: str) -> None:
        self.scope = scope
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._receive, self._send, self._metrics = receive, send, metrics.of_kind(kind)
        self._status = 0
        self.sent_bytes = 0
        self._is_whole = False
        self._started_s = time.perf_counter()

    @property
    def is_head(self) -> bool:
        return bool(self.scope["method"] == "HEAD")

    @property
    def has_begun(self) -> bool:
        """Whether the client has been told a status already."""
        return bool(self._status)

    async def begin(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        await start(self.send_message, status, headers)

    async def begin_encoded(self, status: HTTPStatus, headers: EncodedHeaders) -> None:
        """Begin with headers that were made for all who are answered the same."""
        await self.send_message({"type": "http.response.start", "status": int(status), "headers": headers})

    async def send_whole(self, content: bytes) -> None:
        """Send a body: at once if it is so small that the network takes it in anyway."""
        if len(content) > _AT_ONCE_BYTES:
            await self.send_piece(content, is_last=True)
        else:
            await self.send_message({"type": "http.response.body", "body": content, "more_body": False})

    async def send_piece(self, piece: bytes | memoryview, *, is_last: bool) -> None:
        """Send a part of the body; waits while the client does not keep up."""
        if piece:
            await self.send_message({"type": "http.response.body", "body": piece, "more_body": True})
        if is_last:
            # The server waits with this until the network has taken the rest: so long the piece is held in memory, and
            # the answer is under way.
            await self.send_message({"type": "http.response.body", "body": b"", "more_body": False})

    async def send_message(self, message: Message) -> None:
        """Send what ASGI calls a message, and note what it says."""
        if message["type"] == "http.response.start":
            self._status = int(message["status"])
        elif not self.sent_bytes and not self._is_whole:
            self._metrics.observe_first_byte(time.perf_counter() - self._started_s)
        await self._send(message)
        if message["type"] == "http.response.body":
            self.sent_bytes += len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator["asyncio.Task[None]"]:
        """Give a task that ends when the client goes away: servers take what is sent to nobody without a word."""
        departure = asyncio.create_task(self._departure())
        try:
            yield departure
        finally:
            departure.cancel()

    async def _departure(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            continue

    def count(self) -> None:
        """Tell the metrics how it ended."""
        self._metrics.count(self._status, sent_bytes=self.sent_bytes, is_whole=self._is_whole)
