"""Tells once a second what the origin sees of each live stream: to those who draw it, and judge it.

Media never waits for it: figures are read where they lie, and what Redis does not take at once is lost.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

import msgspec
import redis.asyncio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from portal import clock
from streaming.ingest_samples import KEPT_S, LOG, SAMPLE, IngestSample
from streaming.origin.live.encoding import Encoding
from streaming.origin.live.hub import LiveHub
from streaming.origin.live.stream import LiveStream
from streaming.stream_metrics import RTMP_INGESTION_LATENCY_S, SAMPLES_LOST

log = structlog.get_logger("nova.live")

_EVERY_S = 1.0
# A second is over when the next one is to be told.
_WITHIN_S = 0.9
# Our encoder brings out parts of a third of a second: over five seconds that is no more than a twentieth.
_SPEED_OVER = 5
_LEAST_FED_S = 2.0
_MILLI = 1000


class _Progress(NamedTuple):
    fed_s: float
    made_s: float


class Samples:
    """Makes the samples of an origin, one of each stream that is not over."""

    def __init__(self, *, counts_sessions: bool) -> None:
        """`counts_sessions`: players, or an edge for each of them, ask this origin, and no CDN that asks nobody."""
        self._counts_sessions = counts_sessions
        self._progress: WeakKeyDictionary[Encoding, deque[_Progress]] = WeakKeyDictionary()

    def of(self, stream: LiveStream, *, at_ms: int, now_s: float) -> IngestSample:
        """Return the sample of a moment; `now_s` is that moment by the clock of the event loop."""
        figures = stream.intake.figures(now_s)
        broadcast, run = stream.broadcast, stream.run
        age_s = broadcast.part_age_s if broadcast is not None else None
        sessions = broadcast.onlookers.count(at_s=now_s) if broadcast is not None else 0
        return IngestSample(
            stream=str(stream.admitted.stream_id),
            at=at_ms,
            received_bytes=figures.received_bytes,
            sent_bytes=broadcast.sent_bytes if broadcast is not None else 0,
            is_sending=not stream.is_over and not stream.can_be_taken_up,
            video_bps=figures.video_bps,
            audio_bps=figures.audio_bps,
            target_bps=figures.target_bps,
            frame_rate=figures.frame_rate,
            nominal_frame_rate=figures.nominal_frame_rate,
            gop_s=figures.gop_s,
            drift_ms=figures.drift_ms,
            lag_ms=figures.lag_ms,
            encoder_speed=self._speed(run) if run is not None and run.is_encoding else None,
            behind_ms=round(_MILLI * run.behind_s) if run is not None else None,
            part_age_ms=round(_MILLI * age_s) if age_s is not None else None,
            runs=stream.runs,
            connections=figures.connections,
            sessions=sessions if self._counts_sessions else None,
        )

    def _speed(self, run: Encoding) -> float | None:
        """Return how much came out for each second that went in, lately; None while too little has."""
        progress = self._progress.setdefault(run, deque(maxlen=_SPEED_OVER + 1))
        progress.append(_Progress(run.made_s + run.behind_s, run.made_s))
        fed_s = progress[-1].fed_s - progress[0].fed_s
        return round((progress[-1].made_s - progress[0].made_s) / fed_s, 3) if fed_s >= _LEAST_FED_S else None


async def tell_samples(hub: LiveHub, *, counts_sessions: bool, redis_url: str) -> None:
    """Tell of all streams of a hub, each second until this is cancelled, through outages of Redis."""
    samples, teller = Samples(counts_sessions=counts_sessions), _Teller(redis_url)
    time = asyncio.get_running_loop().time
    try:
        while True:
            # At full seconds, whatever telling them has taken.
            await asyncio.sleep(_EVERY_S - clock.now().timestamp() % _EVERY_S)
            at_ms, now_s = round(clock.now().timestamp() * _MILLI), time()
            try:
                streams = [stream for stream in hub if not stream.is_over]
                _observe(streams)
                await teller.tell([samples.of(stream, at_ms=at_ms, now_s=now_s) for stream in streams], at_ms=at_ms)
            except Exception:
                # The border of what is only told: streams go on without it, and the next second is told again.
                log.exception("live.sampling_failed")
    finally:
        await teller.close()


def _observe(streams: Iterable[LiveStream]) -> None:
    for stream in streams:
        for latency_s in stream.intake.take_latencies():
            RTMP_INGESTION_LATENCY_S.observe(latency_s)


class _Teller:
    """Writes samples to Redis; what it does not take is counted, and said once for each outage."""

    def __init__(self, redis_url: str) -> None:
        # It does not try again: the next second has a sample of its own.
        self._client = redis.asyncio.from_url(
            redis_url, socket_connect_timeout=_WITHIN_S, socket_timeout=_WITHIN_S, retry=Retry(NoBackoff(), 0)
        )
        self._is_away = False

    async def tell(self, samples: Iterable[IngestSample], *, at_ms: int) -> None:
        lines = [msgspec.msgpack.encode(sample) for sample in samples]
        if not lines:
            return
        try:
            async with asyncio.timeout(_WITHIN_S):
                await self._write(lines, at_ms)
        except (RedisError, TimeoutError):
            SAMPLES_LOST.inc(len(lines))
            if not self._is_away:
                self._is_away = True
                log.warning("live.samples_lost")
        else:
            self._is_away = False

    async def _write(self, lines: list[bytes], at_ms: int) -> None:
        oldest_ms = at_ms - KEPT_S * _MILLI
        async with self._client.pipeline(transaction=False) as pipeline:
            for line in lines:
                # About so many: to the last one would cost Redis more than it spares.
                pipeline.xadd(LOG, {SAMPLE: line}, minid=oldest_ms, approximate=True)
            # With the last stream its samples go too.
            pipeline.expire(LOG, KEPT_S)
            await pipeline.execute()

    async def close(self) -> None:
        await self._client.aclose()
