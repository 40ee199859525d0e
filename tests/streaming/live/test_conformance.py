"""All checks of the command for servers of live streams, against our own with a real broadcaster and encoder."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from channels.db import database_sync_to_async

from benchmarks.live_conformance import checks_dash, checks_hls, checks_life, checks_requests
from benchmarks.live_conformance.publishing import Broadcaster
from benchmarks.live_conformance.running import Looking, check_stream, checks_of
from streaming.media.live.plan import LivePlan, plan_live
from streaming.media.live.source import SourceFormat
from streaming.models import Stream
from streaming.origin.live.hub import LiveHub
from streaming.origin.live.means import default_means
from streaming.rtmp.server import RtmpServer
from streaming.runtime.segment_store import FolderStore
from tests.factories import make_stream_key
from tests.streaming.media.planning import make_rung
from tests.streaming.origin.media import make_token, origin_of
from tests.streaming.origin.serving import happens, serving

LADDER = (make_rung("180p", 320, 180, 2_000_000), make_rung("90p", 160, 90, 150_000))
# Others work on this machine, too: how fast the origin is, a benchmark tells.
QUICK = Looking(watch_s=13, idle_s=1, slack=8)


def small_plan(source: SourceFormat, *, may_copy: bool) -> LivePlan:
    return plan_live(source=source, levels=LADDER, cores=2, segment_s=Fraction(2), may_copy=may_copy)


def test_every_number_of_the_list_has_its_check() -> None:
    modules = (checks_hls, checks_requests, checks_life, checks_dash)
    numbers = sorted(check.__name__[:3].upper() for module in modules for check in checks_of(module))
    assert numbers == [*(f"D{number:02}" for number in range(1, 15)), *(f"H{number:02}" for number in range(1, 45))]


@pytest.mark.ffmpeg
@pytest.mark.asyncio
@pytest.mark.enable_socket
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("may_copy", [False, True], ids=["encoded", "passed on"])
async def test_our_origin_passes_all_of_them(may_copy: bool, tmp_path: Path) -> None:
    issued = await database_sync_to_async(make_stream_key)()
    with ThreadPoolExecutor(2) as threads:
        plan = partial(small_plan, may_copy=may_copy)
        hub = LiveHub(replace(default_means(threads), store=FolderStore(tmp_path), plan=plan))
        server = RtmpServer(host="127.0.0.1", port=0, admit=hub.admit)
        await server.start()
        broadcaster = Broadcaster(f"rtmp://127.0.0.1:{server.port}/live/{issued.secret}")
        try:
            await broadcaster.begin()
            await happens(lambda: any(stream.broadcast and stream.broadcast.is_playable for stream in hub))
            package = next(iter(hub)).admitted.package_hex
            tokens = [make_token(package=package, session_id=UUID(int=number)) for number in range(1, 5)]
            with origin_of(tmp_path, live=hub) as origin:
                async with serving(origin) as port:
                    url, *others = (f"http://127.0.0.1:{port}/m/{token}/master.m3u8" for token in tokens)
                    verdicts = await check_stream(
                        url, broadcaster=broadcaster, looking=replace(QUICK, others=tuple(others))
                    )
        finally:
            await broadcaster.close()
            await server.close()
            await hub.close()
    row = await database_sync_to_async(Stream.objects.latest)("started_at")
    assert [quality["is_copied"] for quality in row.qualities] == [may_copy, False]
    assert {verdict.number: verdict.fault for verdict in verdicts if verdict.fault} == {}
    assert len({verdict.number for verdict in verdicts}) == 58
