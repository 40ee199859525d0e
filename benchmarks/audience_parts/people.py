"""People who watch a film, as their players tell of it, and the truth about when they were there.

Each is a task of its own: it waits, tells, and waits again, over connections that all of them share, as an edge's do.
"""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from uuid import UUID

from analytics.beacons.token import BeaconClaims, sign_beacon_token
from portal.clock import now
from portal.ids import uuid7
from streaming.tokens import Keyring

INTERVAL_S = 10.0
# From a wish to play to the first picture.
_STARTUP_S = (0.2, 1.5)
_AGAIN_S = 1.0
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Span:
    """When somebody was there, in seconds since 1970."""

    start: float
    end: float


@dataclass
class Truth:
    """Who is there, and who was. `sessions` are all that were told of and taken."""

    present: int = 0
    spans: list[Span] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    refused: int = 0
    delayed: int = 0

    def at(self, moment: float) -> int:
        """Return how many of those who have gone by now were there at a moment."""
        return sum(span.start <= moment < span.end for span in self.spans)


class Line:
    """Connections to the portal, each used by one beacon at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def tell(self, content: bytes) -> int:
        """Send a beacon; return the status, 0 where nobody answers."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await self._tell(content)
        except (OSError, EOFError, TimeoutError):
            return 0

    async def _tell(self, content: bytes) -> int:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("localhost", self._port)
        status = 0
        try:
            head = "POST /api/v1/beacons/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: "
            writer.write(f"{head}{len(content)}\r\n\r\n".encode() + content)
            status = int((await reader.readuntil(b"\r\n\r\n"))[9:12])
        finally:
            if status == 204:
                self._idle.append((reader, writer))
            else:
                writer.close()
        return status

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    line = Line(port)
    try:
        yield line
    finally:
        await line.close()


class Player:
    """One session of one viewer, and what it has told."""

    def __init__(self, line: Line, keyring: Keyring, truth: Truth, *, subject: str) -> None:
        self._line, self._truth = line, truth
        self._session = uuid7(now())
        self._token = sign_beacon_token(_claims(self._session, subject), keyring)
        self._sn = 0
        self._shown_at: float | None = None

    @property
    def shown_at(self) -> float:
        """Return when the first picture was shown, in seconds since 1970."""
        assert self._shown_at is not None
        return self._shown_at

    async def start(self) -> None:
        """Tell of the wish to play, and of the first picture."""
        wished_at = time.time()
        await self._tell("s")
        await asyncio.sleep(random.uniform(*_STARTUP_S))
        self._shown_at = time.time()
        self._startup_ms = int(1000 * (self._shown_at - wished_at))
        self._truth.present += 1
        await self._tell("p")

    async def watch(self, stay_s: float) -> None:
        """Tell now and then that pictures are shown."""
        leaves_at = time.time() + stay_s
        while (left_s := leaves_at - time.time()) > 0:
            pause_s = INTERVAL_S + random.uniform(-1, 1)
            if left_s <= pause_s:
                await asyncio.sleep(left_s)
                return
            await asyncio.sleep(pause_s)
            await self._tell("p")

    async def leave(self, *, in_silence: bool = False) -> None:
        """Go, with or without a word."""
        self._truth.present -= 1
        self._truth.spans.append(Span(self.shown_at, time.time()))
        if not in_silence:
            await self._tell("q")

    async def _tell(self, state: str) -> None:
        event = self._event(state)
        while True:
            content = json.dumps({"v": 1, "token": self._token, "sent": _ms(), "ev": [event]}).encode()
            status = await self._line.tell(content)
            if status == 204:
                self._truth.sessions.add(self._session.hex)
                return
            if status not in (0, 503):
                self._truth.refused += 1
                return
            self._truth.delayed += 1
            await asyncio.sleep(_AGAIN_S)

    def _event(self, state: str) -> dict[str, object]:
        event: dict[str, object] = {"e": "ps" if self._sn < 2 else "t", "ts": _ms(), "sn": self._sn, "sta": state}
        self._sn += 1
        if self._shown_at is None:
            return event
        watched_ms = int(1000 * (time.time() - self._shown_at))
        told = {"msd": self._startup_ms, "pt": watched_ms, "nova-watch": watched_ms, "nova-bytes": watched_ms * 300}
        return event | told | {"br": [2400], "nova-q": "720p", "nova-rate": 2400 * watched_ms}


def _claims(session: UUID, subject: str) -> BeaconClaims:
    return BeaconClaims(
        session=session.hex, subject=subject, viewer=token_hex(16), expires_s=int(time.time()) + 3600, device="desktop"
    )


def _ms() -> int:
    return int(time.time() * 1000)
