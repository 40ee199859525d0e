"""The origin process: HTTP and RTMP in one event loop, started and stopped together."""

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor

import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from prometheus_client import REGISTRY

from portal import clock
from portal.garbage import set_loaded_aside
from portal.http_server import HttpServer, http_config, listen
from portal.telemetry.asgi import with_request_log
from portal.telemetry.tracing import set_up_tracing
from streaming.keys import playback_keyring
from streaming.media.live.pull_command import build_pull_command
from streaming.origin.app import build_application
from streaming.origin.delivery import MediaDelivery
from streaming.origin.files import default_files
from streaming.origin.gate import Gate
from streaming.origin.hooks import HookEndpoint
from streaming.origin.listening import read_revocations, watch_revocations
from streaming.origin.live.commands import obey_commands
from streaming.origin.live.hub import LiveHub
from streaming.origin.live.means import Ladder, default_means
from streaming.origin.live.metrics import LiveCollector, PullCollector
from streaming.origin.live.pulls import Pulls
from streaming.origin.live.sampling import tell_samples
from streaming.origin.metrics import IngestCollector
from streaming.origin.revoked import Revocations
from streaming.rtmp.certificates import Certificate
from streaming.rtmp.server import RtmpServer
from streaming.rtmp.tls_door import Tls
from streaming.rtmps_conf import RtmpsConf
from streaming.runtime.live_pull import read_pull
from streaming.services.ingest import list_waiting
from streaming.services.live import end_abandoned_streams

logger = structlog.get_logger(__name__)

# Threads that bring segments of live streams into the store.
_STORE_WRITERS = 8


async def run_origin() -> None:
    """Serve until a signal comes. Raises OSError when a port cannot be had, and BadCertificate."""
    set_up_tracing("origin")
    tls = _tls()
    # The same after a restart: what it held before it may take up again.
    lease_owner = f"{socket.gethostname()}:{settings.NOVA_RTMP_PORT}"
    abandoned = await database_sync_to_async(end_abandoned_streams)(at=clock.now(), lease_owner=lease_owner)
    if abandoned:
        logger.warning("live.abandoned_streams_ended", count=abandoned)
    revocations = Revocations()
    # Before anybody is let in: from then on it gets along without a database for a while.
    await read_revocations(revocations)
    ladder = Ladder()
    await database_sync_to_async(ladder.rungs)()
    _allow_many_connections()
    with ThreadPoolExecutor(_STORE_WRITERS, thread_name_prefix="live-writer") as writers:
        hub = LiveHub(default_means(writers, ladder), lease_owner=lease_owner)
        hub.wait_for(await database_sync_to_async(list_waiting)(lease_owner=lease_owner))
        await _serve(hub, revocations, tls)


async def _serve(hub: LiveHub, revocations: Revocations, tls: Tls | None) -> None:
    rtmp = RtmpServer(host=settings.NOVA_HOST, port=settings.NOVA_RTMP_PORT, admit=hub.admit, tls=tls)
    await rtmp.start()
    REGISTRY.register(IngestCollector(rtmp.counters))
    REGISTRY.register(LiveCollector(hub))
    pulls = Pulls(admit=hub.admit, fetch=_fetch, patience_s=settings.NOVA_LIVE_GRACE_S)
    REGISTRY.register(PullCollector(pulls))
    try:
        await _serve_http(hub, revocations, pulls)
    finally:
        await rtmp.close()
        await pulls.close()
        await hub.close()


def _fetch(url: str) -> AsyncGenerator[bytes, None]:
    return read_pull(build_pull_command(url, ffmpeg=settings.NOVA_FFMPEG))


async def _serve_http(hub: LiveHub, revocations: Revocations, pulls: Pulls) -> None:
    """Serve with revocations that are known already, and followed from now on."""
    gate = Gate(playback_keyring(), revocations, settings.NOVA_DELIVERY.cdn_pull_secret)
    media = MediaDelivery(gate=gate, files=default_files(), live=hub)
    servers = settings.NOVA_INGEST_SERVERS
    hooks = HookEndpoint(servers, pulls) if servers else None
    application = with_request_log(build_application(media, hooks))
    config = http_config(application, host=settings.NOVA_HOST, port=settings.NOVA_ORIGIN_PORT)
    http = HttpServer(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, http.handle_exit, number, None)
    redis_url = settings.NOVA_REDIS_URL
    followed = (
        watch_revocations(revocations, redis_url=redis_url),
        obey_commands(hub.end, redis_url=redis_url),
        tell_samples(hub, counts_sessions=settings.NOVA_DELIVERY.mode != "cdn", redis_url=redis_url),
    )
    following = [asyncio.create_task(each) for each in followed]
    for task in following:
        # Rather no origin, which is started again at once, than one that hears of no revocation.
        task.add_done_callback(lambda _: http.handle_exit(signal.SIGTERM, None))
    # To look for garbage among what is there before the first request would hold up all who wait for a part.
    set_loaded_aside()
    try:
        await http.serve(sockets=[listen(config)])
    finally:
        for task in following:
            task.cancel()
        media.close()
    for task in following:
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _tls() -> Tls | None:
    conf: RtmpsConf = settings.NOVA_RTMPS
    return Tls(port=conf.port, certificate=Certificate(conf.files)) if conf.files else None


def _allow_many_connections() -> None:
    """Take as many open files as the process may have: each viewer needs two, and 1024 is a habit of the seventies."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
