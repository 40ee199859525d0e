"""The health of a stream, as the API, open pages and dashboards are told."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from django_redis import get_redis_connection

from streaming.ingest_samples import LOG, SAMPLE, IngestSample
from streaming.models import Stream
from streaming.stream_health import LATELY_MS, STEADY_MS, Finding, Health, StreamFacts, judge
from streaming.stream_health_words import advice_on, format_quantity

# The log holds all streams: of the minutes before, one slice says how often encoders had connected by then.
_SLICE_MS = 3_000
_MILLI = 1000
_decoder = msgspec.msgpack.Decoder(IngestSample)


def read_health(stream: Stream, *, at: datetime) -> dict[str, Any]:
    """Return the health of a stream as JSON has it, in the language that is active. Asks Redis."""
    return read_healths((stream,), at=at)[stream.pk]


def read_healths(streams: Collection[Stream], *, at: datetime) -> dict[UUID, dict[str, Any]]:
    """Return the same of each; Redis is asked once, however many they are."""
    samples = read_samples(at=at) if streams else {}
    return {stream.pk: health_json(stream, samples.get(str(stream.pk), ()), at=at) for stream in streams}


def health_json(stream: Stream, samples: Sequence[IngestSample], *, at: datetime) -> dict[str, Any]:
    """Return the same by samples that are there already: those of the last five minutes, the oldest first."""
    health = judge(samples, _facts_of(stream), at_ms=_ms(at))
    return {
        "verdict": health.verdict.value,
        "at": _told_at(health),
        "findings": [_finding_json(finding) for finding in health.findings],
        "ingest": _sample_json(health.sample) if health.sample else None,
    }


def brief_health(health: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list of streams has room for: the verdict, and the codes of its reasons."""
    return {"verdict": health["verdict"], "findings": [finding["code"] for finding in health["findings"]]}


def read_samples(*, at: datetime) -> Mapping[str, Sequence[IngestSample]]:
    """Return samples by stream: those of five minutes ago, and of the last seconds."""
    now_ms = _ms(at)
    before_ms, lately_ms = now_ms - LATELY_MS, now_ms - 2 * STEADY_MS
    with get_redis_connection("default").pipeline(transaction=False) as pipeline:
        pipeline.xrange(LOG, before_ms, before_ms + _SLICE_MS)
        pipeline.xrange(LOG, lately_ms, "+")
        slices = pipeline.execute()
    samples: dict[str, list[IngestSample]] = defaultdict(list)
    for _, entry in chain.from_iterable(slices):
        sample = _decoder.decode(entry[SAMPLE])
        samples[sample.stream].append(sample)
    return samples


def _facts_of(stream: Stream) -> StreamFacts:
    return StreamFacts(
        is_live=stream.is_live,
        started_ms=_ms(stream.started_at),
        height_px=stream.height_px,
        notes=tuple(stream.warnings),
    )


def _finding_json(finding: Finding) -> dict[str, str | None]:
    words = advice_on(finding.code)
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "title": str(words.title),
        "advice": str(words.advice),
        "measured": format_quantity(finding.measured) if finding.measured else None,
        "expected": format_quantity(finding.expected) if finding.expected else None,
    }


def _sample_json(sample: IngestSample) -> dict[str, Any]:
    members = {name: getattr(sample, name) for name in sample.__struct_fields__ if name not in ("stream", "at")}
    return {"at": _moment(sample.at), **members}


def _told_at(health: Health) -> str | None:
    return _moment(health.sample.at) if health.sample else None


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / _MILLI, UTC).isoformat().replace("+00:00", "Z")


def _ms(at: datetime) -> int:
    return round(at.timestamp() * _MILLI)
