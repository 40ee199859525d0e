"""The origin process: HTTP and RTMP in one event loop, started and stopped together."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import structlog
import uvicorn
from channels.db import database_sync_to_async
from django.conf import settings
from prometheus_client import REGISTRY

from portal import clock
from portal.telemetry.asgi import with_request_log
from portal.telemetry.tracing import set_up_tracing
from streaming.origin.app import application
from streaming.origin.ingest import admit
from streaming.origin.metrics import IngestCollector
from streaming.rtmp.server import RtmpServer
from streaming.services.ingest import end_abandoned_streams

logger = structlog.get_logger(__name__)

_GRACE_S = 5


class HttpServer(uvicorn.Server):
    """Uvicorn without its signals: it would end the process by the signal before the RTMP side has said good-bye."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_origin() -> None:
    """Serve until a signal comes. Raises OSError when a port cannot be had."""
    set_up_tracing("origin")
    abandoned = await database_sync_to_async(end_abandoned_streams)(at=clock.now())
    if abandoned:
        logger.warning("ingest.abandoned_streams_ended", count=abandoned)
    rtmp = RtmpServer(host=settings.NOVA_HOST, port=settings.NOVA_RTMP_PORT, admit=admit)
    await rtmp.start()
    REGISTRY.register(IngestCollector(rtmp.counters))
    http = HttpServer(_http_config())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, http.handle_exit, number, None)
    try:
        await http.serve()
    finally:
        await rtmp.close()


def _http_config() -> uvicorn.Config:
    return uvicorn.Config(
        with_request_log(application),
        host=settings.NOVA_HOST,
        port=settings.NOVA_ORIGIN_PORT,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
