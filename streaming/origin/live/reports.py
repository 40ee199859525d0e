"""Tells the services, in its order, what becomes of a stream; the media path never waits for them."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from channels.db import database_sync_to_async
from django.db import InterfaceError, InternalError, OperationalError

log = structlog.get_logger("nova.live")

Service = Callable[..., object]
# How long to wait before writing again while the database is away; the last one again and again.
_RETRY_DELAYS_S = (0.2, 0.5, 1.0, 2.0)


class Reports:
    """Calls services in threads, one behind the other. While the database is away it tries again and again."""

    def __init__(self, *, on_failure: Callable[[Exception], None]) -> None:
        """`on_failure` is told of what a service raised; what follows it is reported all the same."""
        self._on_failure = on_failure
        self._waiting: deque[tuple[Service, Mapping[str, Any]]] = deque()
        self._under_way: asyncio.Task[None] | None = None

    def tell(self, service: Service, **arguments: Any) -> None:
        self._waiting.append((service, arguments))
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.ensure_future(self._work())

    async def settle(self) -> None:
        """Wait until everything is told."""
        if self._under_way is not None:
            await asyncio.wait({self._under_way})

    async def _work(self) -> None:
        while self._waiting:
            service, arguments = self._waiting.popleft()
            try:
                await self._call(service, arguments)
            except Exception as error:  # The border to the services: a stream outlives what they raise.
                self._on_failure(error)

    async def _call(self, service: Service, arguments: Mapping[str, Any]) -> None:
        attempts = 0
        while True:
            try:
                await database_sync_to_async(service, thread_sensitive=False)(**arguments)
                return
            except (OperationalError, InternalError, InterfaceError):
                delay_s = _RETRY_DELAYS_S[min(attempts, len(_RETRY_DELAYS_S) - 1)]
                attempts += 1
                log.warning("live.database_away", retry_in_s=delay_s)
            await asyncio.sleep(delay_s)
