"""A real FFmpeg publishes, another one encodes, and what viewers are given is played back."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from streaming.media.live.plan import LivePlan
from streaming.media.live.source import SourceFormat
from streaming.models import Package, Stream
from streaming.origin.live.hub import LiveHub
from streaming.origin.live.means import default_means
from streaming.rtmp.server import RtmpServer
from streaming.runtime.segment_store import FolderStore
from tests.factories import make_stream_key
from tests.streaming.origin.media import ask, make_token, origin_of
from tests.streaming.origin.serving import happens
from tests.streaming.rtmp.test_ffmpeg import ffmpeg

pytestmark = [
    pytest.mark.ffmpeg,
    pytest.mark.asyncio,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
]


@asynccontextmanager
async def live_origin(
    root: Path, plan: Callable[[SourceFormat], LivePlan] | None = None
) -> AsyncIterator[tuple[LiveHub, RtmpServer]]:
    with ThreadPoolExecutor(2) as threads:
        means = replace(default_means(threads), store=FolderStore(root))
        hub = LiveHub(replace(means, plan=plan or means.plan))
        server = RtmpServer(host="127.0.0.1", port=0, admit=hub.admit)
        await server.start()
        try:
            yield hub, server
        finally:
            await server.close()
            await hub.close()


async def the_stream() -> Stream | None:
    stream: Stream | None = await database_sync_to_async(Stream.objects.first)()
    return stream


async def test_what_is_published_is_shown_and_becomes_a_recording(tmp_path: Path) -> None:
    issued = await database_sync_to_async(make_stream_key)()
    async with live_origin(tmp_path) as (hub, server):
        url = f"rtmp://127.0.0.1:{server.port}/live/{issued.secret}"
        async with ffmpeg(url, seconds=6, is_live=True):
            await happens(lambda: any(s.broadcast and s.broadcast.is_playable for s in hub))
            package = next(iter(hub)).admitted.package_hex
            with origin_of(tmp_path, live=hub) as origin:
                master = await ask(origin, f"/m/{make_token(package=package)}/master.m3u8")
                assert master.status == 200
                assert b"320x180" in master.body
            row = await the_stream()
            assert row is not None
            assert row.state == Stream.State.ACTIVE
            await happens(lambda: next(iter(hub)).is_over)
        await next(iter(hub)).close()
        row = await the_stream()
        assert row is not None
        assert (row.state, row.end_reason) == (Stream.State.ENDED, Stream.EndReason.UNPUBLISHED)
        assert row.playable_at is not None
        recorded = await database_sync_to_async(Package.objects.get)()
        assert 5.5 < recorded.duration_s < 6.6
        assert (tmp_path / recorded.path / "master.m3u8").exists()
