"""Where pages have their figures from: read from the rows as they stand, in the form in which the API answers.

Whatever a page or a socket shows of an audience comes by way of this module, and of no other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet, Sum

from analytics.models import (
    MetricDay,
    MetricHour,
    MetricMinute,
    MetricSecond,
    PlaybackSession,
    RetentionEdge,
    Subject,
)
from analytics.pages.ranges import Resolution, TimeRange
from streaming.past_audiences import PastAudience

PORTAL = "portal"
# A curve of fewer views says more of single persons than of the film.
ENOUGH_VIEWS = 30
_COLUMNS = (
    *("at", "viewers", "viewers_peak", "sessions", "joins", "leaves", "rebuffering", "errors"),
    *("ingress_bps", "egress_bps", "shown_bps", "latency_ms", "qualities", "is_sealed"),
)
_STEP_S: dict[Resolution, int] = {"1s": 1, "1m": 60, "1h": 3600}
# Whatever is older is no latest second: nothing is being counted.
_RECENT = timedelta(minutes=1)
_PEAK_OVER = timedelta(days=1)
_MOST_TITLES, _MOST_SESSIONS = 10, 50
_HEARD_WITHIN, _LONGEST_SESSION = timedelta(seconds=25), timedelta(days=3)
_BUCKETS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """What the views of a movie or a stream came to; `movie` is its slug, None where it is gone, or a stream."""

    title: str
    movie: str | None
    stream: UUID | None
    watch_s: int
    views: int
    viewers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Sessions of a movie by the day on which they began, and what they add up to."""

    rows: tuple[Mapping[str, Any], ...]
    views: int
    viewers: int
    watch_s: float
    startup_ms: float | None
    stall_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How many views, and how many sessions at all, each hundredth of a film had; `views` are those with a picture."""

    views: int
    is_enough: bool
    buckets: tuple[tuple[float, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Viewer experience and its parts, 0 to 100, on the average of `views`; None are parts that nobody knows.

    The sentence says what pulls it down most.
    """

    overall: float
    views: int
    success: float | None = None
    startup: float | None = None
    smoothness: float | None = None
    quality: float | None = None
    sentence: str = ""


def read_series(subject: str, shown: TimeRange) -> dict[str, Any]:
    """Return what was counted of a subject, in columns, with what it comes to."""
    rows = _rows_of(subject, shown)
    series: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in _COLUMNS}
    sealed = [row["at"] for row in rows if row["is_sealed"]]
    return {
        "subject": subject,
        "from": shown.begins_at.isoformat(),
        "to": shown.ends_at.isoformat(),
        "resolution": shown.resolution,
        "sealed_until": max(sealed) + _STEP_S[shown.resolution] if sealed else None,
        "series": series,
        "summary": _summary(rows, _STEP_S[shown.resolution]),
    }


def read_latest(*, at: datetime) -> tuple[int | None, list[dict[str, Any]]]:
    """Return the latest second that was counted, with its figures of every subject, the portal first."""
    recent = MetricSecond.objects.filter(at__gt=at - _RECENT, at__lte=at)
    latest = recent.aggregate(latest=Max("at"))["latest"]
    if latest is None:
        return None, []
    found = MetricSecond.objects.filter(at=latest).select_related("subject").order_by("subject__kind", "-viewers")
    subjects = [{"subject": row.subject.name, "title": row.subject.title, **_second(row)} for row in found]
    subjects.sort(key=lambda row: row["subject"] != PORTAL)
    return int(latest.timestamp()), subjects


def read_peak(subject: str, *, at: datetime) -> tuple[int, bool]:
    """Return the most viewers of a day, and whether that is sealed."""
    sealed = MetricMinute.objects.filter(subject__name=subject, at__gt=at - _PEAK_OVER)
    recent = MetricSecond.objects.filter(subject__name=subject, at__gt=at - timedelta(minutes=5))
    sealed_peak = sealed.aggregate(peak=Max("viewers_peak"))["peak"] or 0
    recent_peak = recent.aggregate(peak=Max("viewers"))["peak"] or 0
    return max(sealed_peak, recent_peak), sealed_peak >= recent_peak


def read_top_titles(shown: TimeRange) -> tuple[Title, ...]:
    """Return what was watched the longest on the days that a time touches, the longest first."""
    rows = MetricDay.objects.filter(**_within(shown)).exclude(subject__name=PORTAL)
    names = ("subject__title", "subject__name", "subject__movie__slug", "subject__stream")
    sums = {"watch": Sum("watch_ms"), "all_views": Sum("views"), "all_viewers": Sum("viewers")}
    return tuple(
        Title(
            title=row["subject__title"] or row["subject__name"],
            movie=row["subject__movie__slug"],
            stream=row["subject__stream"],
            watch_s=row["watch"] // 1000,
            views=row["all_views"],
            viewers=row["all_viewers"],
        )
        for row in rows.values(*names).annotate(**sums).order_by("-watch", "subject__name")[:_MOST_TITLES]
    )


def read_sessions(subject: str, *, at: datetime) -> tuple[PlaybackSession, ...]:
    """Return the players that were heard of lately and have not ended, the latest first."""
    sessions = PlaybackSession.objects.filter(
        subject__name=subject, day__gt=at.date() - _LONGEST_SESSION, ended_at=None, last_seen_at__gt=at - _HEARD_WITHIN
    )
    return tuple(sessions.order_by("-started_at", "session")[:_MOST_SESSIONS])


