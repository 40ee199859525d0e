"""The process that counts: one of several that may run, and HTTP beside it."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from datetime import datetime

import redis.asyncio
import structlog
from django.conf import settings
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from analytics.audience.leadership import Leadership
from analytics.audience.loop import AudienceLoop
from analytics.exporting import register_collectors
from portal import clock
from portal.garbage import set_loaded_aside
from portal.http_server import HttpServer, http_config, listen
from portal.outages import OUTAGES
from portal.own_answers import answer_own
from portal.telemetry.asgi import Receive, Scope, Send, with_request_log
from portal.telemetry.tracing import set_up_tracing

_AGAIN_S = 1.0
# Longer than a reading waits for something to come.
_ANSWER_WITHIN_S = 3

log = structlog.get_logger("nova.audience")


async def run_audience(*, now: Callable[[], datetime] = clock.now) -> None:
    """Count, or wait to, until a signal comes. Raises OSError when the port cannot be had."""
    set_up_tracing("audience")
    register_collectors()
    http = HttpServer(http_config(_application(), host=settings.NOVA_HOST, port=settings.NOVA_AUDIENCE_PORT))
    listener = listen(http.config)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, http.handle_exit, number, None)
    counting = asyncio.create_task(count_for_ever(settings.NOVA_REDIS_URL, now=now))
    # Rather no process, which is started again at once, than one that does not count.
    counting.add_done_callback(lambda _: http.handle_exit(signal.SIGTERM, None))
    set_loaded_aside()
    try:
        await http.serve(sockets=[listener])
    finally:
        counting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await counting


async def count_for_ever(redis_url: str, *, now: Callable[[], datetime]) -> None:
    """Count whenever no other process does, until this is cancelled."""
    leadership = Leadership()
    try:
        async with connect(redis_url) as client:
            while True:
                if await leadership.is_held():
                    await _count(client, leadership, now)
                await asyncio.sleep(_AGAIN_S)
    finally:
        await leadership.let_go()


async def _count(client: redis.asyncio.Redis, leadership: Leadership, now: Callable[[], datetime]) -> None:
    """Count until another process does. When this is cancelled, what was counted last is written first."""
    try:
        loop = await AudienceLoop.begin(client, at=now())
    except OUTAGES as error:
        log.warning("audience.cannot_begin", error=str(error))
        return
    log.info("audience.began", sessions=len(loop.audience.sessions))
    try:
        await loop.run(leadership, now=now)
    except asyncio.CancelledError:
        try:
            await loop.write(now())
        except OUTAGES as error:
            log.warning("audience.unwritten", error=str(error))
        raise


def connect(redis_url: str) -> redis.asyncio.Redis:
    """Return a client that waits for no answer for ever, and leaves it to its caller to try again."""
    return redis.asyncio.from_url(
        redis_url,
        socket_connect_timeout=_ANSWER_WITHIN_S,
        socket_timeout=_ANSWER_WITHIN_S,
        retry=Retry(NoBackoff(), 0),
    )


def _application() -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await answer_own(scope, send)

    return with_request_log(application)
