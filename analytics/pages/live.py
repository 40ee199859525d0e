"""What sockets of figures begin with, and pages, too: the latest second, and the minutes before it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from analytics.api.figures import series_json
from analytics.counting.figures import PORTAL
from analytics.reading.latest import read_latest, read_latest_second, read_peak
from analytics.reading.periods import Period
from analytics.reading.series import read_series
from catalog.models import Movie
from portal.audience import movie_subject, stream_subject
from portal.outages import REDIS_OUTAGES
from streaming.models import Stream
from streaming.stream_health_reading import brief_health, read_healths

# By the id of their stream, as the API answers them.
Healths = Mapping[UUID, Mapping[str, Any]]

WINDOW = timedelta(minutes=5)
# A second is told once it is over, within two more; a page then waits three seconds for the next one.
LATE_AFTER_S = 5
_MOST_STREAMS = 100
# Of a movie that nobody watches there is no second.
_NOBODY = {"viewers": 0, "sessions": 0, "egress_bps": 0, "rebuffering": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalNow:
    """What is watched now.

    Attributes:
        at: the second (since 1970) of `subjects`; None where nothing is being counted. age_s: how long ago it began.
        peak: the most viewers of 24 hours; it may still change where it is not sealed.
        subjects: as in `audience.sampled`, those that are live with the verdict on what their encoder sends.
        window: the portal's last minutes, in columns as in the API.
    """

    at: int | None
    age_s: float | None
    is_late: bool
    peak: int
    peak_is_sealed: bool
    subjects: list[dict[str, Any]]
    window: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectNow:
    """How one movie or stream is watched now; `metrics` is None where nothing is being counted of it."""

    at: int | None
    age_s: float | None
    is_late: bool
    peak: int
    peak_is_sealed: bool
    metrics: dict[str, Any] | None
    window: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamNow(SubjectNow):
    """How one stream is watched now, and how well its encoder does."""

    health: Mapping[str, Any] | None


def live_streams() -> tuple[Stream, ...]:
    """Read what is on air, what began last first."""
    return tuple(Stream.objects.live().select_related("channel").order_by("-started_at")[:_MOST_STREAMS])


def healths_of(streams: Collection[Stream], *, at: datetime) -> Healths:
    """Read the health of each, in the language that is active; of none while Redis, where it stands, is away."""
    try:
        return read_healths(streams, at=at)
    except REDIS_OUTAGES:
        return {}


def portal_now(healths: Healths, *, at: datetime) -> PortalNow:
    """Read it: seven queries, however much is watched."""
    latest, subjects = read_latest(at=at)
    told = {stream_subject(stream_id): brief_health(health) for stream_id, health in healths.items()}
    for row in subjects:
        if row["subject"] in told:
            row["health"] = told[row["subject"]]
    return PortalNow(at=latest, subjects=subjects, **_before(PORTAL, at), **_age(latest, at))


def stream_now(stream: Stream, *, at: datetime) -> StreamNow:
    """Read it: five queries."""
    before = _before(stream_subject(stream.pk), at)
    latest, metrics = _last_of(before)
    health = healths_of((stream,), at=at).get(stream.pk)
    return StreamNow(at=latest, metrics=metrics, health=health, **before, **_age(latest, at))


def movie_now(movie: Movie, *, at: datetime) -> SubjectNow:
    """Read it: six queries. Where others are watched, and this is not, nobody watches it."""
    counted = read_latest_second(at=at)
    before = _before(movie_subject(movie.pk), at)
    if counted is None:
        return SubjectNow(at=None, metrics=None, **before, **_age(None, at))
    second = int(counted.timestamp())
    latest, metrics = _last_of(before)
    if latest is None or latest < second:
        latest, metrics = second, _NOBODY
    return SubjectNow(at=latest, metrics=metrics, **before, **_age(latest, at))


def _last_of(before: Mapping[str, Any]) -> tuple[int | None, dict[str, Any] | None]:
    columns = before["window"]["series"]
    if not columns["at"]:
        return None, None
    return columns["at"][-1], {name: values[-1] for name, values in columns.items()}


def _before(subject: str, at: datetime) -> dict[str, Any]:
    window = read_series(subject, Period(starts_at=at - WINDOW, ends_at=at), at=at)
    peak = read_peak(subject, at=at)
    return {"window": series_json(window), "peak": peak.viewers, "peak_is_sealed": peak.is_sealed}


def _age(latest: int | None, at: datetime) -> dict[str, Any]:
    if latest is None:
        return {"age_s": None, "is_late": True}
    age_s = round((at - datetime.fromtimestamp(latest, UTC)).total_seconds(), 3)
    return {"age_s": age_s, "is_late": age_s > LATE_AFTER_S}