def read_days(subject: str, shown: TimeRange) -> Days:
    rows = tuple(_days(subject, shown).order_by("day").values())
    plays, watch_ms = sum(row["plays"] for row in rows), sum(row["watch_ms"] for row in rows)
    return Days(
        rows=rows,
        views=sum(row["views"] for row in rows),
        viewers=sum(row["viewers"] for row in rows),
        watch_s=watch_ms / 1000,
        startup_ms=sum(row["startup_ms"] for row in rows) / plays if plays else None,
        stall_share=sum(row["stall_ms"] for row in rows) / watch_ms if watch_ms else None,
    )


def read_retention(subject: str, shown: TimeRange) -> Retention:
    """Return the curve: the running sum of the edges."""
    edges = RetentionEdge.objects.filter(subject__name=subject, **_within(shown))
    by_bucket = {
        row["bucket"]: (row["views"], row["viewers"])
        for row in edges.values("bucket").annotate(views=Sum("views"), viewers=Sum("viewers"))
    }
    curve: list[tuple[float, int, int]] = []
    views = viewers = 0
    for bucket in range(_BUCKETS):
        more_views, more_viewers = by_bucket.get(bucket, (0, 0))
        views, viewers = views + more_views, viewers + more_viewers
        curve.append((bucket / _BUCKETS, views, viewers))
    total = _days(subject, shown).aggregate(total=Sum("plays"))["total"] or 0
    return Retention(views=total, is_enough=total >= ENOUGH_VIEWS, buckets=tuple(curve))


def read_score(subject: str, shown: TimeRange) -> Score | None:
    """Return the score of the views that began in a time; None where none of them has one."""
    told = _days(subject, shown).aggregate(scores=Sum("scores"), scored=Sum("scored"))
    return Score(overall=told["scores"] / told["scored"], views=told["scored"]) if told["scored"] else None


def read_stream_audiences(stream_ids: Collection[UUID]) -> dict[UUID, PastAudience]:
    """Return what became of the audiences of streams; of those that nobody watched, nothing."""
    minutes = MetricMinute.objects.filter(subject__stream__in=stream_ids).values("subject__stream")
    found = minutes.annotate(peak=Max("viewers_peak"), watch_s=Sum("viewers_sum"), counted_s=Sum("seconds"))
    return {
        row["subject__stream"]: PastAudience(
            peak=row["peak"], average=row["watch_s"] / max(1, row["counted_s"]), watch_s=row["watch_s"]
        )
        for row in found
    }


def read_healths(stream_ids: Collection[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """Return what is to be said of what encoders send, as the API answers; nothing of those that nobody judges."""
    return {}


def _table(shown: TimeRange) -> QuerySet[Any]:
    tables = {"1s": MetricSecond, "1m": MetricMinute, "1h": MetricHour}
    return tables[shown.resolution].objects.all()  # type: ignore[attr-defined]  # models have it


def _rows_of(subject: str, shown: TimeRange) -> list[dict[str, Any]]:
    found = Subject.objects.filter(name=subject).first()
    if found is None:
        return []
    rows = _table(shown).filter(subject=found, at__gte=shown.begins_at, at__lt=shown.ends_at).order_by("at")
    return [_second(row) if shown.resolution == "1s" else _span(row) for row in rows]


def _second(row: MetricSecond) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in _COLUMNS if name not in ("at", "viewers_peak")}
    return {**told, "at": int(row.at.timestamp()), "viewers_peak": row.viewers}


def _span(row: Any) -> dict[str, Any]:
    """Return a minute or an hour, its viewers on the average of its seconds."""
    return {
        **{name: getattr(row, name) for name in ("viewers_peak", "joins", "leaves", "errors", "ingress_bps")},
        **{name: getattr(row, name) for name in ("egress_bps", "shown_bps", "latency_ms")},
        "at": int(row.at.timestamp()),
        "viewers": round(row.viewers_sum / row.seconds, 2),
        "sessions": row.sessions_peak,
        "rebuffering": round(row.rebuffering_sum / row.seconds, 2),
        "qualities": row.qualities,
        "is_sealed": True,
    }


def _summary(rows: list[dict[str, Any]], step_s: int) -> dict[str, Any]:
    top = max(rows, key=lambda row: (row["viewers_peak"], row["is_sealed"]), default=None)
    watched = sum(row["viewers"] for row in rows)
    return {
        "peak": top["viewers_peak"] if top else 0,
        "peak_at": top["at"] if top else None,
        "peak_is_sealed": top["is_sealed"] if top else True,
        "average": watched / len(rows) if rows else 0,
        "watch_s": round(watched * step_s),
        "joins": sum(row["joins"] for row in rows),
    }


def _days(subject: str, shown: TimeRange) -> QuerySet[MetricDay]:
    return MetricDay.objects.filter(subject__name=subject, **_within(shown))


def _within(shown: TimeRange) -> dict[str, date]:
    return {
        "day__gte": shown.begins_at.astimezone(UTC).date(),
        "day__lte": (shown.ends_at - timedelta(microseconds=1)).astimezone(UTC).date(),
    }
