"""The origin is killed in the middle of a stream: the encoder comes back to the next one, and nothing is lost."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from streaming.models import Package, Stream
from tests.factories import make_stream_key
from tests.streaming.database import Road
from tests.streaming.media.conformance import check_package
from tests.streaming.origin.test_process import Origin
from tests.streaming.rtmp.test_ffmpeg import CODECS, ffmpeg

pytestmark = [
    pytest.mark.ffmpeg,
    pytest.mark.asyncio,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
]

PATIENCE_S = 60.0
# From one key frame to the next, so that segments of what is passed on are as long; with few enough bits for that.
TWO_SECONDS = [*CODECS, "-g", "60", "-b:v", "300k", "-maxrate", "300k", "-bufsize", "150k"]


async def until_stream(holds: Callable[[Stream], object]) -> Stream:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            stream: Stream | None = await database_sync_to_async(Stream.objects.first)()
            if stream is not None and holds(stream):
                return stream
            await asyncio.sleep(0.1)


async def test_a_stream_goes_on_when_its_origin_was_killed(tmp_path: Path) -> None:
    secret: str = (await database_sync_to_async(make_stream_key)()).secret
    async with Road() as road:
        first = Origin(road, tmp_path)
        try:
            await first.answers("/livez", 200)
            url = f"rtmp://127.0.0.1:{first.rtmp_port}/live/{secret}"
            async with ffmpeg(url, seconds=60, is_live=True, codecs=TWO_SECONDS):
                stream = await until_stream(lambda stream: stream.playable_at)
                folder = tmp_path / "media/packages" / stream.package_hex
                await first.happens(lambda: next(folder.glob("v-*/3.m4s"), None))
                await asyncio.to_thread(first.kill)
        finally:
            await asyncio.to_thread(first.stop)
        second = Origin(road, tmp_path, rtmp_port=first.rtmp_port)
        try:
            await second.answers("/livez", 200)
            assert (await until_stream(lambda stream: stream.interrupted_at)).state == Stream.State.ACTIVE
            before = len(list(folder.glob("v-*/*.m4s")))
            async with ffmpeg(url, seconds=5, is_live=True, codecs=TWO_SECONDS) as process:
                await until_stream(lambda stream: stream.interrupted_at is None)
                await asyncio.wait_for(process.wait(), PATIENCE_S)
            ended = await until_stream(lambda stream: stream.recording_id)
        finally:
            await asyncio.to_thread(second.stop)
    assert (ended.pk, ended.end_reason) == (stream.pk, Stream.EndReason.UNPUBLISHED)
    package = await database_sync_to_async(Package.objects.get)()
    assert package.duration_s > 2 * before + 4
    assert len(list(folder.glob("v-*/*.m4s"))) >= before + 2
    check_package(folder)
