"""What the origin tells of its streams each second, through a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django_redis import get_redis_connection
from prometheus_client import REGISTRY

from streaming.ingest_samples import KEPT_S, LOG, SAMPLE, IngestSample
from streaming.origin.live.sampling import Samples, _Teller, tell_samples
from streaming.origin.live.stream import LiveStream
from streaming.rtmp.events import EndReason
from tests.streaming.origin.live import messages
from tests.streaming.origin.live.puppets import Stage, issued_secret, on_stage, send_opening, until

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

NOWHERE = "redis://127.0.0.1:1/0"


def stored() -> list[IngestSample]:
    entries = get_redis_connection("default").xrange(LOG)
    return [msgspec.msgpack.decode(entry[SAMPLE], type=IngestSample) for _, entry in entries]


def lost() -> float:
    return REGISTRY.get_sample_value("nova_live_samples_lost_total") or 0.0


def sample(at_ms: int) -> IngestSample:
    return IngestSample(stream="a", at=at_ms)


@asynccontextmanager
async def told(stage: Stage, redis_url: str | None = None) -> AsyncIterator[None]:
    url = redis_url or settings.NOVA_REDIS_URL
    telling = asyncio.create_task(tell_samples(stage.hub, counts_sessions=True, redis_url=url))
    try:
        yield
    finally:
        telling.cancel()


async def test_a_stream_is_told_of_each_second_until_it_is_over(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage, told(stage):
        publication = await stage.go_on_air(await issued_secret(), seconds=2.5)
        await until(lambda: len(stored()) >= 2)
        first, second = stored()[:2]
        assert first.stream == str(stage.stream.admitted.stream_id)
        assert 900 < second.at - first.at < 1100
        assert second.is_sending
        assert (second.connections, second.runs, second.sessions) == (1, 1, 0)
        assert second.received_bytes > 0
        assert second.nominal_frame_rate == 30.0
        assert second.part_age_ms is not None
        await publication.ended(EndReason.UNPUBLISHED)
        count = len(stored())
        await asyncio.sleep(1.2)
        assert len(stored()) <= count + 1


async def test_what_is_not_known_is_not_made_up(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        await stage.publish(await issued_secret())
        now_s = asyncio.get_running_loop().time()
        told = Samples(counts_sessions=False).of(stage.stream, at_ms=1, now_s=now_s)
        assert told.is_sending
        assert {told.video_bps, told.frame_rate, told.gop_s, told.drift_ms, told.lag_ms, told.sessions} == {None}
        assert {told.encoder_speed, told.behind_ms, told.part_age_ms, told.target_bps} == {None}
        assert (told.received_bytes, told.sent_bytes, told.runs) == (0, 0, 0)


async def test_an_encoder_of_ours_that_falls_behind_is_seen(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        send_opening(publication)
        encoder = await stage.encoder()
        samples, seen = Samples(counts_sessions=True), []
        # Two seconds come for each one that is made.
        for second in range(1, 8):
            for frame in range(60):
                at_ms = 2000 * (second - 1) + 33 * (frame + 1)
                publication.media(messages.picture(at_ms, is_key=frame == 0))
                publication.media(messages.sound(at_ms))
            encoder.make(1.0)
            seen.append(samples.of(stage.stream, at_ms=second, now_s=float(second)))
    assert seen[0].encoder_speed is None
    assert seen[-1].encoder_speed == pytest.approx(0.5, abs=0.1)
    assert seen[-1].behind_ms == pytest.approx(7000, abs=500)
    assert seen[-1].gop_s == pytest.approx(2.0, abs=0.05)


async def test_an_encoder_that_comes_back_is_counted_again(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        secret = await issued_secret()
        publication = await stage.go_on_air(secret, seconds=2.5)
        await publication.ended(EndReason.DISCONNECTED)
        now_s, samples = asyncio.get_running_loop().time(), Samples(counts_sessions=True)
        assert not samples.of(stage.stream, at_ms=1, now_s=now_s).is_sending
        send_opening(await stage.publish(secret))
        await stage.encoder(2)
        again = samples.of(stage.stream, at_ms=2, now_s=now_s + 1)
        assert (again.is_sending, again.connections, again.runs) == (True, 2, 2)


async def test_old_samples_go_and_the_rest_does_with_the_last_stream() -> None:
    redis = get_redis_connection("default")
    pipeline = redis.pipeline()
    for number in range(500):
        pipeline.xadd(LOG, {SAMPLE: b"old"}, id=f"{1000 + number}-0")
    pipeline.execute()
    teller = _Teller(settings.NOVA_REDIS_URL)
    await teller.tell([sample(0)], at_ms=2_000_000_000_000)
    await teller.close()
    # The trimming is an approximate one, by whole nodes of a hundred.
    assert redis.xlen(LOG) <= 101
    assert 0 < redis.ttl(LOG) <= KEPT_S


async def test_redis_that_is_away_is_counted_said_once_and_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    before = lost()
    teller = _Teller(NOWHERE)
    async with asyncio.timeout(5):
        await teller.tell([sample(1), sample(2)], at_ms=1)
        await teller.tell([sample(3)], at_ms=2)
        await teller.tell([], at_ms=3)
    await teller.close()
    assert lost() == before + 3
    assert sum("live.samples_lost" in str(record.msg) for record in caplog.records) == 1


class Stumbling(list[LiveStream]):
    """Streams that cannot be gone through the first time."""

    times = 0

    def __iter__(self) -> Iterator[LiveStream]:
        self.times += 1
        if self.times == 1:
            raise RuntimeError("once")
        return super().__iter__()


async def test_a_second_that_cannot_be_told_is_not_the_last_one(caplog: pytest.LogCaptureFixture) -> None:
    streams: Any = Stumbling()
    telling = asyncio.create_task(tell_samples(streams, counts_sessions=False, redis_url=settings.NOVA_REDIS_URL))
    async with asyncio.timeout(10):
        while streams.times < 2:
            await asyncio.sleep(0.05)
    assert not telling.done()
    telling.cancel()
    assert sum("live.sampling_failed" in str(record.msg) for record in caplog.records) == 1


async def test_how_late_key_frames_come_is_told_to_prometheus(tmp_path: Path) -> None:
    name = "nova_streaming_rtmp_ingestion_latency_seconds_count"
    before = REGISTRY.get_sample_value(name) or 0.0
    async with on_stage(tmp_path) as stage, told(stage):
        await stage.go_on_air(await issued_secret(), seconds=0.5)
        await until(lambda: (REGISTRY.get_sample_value(name) or 0.0) == before + 1)
