"""Lets publishers in over TLS: each is counted before its handshake, which costs more than all that follows."""

import asyncio
import logging
import socket
from collections.abc import Coroutine
from dataclasses import dataclass

from streaming.rtmp.certificates import Certificate
from streaming.rtmp.connection import ConnectionBook, RtmpConnection
from streaming.rtmp.peers import describe_peer

logger = logging.getLogger(__name__)

_WAITING = 100
# No file descriptor is left: one may be, by then.
_ACCEPT_AGAIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """RTMPS: the port it is taken on, and what a publisher is shown."""

    port: int
    certificate: Certificate


class TlsDoor:
    """A port of a server, whose connections stand in the same book as the others'.

    asyncio would tell of a connection only when it has shaken hands: until then it would stand in no book, and those
    who stay silent could have any number.
    """

    def __init__(self, book: ConnectionBook, tls: Tls) -> None:
        self._book = book
        self._tls = tls
        self._listener: socket.socket | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._listener is not None
        return int(self._listener.getsockname()[1])

    def open(self, host: str) -> None:
        """Listen. Raises OSError if the address is not to be had."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, self._tls.port), family=family, backlog=_WAITING)
        self._listener.setblocking(False)
        self._spawn(self._accept(self._listener))

    async def close(self) -> None:
        """Listen no more, and cut off who has not shaken hands yet."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, address = await loop.sock_accept(listener)
            except OSError as error:
                logger.error("rtmp.accept_failed", extra={"description": str(error)})
                await asyncio.sleep(_ACCEPT_AGAIN_S)
                continue
            connection = RtmpConnection(self._book)
            if connection.count_in(address):
                self._spawn(self._greet(connection, accepted, describe_peer(address)[0]))
            else:
                accepted.close()

    async def _greet(self, connection: RtmpConnection, accepted: socket.socket, peer: str) -> None:
        """Shake hands; from then on it is a connection like any other."""
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection,
                accepted,
                ssl=self._tls.certificate.context(),
                ssl_handshake_timeout=self._book.limits.session.handshake_timeout_s,
            )
        except OSError as error:
            logger.info("rtmp.tls_refused", extra={"peer": peer, "description": str(error)})
            connection.connection_lost(error)
        except asyncio.CancelledError:
            connection.connection_lost(None)
            raise

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
