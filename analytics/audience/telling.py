"""Tells the rest of the portal how many watch: all who ask, by Redis, and open pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
import redis.asyncio

from analytics.audience.directory import Known
from analytics.counting.figures import PORTAL, Figures
from analytics.events import AudienceSampled, StreamSampled, ViewerCountChanged
from analytics.records import COUNTS, Count
from portal import events
from portal.events import Event
from streaming.ingest_samples import IngestSample
from streaming.stream_health_reading import brief_health, health_json

# The field of the hash that says which second it holds for.
_AT = "at"
# If nobody counts any more, nobody knows how many watch.
_KEPT_S = 10
_STREAM = "stream:"
Samples = Mapping[str, Sequence[IngestSample]]


async def tell_counts(client: redis.asyncio.Redis, counts: Mapping[str, Count], *, second: int) -> None:
    """Let all who ask know how many watch what: what nobody watches is not in it."""
    fields = {name: msgspec.json.encode(count) for name, count in counts.items()}
    async with client.pipeline(transaction=True) as pipeline:
        pipeline.delete(COUNTS)
        pipeline.hset(COUNTS, mapping={**fields, _AT: str(second)})
        pipeline.expire(COUNTS, _KEPT_S)
        await pipeline.execute()


def tell_pages(
    changed: Mapping[str, int],
    figures: Iterable[Figures],
    known: Mapping[str, Known],
    samples: Samples,
    *,
    at: datetime,
) -> None:
    """Tell whoever watches of counts that have changed, of the figures of a second, and how streams do."""
    sampled = sorted(figures, key=lambda each: (each.subject != PORTAL, each.subject))
    healths = {
        each.subject: health_json(subject.stream, samples.get(each.subject, ()), at=at)
        for each in sampled
        if (subject := known.get(each.subject)) is not None and subject.stream is not None
    }
    told: list[Event] = [
        *(_changed(name, viewers, known[name]) for name, viewers in sorted(changed.items()) if name in known),
        *_samples(sampled, known, healths),
    ]
    events.publish_all(told, at=at)


def _changed(subject: str, viewers: int, known: Known) -> ViewerCountChanged:
    return ViewerCountChanged(subject=subject, viewers=viewers, told=known.told, judged_by=known.judged_by)


def _samples(
    sampled: list[Figures], known: Mapping[str, Known], healths: Mapping[str, Mapping[str, Any]]
) -> Iterator[Event]:
    if not sampled:
        return
    second = sampled[0].second
    titles = {name: each.title for name, each in known.items()}
    subjects = ({"subject": each.subject, "title": titles.get(each.subject, ""), **_members(each)} for each in sampled)
    briefs = {name: {"health": brief_health(health)} for name, health in healths.items()}
    yield AudienceSampled(
        at=second, subjects=tuple({**subject, **briefs.get(subject["subject"], {})} for subject in subjects)
    )
    for each in sampled:
        if each.subject.startswith(_STREAM):
            stream = each.subject.removeprefix(_STREAM)
            yield StreamSampled(stream=stream, at=second, metrics=_members(each), health=healths.get(each.subject))


def _members(figures: Figures) -> dict[str, Any]:
    members = asdict(figures)
    del members["subject"], members["second"]
    return {"at": figures.second, **members}
