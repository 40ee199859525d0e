"""What sockets of figures begin with, and pages, too: the latest second, and the minutes before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from analytics.pages import sources
from analytics.pages.ranges import HOUR, TimeRange
from portal.audience import stream_subject

WINDOW = timedelta(minutes=5)
# A second is told once it is over, within two more; a page then waits three seconds for the next one.
LATE_AFTER_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalNow:
    """What is watched now.

    Attributes:
        at: the second (since 1970) of `subjects`; None where nothing is being counted. age_s: how long ago it began.
        peak: the most viewers of 24 hours; it may still change where it is not sealed.
        subjects: as in `audience.sampled`.
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
class StreamNow:
    """How one stream is watched now; `metrics` is None where nothing is being counted of it."""

    at: int | None
    age_s: float | None
    is_late: bool
    peak: int
    peak_is_sealed: bool
    metrics: dict[str, Any] | None
    health: Mapping[str, Any] | None
    window: dict[str, Any]


def portal_now(*, at: datetime) -> PortalNow:
    """Read it: six queries, however much is watched."""
    latest, subjects = sources.read_latest(at=at)
    window = sources.read_series(sources.PORTAL, window_until(at))
    peak = _peak(sources.PORTAL, at)
    return PortalNow(at=latest, subjects=subjects, window=window, **_age(latest, at), **peak)


def stream_now(stream_id: UUID, *, at: datetime) -> StreamNow:
    subject = stream_subject(stream_id)
    window = sources.read_series(subject, window_until(at))
    columns = window["series"]
    latest = columns["at"][-1] if columns["at"] else None
    metrics = {name: values[-1] for name, values in columns.items()} if latest else None
    health = sources.read_healths([stream_id]).get(stream_id)
    peak = _peak(subject, at)
    return StreamNow(at=latest, metrics=metrics, health=health, window=window, **_age(latest, at), **peak)


def window_until(at: datetime) -> TimeRange:
    return TimeRange(name=HOUR, begins_at=at - WINDOW, ends_at=at, goes_on=True)


def _peak(subject: str, at: datetime) -> dict[str, Any]:
    peak, is_sealed = sources.read_peak(subject, at=at)
    return {"peak": peak, "peak_is_sealed": is_sealed}


def _age(latest: int | None, at: datetime) -> dict[str, Any]:
    if latest is None:
        return {"age_s": None, "is_late": True}
    age_s = round((at - datetime.fromtimestamp(latest, UTC)).total_seconds(), 3)
    return {"age_s": age_s, "is_late": age_s > LATE_AFTER_S}
