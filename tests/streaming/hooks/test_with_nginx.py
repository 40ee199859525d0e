"""A real encoder publishes to a real nginx, the origin's process fetches the stream, and viewers get it."""

import asyncio
import re
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from portal import clock
from streaming.keys import playback_keyring
from streaming.models import Stream
from streaming.services.stream_keys import IssuedKey, revoke_stream_key
from tests.factories import make_stream_key
from tests.portal.processes import get
from tests.streaming.database import Road
from tests.streaming.hooks.ingest import Ingest, is_missing, prepare, running_ingest
from tests.streaming.origin.live.test_origin_killed import until_stream
from tests.streaming.origin.media import make_token
from tests.streaming.origin.test_process import Origin
from tests.streaming.rtmp.test_ffmpeg import ffmpeg, finish

pytestmark = [
    pytest.mark.ffmpeg,
    pytest.mark.asyncio,
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(is_missing(), reason="nginx has no RTMP module (apt-get install libnginx-mod-rtmp)"),
]


@dataclass
class Place:
    """An nginx, and the origin that it asks."""

    ingest: Ingest
    origin: Origin
    road: Road
    folder: Path

    async def kill_the_origin(self) -> None:
        """Put another one in its place."""
        await asyncio.to_thread(self.origin.kill)
        await asyncio.to_thread(self.origin.stop)
        self.origin = start_origin(self.road, self.folder, self.ingest, NOVA_ORIGIN_PORT=str(self.origin.port))

    def publish(self, secret: str) -> AbstractAsyncContextManager[Process]:
        return ffmpeg(f"{self.ingest.url}/{secret}", seconds=120, is_live=True)

    async def segments_of(self, stream: Stream) -> set[str]:
        """Return the segments that a player is told of."""
        token = make_token(playback_keyring(), package=stream.package_hex)
        address = f"http://127.0.0.1:{self.origin.port}/m/{token}"
        master = (await asyncio.to_thread(get, f"{address}/master.m3u8")).body.decode()
        (track, *_) = re.findall(r"^(v[^/\s]+)/index.m3u8$", master, re.MULTILINE)
        playlist = (await asyncio.to_thread(get, f"{address}/{track}/index.m3u8")).body.decode()
        return set(re.findall(r"^[0-9]+\.m4s$", playlist, re.MULTILINE))


@asynccontextmanager
async def a_place(folder: Path) -> AsyncIterator[Place]:
    ingest = prepare(folder)
    async with Road() as road:
        place = Place(ingest, start_origin(road, folder, ingest), road, folder)
        try:
            await place.origin.answers("/livez", 200)
            with running_ingest(ingest, folder, origin_port=place.origin.port):
                yield place
        finally:
            await asyncio.to_thread(place.origin.stop)


def start_origin(road: Road, folder: Path, ingest: Ingest, **settings: str) -> Origin:
    return Origin(road, folder, settings={"NOVA_INGEST_SERVERS": ingest.setting, **settings})


async def issued_key() -> IssuedKey:
    issued: IssuedKey = await database_sync_to_async(make_stream_key)()
    return issued


async def test_what_is_published_to_nginx_is_shown_by_us(tmp_path: Path) -> None:
    secret = (await issued_key()).secret
    async with a_place(tmp_path) as place:
        async with place.publish(secret):
            stream = await until_stream(lambda stream: stream.playable_at)
            first = await place.segments_of(stream)
            async with asyncio.timeout(30):
                while not await place.segments_of(stream) - first:
                    await asyncio.sleep(0.5)
        lost = await until_stream(lambda stream: stream.interrupted_at)
        assert lost.state == Stream.State.ACTIVE
        async with place.publish(secret):
            again = await until_stream(lambda stream: stream.interrupted_at is None)
        assert again.pk == stream.pk
        assert [line for line in place.origin.events() if line["event"] == "live.hook_unreadable"] == []
        said = "\n".join([*place.origin.output, place.ingest.errors.read_text()])
    assert "live.pull_begun" in said
    assert secret not in said
    assert secret.partition("-")[2] not in said


async def test_a_wrong_key_is_refused(tmp_path: Path) -> None:
    secret = (await issued_key()).secret
    async with a_place(tmp_path) as place:
        async with place.publish(f"{secret[:-1]}{'a' if secret[-1] != 'a' else 'b'}") as process:
            status, _ = await finish(process)
        assert status != 0
        assert place.origin.find(event="live.refused", code="stream-key-unknown")
    assert not await database_sync_to_async(Stream.objects.exists)()


async def test_a_revoked_key_ends_the_stream_at_once_and_sends_the_encoder_away(tmp_path: Path) -> None:
    issued = await issued_key()
    async with a_place(tmp_path) as place, place.publish(issued.secret) as process:
        await until_stream(lambda stream: stream.playable_at)
        await database_sync_to_async(revoke_stream_key)(key_id=issued.key.pk, by=None, at=clock.now())
        at = clock.now()
        await place.origin.happens(lambda: place.origin.find(event="live.pull_ended"))
        assert (clock.now() - at).total_seconds() < 1
        ended = await until_stream(lambda stream: stream.ended_at)
        assert ended.end_reason == Stream.EndReason.KEY_REVOKED
        assert (await finish(process))[0] != 0
    assert await database_sync_to_async(Stream.objects.count)() == 1


async def test_a_stream_goes_on_when_its_origin_was_killed(tmp_path: Path) -> None:
    secret = (await issued_key()).secret
    async with a_place(tmp_path) as place:
        encoder = asyncio.create_task(encode_for_ever(place, secret))
        stream = await until_stream(lambda stream: stream.playable_at)
        await place.kill_the_origin()
        await place.origin.answers("/livez", 200)
        lost = await until_stream(lambda stream: stream.interrupted_at)
        again = await until_stream(lambda stream: stream.interrupted_at is None)
        first = await place.segments_of(again)
        async with asyncio.timeout(30):
            while not await place.segments_of(again) - first:
                await asyncio.sleep(0.5)
        encoder.cancel()
        await asyncio.wait({encoder})
    assert stream.pk == lost.pk == again.pk
    assert await database_sync_to_async(Stream.objects.count)() == 1


async def encode_for_ever(place: Place, secret: str) -> None:
    """Publish as encoders do that people use: when the connection is lost, again."""
    while True:
        async with place.publish(secret) as process:
            await process.wait()
        await asyncio.sleep(0.5)
