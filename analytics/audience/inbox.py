"""Reads what players and origins tell, from where they leave it in Redis."""

from typing import Any

import msgspec
import redis.asyncio
import structlog

from analytics.audience.samples import RecentSamples
from analytics.counting.audience import Audience
from analytics.records import LOG as BEACONS
from analytics.records import RECORD, Beacon
from streaming.ingest_samples import LOG as SAMPLES
from streaming.ingest_samples import SAMPLE, IngestSample

# A second of ten thousand players.
_AT_ONCE = 1000

log = structlog.get_logger("nova.audience")
Client = redis.asyncio.Redis


class Inbox:
    """Both logs, each read on from where it was left."""

    def __init__(self, audience: Audience, samples: RecentSamples, *, since_ms: int) -> None:
        self._audience, self._recent = audience, samples
        self._after: dict[Any, Any] = {BEACONS: f"{since_ms}-0", SAMPLES: f"{since_ms}-0"}
        self._beacons = msgspec.msgpack.Decoder(Beacon)
        self._samples = msgspec.msgpack.Decoder(IngestSample)

    async def take(self, client: Client, *, wait_ms: int | None) -> int:
        """Take in what is there, after so long a wait for something to come (None: none); return how much it was."""
        answer: Any = await client.xread(self._after, count=_AT_ONCE, block=wait_ms)
        count = 0
        for name, records in answer or ():
            for _, fields in records:
                self._take_record(name.decode(), fields)
            self._after[name.decode()] = records[-1][0]
            count += len(records)
        return count

    def _take_record(self, name: str, fields: dict[bytes, bytes]) -> None:
        try:
            if name == BEACONS:
                self._audience.fold(self._beacons.decode(fields[RECORD]))
            else:
                sample = self._samples.decode(fields[SAMPLE])
                self._audience.take_sample(sample)
                self._recent.take(sample)
        except (msgspec.DecodeError, KeyError) as error:
            # Of a newer or an older Nova than this one, while both run.
            log.warning("audience.record_unknown", log=name, error=str(error))
