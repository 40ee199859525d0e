"""Figures as those who count leave them; every value can be overridden."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from analytics import partitions
from analytics.models import (
    MetricDay,
    MetricHour,
    MetricMinute,
    MetricSecond,
    PlaybackSession,
    RetentionEdge,
    Subject,
)
from analytics.models.playback_session import day_of
from catalog.models import Movie
from portal.audience import movie_subject, stream_subject
from portal.ids import uuid7
from streaming.models import Stream

_KINDS = {"portal": Subject.Kind.PORTAL, "movie": Subject.Kind.MOVIE, "stream": Subject.Kind.STREAM}


def make_subject(of: Movie | Stream | str = "portal", **overrides: Any) -> Subject:
    """Make what figures are of: the portal, a movie, a stream, or one of this name that is gone."""
    values: dict[str, Any] = {"name": of}
    if isinstance(of, Movie):
        values = {"name": movie_subject(of.pk), "movie": of, "title": of.title}
    elif isinstance(of, Stream):
        values = {"name": stream_subject(of.pk), "stream": of, "title": of.channel.title}
    kind = _KINDS[values["name"].partition(":")[0]]
    return Subject.objects.create(**{"kind": kind, **values, **overrides})


def make_seconds(
    subject: Subject, start: datetime, viewers: Iterable[int | None], *, sealed: bool = True, **overrides: Any
) -> None:
    """Make a row a second from `start` on; None leaves a gap."""
    rows = [
        MetricSecond(
            subject=subject,
            at=start + timedelta(seconds=number),
            is_sealed=sealed,
            **{"viewers": count, "sessions": count, "egress_bps": 1000 * count, **overrides},
        )
        for number, count in enumerate(viewers)
        if count is not None
    ]
    _make_room([row.at for row in rows])
    MetricSecond.objects.bulk_create(rows)


def make_minutes(subject: Subject, start: datetime, viewers: Sequence[int], **overrides: Any) -> None:
    """Make a row a minute, in all of whose seconds so many watched."""
    _make_spans(MetricMinute, subject, start, viewers, timedelta(minutes=1), overrides)


def make_hours(subject: Subject, start: datetime, viewers: Sequence[int], **overrides: Any) -> None:
    _make_spans(MetricHour, subject, start, viewers, timedelta(hours=1), overrides)


def make_day(subject: Subject, day: date, **overrides: Any) -> MetricDay:
    """Make a day of ten plays of a minute each by eight people."""
    values = {"views": 10, "viewers": 8, "plays": 10, "startup_ms": 5000, "watch_ms": 600_000}
    return MetricDay.objects.create(subject=subject, day=day, **{**values, **overrides})


def make_session(subject: Subject, *, at: datetime, **overrides: Any) -> PlaybackSession:
    """Make a session that plays at `at`, and began a minute before."""
    started_at = overrides.pop("started_at", at - timedelta(minutes=1))
    key = uuid7(started_at)
    _make_room([started_at])
    values = {
        "session": key,
        "day": day_of(key),
        "subject": subject,
        "viewer_key": uuid.uuid4(),
        "started_at": started_at,
        "last_seen_at": at,
        "state": "p",
        "first_frame_ms": 400,
        "watch_ms": 59_000,
        "quality": "1080p",
        "device": "phone",
        "country": "TH",
    }
    return PlaybackSession.objects.create(**{**values, **overrides})


def make_edges(subject: Subject, day: date, sections: Iterable[tuple[int, int]]) -> None:
    """Add up sections, from one hundredth to another that is not of it, one session each."""
    for first, end in sections:
        for bucket, step in ((first, 1), (end, -1)):
            edge, _created = RetentionEdge.objects.get_or_create(subject=subject, day=day, bucket=bucket)
            RetentionEdge.objects.filter(pk=edge.pk).update(views=edge.views + step, viewers=edge.viewers + step)


def _make_spans(
    model: Any, subject: Subject, start: datetime, viewers: Sequence[int], span: timedelta, overrides: dict[str, Any]
) -> None:
    seconds = int(span.total_seconds())
    rows = [
        model(
            subject=subject,
            at=start + number * span,
            **{
                "seconds": seconds,
                "viewers_sum": count * seconds,
                "viewers_peak": count,
                "sessions_peak": count,
                "joins": 0,
                "leaves": 0,
                "rebuffering_sum": 0,
                "errors": 0,
                "egress_bps": 1000 * count,
                **overrides,
            },
        )
        for number, count in enumerate(viewers)
    ]
    _make_room([row.at for row in rows])
    model.objects.bulk_create(rows)


def _make_room(moments: Sequence[datetime]) -> None:
    if moments:
        partitions.make_partitions(min(moments), max(moments))
