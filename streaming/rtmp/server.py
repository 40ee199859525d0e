"""The RTMP server: listens, sweeps deadlines, closes gracefully.

server = RtmpServer(host="0.0.0.0", port=1935, admit=admit)
await server.start()
...
await server.close()
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from streaming.rtmp.connection import ConnectionBook, RtmpConnection, ServerCounters
from streaming.rtmp.limits import ServerLimits
from streaming.rtmp.publishing import Admit
from streaming.rtmp.tls_door import Tls, TlsDoor

logger = logging.getLogger(__name__)


class RtmpServer:
    """Take publishers on one port, and over TLS on another. What is limited is limited for both together.

    `admit` is awaited once for each `publish`; it returns the sink of the stream or raises
    `PublishRefused`. Call `start` and `close` once each, in one event loop.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        admit: Admit,
        limits: ServerLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
        tls: Tls | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._limits = limits or ServerLimits()
        self._book = ConnectionBook(admit=admit, limits=self._limits, clock=clock)
        self._door = TlsDoor(self._book, tls) if tls else None
        self._server: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def counters(self) -> ServerCounters:
        """Numbers for metrics; updated in place."""
        return self._book.counters

    @property
    def port(self) -> int:
        """The port listened on, also when port 0 was asked for."""
        return self._port

    @property
    def tls_port(self) -> int:
        """The same of RTMPS."""
        assert self._door is not None
        return self._door.port

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address is not to be had.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: RtmpConnection(self._book), self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        if self._door is not None:
            self._door.open(self._host)
        self._sweeper = asyncio.create_task(self._sweep())
        logger.info("rtmp.started", extra={"host": self._host, "port": self._port})

    async def close(self) -> None:
        """Stop listening, end every stream and wait for its owner, within `close_timeout_s`."""
        if self._server is None or self._sweeper is None:
            return
        self._server.close()
        if self._door is not None:
            await self._door.close()
        for connection in tuple(self._book.connections):
            connection.shut_down()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.close_timeout_s):
                await self._book.drained()
        await self._cut_off()
        logger.info("rtmp.stopped", extra={"host": self._host, "port": self._port})

    async def _cut_off(self) -> None:
        """End what did not end in time."""
        assert self._sweeper is not None
        remaining = {self._sweeper, *self._book.tasks}
        for task in remaining:
            task.cancel()
        for connection in tuple(self._book.connections):
            connection.abort()
        await asyncio.gather(*remaining, return_exceptions=True)
        # A transport reports its loss in the next turn of the loop.
        await asyncio.sleep(0)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._limits.sweep_interval_s)
            now = self._book.clock()
            for connection in tuple(self._book.connections):
                connection.check_deadline(now)
