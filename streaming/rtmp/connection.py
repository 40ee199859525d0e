"""One socket of the server, and the book in which all of them stand."""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import cast

from streaming.rtmp.events import (
    EndReason,
    MediaMessage,
    PublishEnded,
    PublishRequested,
    SessionEnded,
    SessionEvent,
)
from streaming.rtmp.handshake import NONCE_BYTES
from streaming.rtmp.limits import ServerLimits
from streaming.rtmp.peers import describe_peer
from streaming.rtmp.publishing import (
    Admit,
    PublishedStream,
    PublishRefused,
    PublishRequest,
    PublishSink,
)
from streaming.rtmp.session import RtmpSession, SessionState

logger = logging.getLogger(__name__)

_READ_BYTES = 256 * 1024
"""Shared by all connections, hence large: a backlog costs few turns of the event loop."""
_ADMISSION_FAILED = "The server cannot take the stream now; try again."
_SESSION_FAILED = "The server failed; try again."
_SHUTTING_DOWN = "The server is shutting down."


@dataclass(slots=True, kw_only=True)
class ServerCounters:
    """Cheap numbers for metrics.

    Attributes:
        connections: open now.
        publishers: admitted and not ended.
        bytes_in: read since the start.
        connections_turned_away: closed at once since the start, for want of room.
    """

    connections: int = 0
    publishers: int = 0
    bytes_in: int = 0
    connections_turned_away: int = 0


