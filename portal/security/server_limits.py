"""What a stranger may make the web server hold: bodies, headers and time; frames are limited by Daphne's own options.

Daphne takes a whole body in, to disk and then to memory, before the application hears of the request, and Twisted
restarts its timer with every byte of a header. Behind the edge these are second lines of defence; without it, the only.
"""

import json
from http import HTTPStatus
from typing import Any

from daphne import server
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.web.http import HTTPChannel

from portal.errors import RequestTooLarge
from portal.telemetry.own_metrics import REFUSED_REQUESTS

_MIB = 1024 * 1024
# Forms and pictures; the edge takes as much.
BODY_LIMIT = 25 * _MIB
# One piece of a resumable upload, and some more: up to here the application itself says how large a piece may be.
UPLOAD_LIMIT = 40 * _MIB
_UPLOADS = b"/api/v1/uploads/"
# They come from everybody's player: up to here the application itself says how large one may be.
BEACON_LIMIT = 64 * 1024
_BEACONS = b"/api/v1/beacons/"
FRAME_LIMIT = 16 * 1024
MESSAGE_LIMIT = 256 * 1024
HEADERS_LIMIT_S = 15
# One is a packet or a few. Other bodies may be long, and only must not stop.
BEACON_LIMIT_S = 10
# Longer than the edge keeps an idle connection to us: it must be the one who closes.
_IDLE_LIMIT_S = 75


class BoundedRequest(WebRequest):  # type: ignore[misc]  # Daphne has no types
    """A request whose body is refused as soon as it is known to be too large."""

    _received = 0
    _is_refused = False

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if length is not None and length > self._limit():
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        # A chunked body tells its length only by ending.
        self._received += len(data)
        if self._received > self._limit():
            self._refuse()
        if not self._is_refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        if not self._is_refused:
            super().requestReceived(command, path, version)

    def _limit(self) -> int:
        path = self.channel._path
        if path.startswith(_BEACONS):
            return BEACON_LIMIT
        return UPLOAD_LIMIT if path.startswith(_UPLOADS) else BODY_LIMIT

    def _refuse(self) -> None:
        if self._is_refused:
            return
        self._is_refused = True
        REFUSED_REQUESTS.labels("too_large").inc()
        self.channel.transport.write(_refusal(self._limit()))
        self.channel.loseConnection()


class BoundedChannel(HTTPChannel):
    """A connection that must bring a request's head, and a beacon's body, in one go, not a byte a minute."""

    _reads_headers = False
    _reads_beacon = False

    def resetTimeout(self) -> None:
        if not self.line_mode:
            if not self._reads_beacon:
                super().resetTimeout()  # type: ignore[no-untyped-call]
        elif not self._reads_headers:
            self._reads_headers = True
            self.setTimeout(HEADERS_LIMIT_S)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:
        self._reads_headers = False
        path: Any = self._path
        self._reads_beacon = path.startswith(_BEACONS)
        self.setTimeout(BEACON_LIMIT_S if self._reads_beacon else _IDLE_LIMIT_S)  # type: ignore[no-untyped-call]
        super().allHeadersReceived()  # type: ignore[no-untyped-call]

    def allContentReceived(self) -> None:
        self._reads_beacon = False
        # What holds now holds again once there is an answer.
        self.setTimeout(_IDLE_LIMIT_S)  # type: ignore[no-untyped-call]
        super().allContentReceived()  # type: ignore[no-untyped-call]

    def timeoutConnection(self) -> None:
        if self._reads_headers or self._reads_beacon:
            REFUSED_REQUESTS.labels("too_slow").inc()
        super().timeoutConnection()  # type: ignore[no-untyped-call]


class BoundedFactory(HTTPFactory):  # type: ignore[misc]  # Daphne has no types
    """Daphne's factory, with our request and channel."""

    protocol = BoundedChannel

    def __init__(self, owner: server.Server) -> None:
        super().__init__(owner)
        self.timeOut = _IDLE_LIMIT_S

    def buildProtocol(self, addr: object) -> BoundedChannel:
        channel: BoundedChannel = super().buildProtocol(addr)
        channel.requestFactory = BoundedRequest
        return channel


def install() -> None:
    """Make Daphne's servers of this process use the factory: they take none as an argument."""
    server.HTTPFactory = BoundedFactory


def _refusal(limit_bytes: int) -> bytes:
    problem = {
        "type": f"/problems/{RequestTooLarge.code}",
        "title": str(RequestTooLarge.title),
        "status": int(RequestTooLarge.status),
        "detail": f"Send at most {limit_bytes} bytes.",
        "code": RequestTooLarge.code,
        "limit_bytes": limit_bytes,
    }
    body = json.dumps(problem).encode()
    status = HTTPStatus(RequestTooLarge.status)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + body
