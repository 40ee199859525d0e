"""What Prometheus is shown by an origin at work: each figure is made to change, and scraped."""

import asyncio
import http.client
import signal
import socket
import time
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import pytest
from channels.db import database_sync_to_async
from prometheus_client.parser import text_string_to_metric_families

from portal import clock
from streaming.keys import playback_keyring
from streaming.models import Stream
from streaming.rtmp.limits import ServerLimits
from streaming.services.revocations import revoke_movie
from tests.factories import make_stream_key
from tests.portal.processes import get
from tests.streaming.origin.live.test_origin_killed import TWO_SECONDS, until_stream
from tests.streaming.origin.media import PLAYLIST, make_token
from tests.streaming.origin.test_process import LARGE, PATIENCE_S, Origin, address, running_origin
from tests.streaming.rtmp.test_ffmpeg import ffmpeg

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True), pytest.mark.enable_socket]


class Scraped:
    """The figures of an origin, as Prometheus would read them now."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        self._url = f"http://127.0.0.1:{origin.port}/metrics"

    def figure(self, name: str, **labels: str) -> float:
        """Return the sum of the samples with these labels; 0 if there is none."""
        families = text_string_to_metric_families(get(self._url).body.decode())
        samples = (sample for family in families for sample in family.samples if sample.name == name)
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    async def says(self, name: str, value: float, **labels: str) -> None:
        await self._origin.happens(lambda: self.figure(name, **labels) == value)

    async def exceeds(self, name: str, value: float, **labels: str) -> None:
        await self._origin.happens(lambda: self.figure(name, **labels) > value)


async def test_media_and_what_becomes_of_their_answers(tmp_path: Path) -> None:
    async with running_origin(tmp_path) as (origin, _):
        scraped = Scraped(origin)
        await origin.answers(address(1), 200)
        # It was asked for until it was there.
        asked = scraped.figure("nova_origin_media_requests_total", kind="playlist", status="200")
        assert asked >= 1
        assert scraped.figure("nova_origin_media_sent_bytes_total", kind="playlist") == asked * len(PLAYLIST)
        assert scraped.figure("nova_origin_media_first_byte_seconds_count", kind="playlist") == asked
        with closing(http.client.HTTPConnection("127.0.0.1", origin.port, timeout=PATIENCE_S)) as connection:
            await asyncio.to_thread(connection.request, "GET", address(1, "v/1.m4s"))
            await asyncio.to_thread(connection.getresponse)
            await scraped.says("nova_origin_media_open_answers", 1)
        await scraped.says("nova_origin_media_open_answers", 0)
        await scraped.says("nova_origin_media_broken_off_total", 1, kind="segment")
        assert 0 < scraped.figure("nova_origin_media_sent_bytes_total", kind="segment") < LARGE


async def test_the_process_itself(tmp_path: Path) -> None:
    before = time.time()
    async with running_origin(tmp_path) as (origin, _):
        scraped = Scraped(origin)
        # The kernel counts in hundredths of a second since it was started.
        assert before - 1 <= scraped.figure("process_start_time_seconds") <= time.time() + 1
        process = psutil.Process(origin.pid)
        assert scraped.figure("process_resident_memory_bytes") == pytest.approx(process.memory_info().rss, rel=0.1)
        await scraped.exceeds("process_cpu_seconds_total", scraped.figure("process_cpu_seconds_total"))


async def test_revocations_and_when_they_were_read(tmp_path: Path) -> None:
    async with running_origin(tmp_path) as (origin, _):
        scraped = Scraped(origin)
        name = "nova_origin_revocations_read_timestamp_seconds"
        await scraped.exceeds(name, clock.now().timestamp() - 60)
        read_at = scraped.figure(name)
        assert scraped.figure("nova_origin_revocations") == 0
        await database_sync_to_async(revoke_movie)(1, at=clock.now())
        await scraped.says("nova_origin_revocations", 1)
        await scraped.exceeds(name, read_at)


async def test_encoders_that_are_too_many(tmp_path: Path) -> None:
    async with running_origin(tmp_path) as (origin, _):
        scraped = Scraped(origin)
        room = ServerLimits().max_connections_per_address
        files = scraped.figure("process_open_fds")
        with ExitStack() as connections:
            for _ in range(room + 1):
                connections.enter_context(socket.create_connection(("127.0.0.1", origin.rtmp_port)))
            await scraped.says("nova_origin_rtmp_connections", room)
            await scraped.says("nova_origin_rtmp_turned_away_total", 1)
            assert scraped.figure("process_open_fds") >= files + room - 1
        await scraped.says("nova_origin_rtmp_connections", 0)


@pytest.mark.ffmpeg
async def test_a_broadcast_until_its_encoder_is_gone(tmp_path: Path) -> None:
    secret: str = (await database_sync_to_async(make_stream_key)()).secret
    async with running_origin(tmp_path) as (origin, _):
        scraped = Scraped(origin)
        url = f"rtmp://127.0.0.1:{origin.rtmp_port}/live/{secret}"
        async with ffmpeg(url, seconds=120, is_live=True, codecs=TWO_SECONDS) as encoder:
            stream = await until_stream(lambda stream: stream.playable_at)
            await scraped.says("nova_origin_rtmp_connections", 1)
            await scraped.says("nova_origin_rtmp_publishers", 1)
            await scraped.says("nova_live_streams", 1)
            await scraped.says("nova_live_playable_streams", 1)
            await scraped.exceeds("nova_origin_rtmp_received_bytes_total", 10_000)
            await scraped.exceeds("nova_streaming_rtmp_ingestion_latency_seconds_count", 1)
            await scraped.exceeds("nova_streaming_hls_segment_generation_seconds_count", 0)
            # It stops in the middle: nothing is listed any more, and who asks for the next part waits.
            encoder.send_signal(signal.SIGSTOP)
            await scraped.exceeds("nova_live_stalest_part_seconds", 2)
            waiting = asyncio.create_task(asyncio.to_thread(get, origin_url(origin, stream)))
            await scraped.says("nova_live_waiting_requests", 1)
            encoder.send_signal(signal.SIGCONT)
            assert (await waiting).status == 200
            await scraped.says("nova_live_waiting_requests", 0)
            await origin.happens(lambda: scraped.figure("nova_live_stalest_part_seconds") < 2)
        await scraped.says("nova_origin_rtmp_publishers", 0)
        # It waits for its encoder, and would for some time.
        assert scraped.figure("nova_live_streams") == 1


def origin_url(origin: Origin, stream: Stream) -> str:
    """Return the address of the playlist with the part after the last one that is listed now."""
    token = make_token(playback_keyring(), subject=f"channel:{stream.channel_id}", package=stream.package_hex)
    base = f"http://127.0.0.1:{origin.port}/m/{token}"
    master = get(f"{base}/master.m3u8").body.decode().splitlines()
    playlist = f"{base}/{next(line for line in master if line.endswith('.m3u8') and not line.startswith('#'))}"
    listed = get(playlist).body.decode().splitlines()
    first = int(next(line for line in listed if line.startswith("#EXT-X-MEDIA-SEQUENCE")).partition(":")[2])
    segments = sum(line.startswith("#EXTINF") for line in listed)
    last = max(index for index, line in enumerate(listed) if line.startswith("#EXTINF"))
    parts = sum(line.startswith("#EXT-X-PART:") for line in listed[last:])
    return f"{playlist}?_HLS_msn={first + segments}&_HLS_part={parts}"