class ConnectionBook:
    """What the connections of one server share. Used from one event loop only.

    Attributes:
        read_buffer: every socket is read into it; its bytes are copied before the next read.
    """

    def __init__(self, *, admit: Admit, limits: ServerLimits, clock: Callable[[], float]) -> None:
        self.admit = admit
        self.limits = limits
        self.clock = clock
        self.counters = ServerCounters()
        self.read_buffer = memoryview(bytearray(_READ_BYTES))
        self.connections: set[RtmpConnection] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self._addresses: Counter[str] = Counter()
        self._connects: Counter[str] = Counter()
        self._connects_until = 0.0
        self._changed = asyncio.Event()

    def register(self, connection: "RtmpConnection", address: str) -> bool:
        """Count a connection in; False if there is no room for it."""
        limits = self.limits
        self._count_connect(address)
        if (
            len(self.connections) >= limits.max_connections
            or self._addresses[address] >= limits.max_connections_per_address
            or self._connects[address] > limits.max_connects_per_address
        ):
            self.counters.connections_turned_away += 1
            return False
        self.connections.add(connection)
        self._addresses[address] += 1
        self.counters.connections += 1
        return True

    def unregister(self, connection: "RtmpConnection", address: str) -> None:
        """Count a connection out."""
        self.connections.discard(connection)
        self._addresses[address] -= 1
        if not self._addresses[address]:
            del self._addresses[address]
        self.counters.connections -= 1
        self._changed.set()

    def spawn(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        """Run the owner's code for a connection; `drained` waits for it."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    async def drained(self) -> None:
        """Wait until no connection and no task is left."""
        while self.connections or self.tasks:
            self._changed.clear()
            await self._changed.wait()

    def _count_connect(self, address: str) -> None:
        now = self.clock()
        if now >= self._connects_until:
            self._connects.clear()
            self._connects_until = now + self.limits.connect_window_s
        self._connects[address] += 1

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self.tasks.discard(task)
        self._changed.set()


class RtmpConnection(asyncio.BufferedProtocol):
    """Carry bytes between a transport and a session, and events to the owner.

    What goes wrong here, in the owner's code or ours, ends this connection and no other.
    """

    def __init__(self, book: ConnectionBook) -> None:
        self._book = book
        self._session = RtmpSession(nonce=os.urandom(NONCE_BYTES), now=book.clock(), limits=book.limits.session)
        self._transport: asyncio.Transport | None = None
        self._peer = self._address = "unknown"
        self._is_registered = False
        self._sink: PublishSink | None = None
        self._farewell: asyncio.Task[None] | None = None
        self._end_reason = EndReason.DISCONNECTED
        self._cut_at: float | None = None

    # Called by asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection in, or close it."""
        self._transport = cast(asyncio.Transport, transport)
        if self._is_registered or self.count_in(transport.get_extra_info("peername")):
            # It may have been ended before it had a transport, by its deadline or the end of the server.
            self._flush()
        else:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Lend the shared buffer; `buffer_updated` follows before any other connection reads."""
        return self._book.read_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read. Once the session has ended it is only drained."""
        self._book.counters.bytes_in += nbytes
        if self._is_registered and self._cut_at is None:
            received = self._book.read_buffer[:nbytes]
            self._advance(lambda now: self._session.receive(received, now))

    def connection_lost(self, exc: Exception | None) -> None:
        """End the session and count the connection out."""
        if self._is_registered:
            self._advance(self._session.connection_lost)
            self._is_registered = False
            self._book.unregister(self, self._address)

    # Called by the server

    def count_in(self, peername: object) -> bool:
        """Count the connection in, ahead of its transport where that takes a while; False if there is no room."""
        self._peer, self._address = describe_peer(peername)
        self._is_registered = self._book.register(self, self._address)
        if not self._is_registered:
            logger.warning("rtmp.connection_turned_away", extra={"peer": self._peer})
        return self._is_registered

    def check_deadline(self, now: float) -> None:
        """Do what is due at `now`."""
        if self._cut_at is not None:
            if now >= self._cut_at:
                self.abort()
        elif now >= self._session.deadline:
            self._advance(self._session.expire)

    def shut_down(self) -> None:
        """End the session because the server ends."""
        self._advance(
            lambda now: self._session.kick(description=_SHUTTING_DOWN, now=now, reason=EndReason.SERVER_SHUTDOWN)
        )

    def abort(self) -> None:
        """Close the socket at once."""
        if self._transport is not None:
            self._transport.abort()

    # Events

    def _advance(self, step: Callable[[float], Sequence[SessionEvent]]) -> None:
        try:
            for event in step(self._book.clock()):
                self._act(event)
        except Exception:
            logger.exception("rtmp.session_failed", extra={"peer": self._peer})
            self._fail()
        self._flush()

    def _act(self, event: SessionEvent) -> None:
        if isinstance(event, MediaMessage):
            if self._sink is not None:
                self._sink.media(event)
        elif isinstance(event, PublishRequested):
            self._ask_owner(event)
        elif isinstance(event, PublishEnded):
            self._end_publication(event.reason, event.description)
        elif isinstance(event, SessionEnded):
            self._end_reason = event.reason
            self._log("rtmp.session_ended", event.reason, event.description)

    def _fail(self) -> None:
        reason = EndReason.INTERNAL_ERROR
        self._session.kick(description=_SESSION_FAILED, now=self._book.clock(), reason=reason)
        self._end_reason = reason
        self._end_publication(reason, _SESSION_FAILED)

    def _ask_owner(self, event: PublishRequested) -> None:
        request = PublishRequest(
            app=event.app,
            stream_key=event.stream_key,
            stream_name=event.stream_name,
            tc_url=event.tc_url,
            encoder=event.encoder,
            peer=self._peer,
            stream=PublishedStream(self._kick),
        )
        # TCP holds back what the publisher sends too early, at no cost to this process.
        self._pause(True)
        self._book.spawn(self._admit(request))

    async def _admit(self, request: PublishRequest) -> None:
        if self._farewell is not None:
            await asyncio.wait({self._farewell})
        try:
            async with asyncio.timeout(self._book.limits.session.admission_timeout_s):
                sink = await self._book.admit(request)
        except PublishRefused as refusal:
            self._refuse(refusal.description)
        except TimeoutError:
            logger.warning("rtmp.admission_timed_out", extra={"peer": self._peer})
            self._refuse(_ADMISSION_FAILED)
        except Exception:
            logger.exception("rtmp.admission_failed", extra={"peer": self._peer})
            self._refuse(_ADMISSION_FAILED)
        else:
            await self._accept(sink, request)

    async def _accept(self, sink: PublishSink, request: PublishRequest) -> None:
        if self._session.state is not SessionState.ADMISSION:
            # The peer is gone, kicked or timed out, but the owner has counted it in.
            await self._say_ended(sink, self._end_reason)
            return
        self._sink = sink
        self._book.counters.publishers += 1
        logger.info(
            "rtmp.publish_accepted",
            extra={"peer": self._peer, "app": request.app, "encoder": request.encoder},
        )
        self._advance(self._session.accept_publish)
        self._pause(False)

    def _refuse(self, description: str) -> None:
        if self._session.state is not SessionState.ADMISSION:
            return
        self._log("rtmp.publish_refused", EndReason.REFUSED, description)
        self._advance(lambda now: self._session.refuse_publish(description=description, now=now))

    def _kick(self, description: str) -> None:
        self._advance(lambda now: self._session.kick(description=description, now=now))

    def _end_publication(self, reason: EndReason, description: str) -> None:
        sink, self._sink = self._sink, None
        if sink is None:
            return
        self._book.counters.publishers -= 1
        self._log("rtmp.publish_ended", reason, description)
        self._farewell = self._book.spawn(self._say_ended(sink, reason))

    async def _say_ended(self, sink: PublishSink, reason: EndReason) -> None:
        try:
            await sink.ended(reason)
        except Exception:
            logger.exception("rtmp.sink_failed", extra={"peer": self._peer})

    # Bytes

    def _flush(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        outgoing = self._session.data_to_send()
        if outgoing:
            transport.write(outgoing)
        if transport.get_write_buffer_size() > self._book.limits.max_write_buffer_bytes:
            logger.warning("rtmp.peer_does_not_read", extra={"peer": self._peer})
            transport.abort()
        elif self._session.is_ended and self._cut_at is None:
            self._begin_close(transport)

    def _begin_close(self, transport: asyncio.Transport) -> None:
        """Close for writing and drain until the peer closes too, for `linger_s` at most.

        Closing with unread bytes in the socket would reset it, and the peer would never read why.
        """
        self._cut_at = self._book.clock() + self._book.limits.linger_s
        self._pause(False)
        if not transport.can_write_eof():
            transport.close()
            return
        try:
            transport.write_eof()
        except OSError:
            # The peer has reset the connection, which the next read would have told.
            transport.abort()

    def _pause(self, is_paused: bool) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if is_paused:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def _log(self, event: str, reason: EndReason, description: str) -> None:
        logger.info(
            event,
            extra={"peer": self._peer, "reason": reason.value, "description": description},
        )
