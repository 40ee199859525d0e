"""The line of one subject: who watched it, second by second, minute by minute or hour by hour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model

from analytics import partitions
from analytics.models import MetricHour, MetricMinute, MetricSecond, Subject
from analytics.reading.periods import MOST_POINTS, Period, Resolution, choose_resolution, floor, require_room
from analytics.reading.points import Point, fold

# By then minutes and hours are counted from sealed seconds; what is younger is put together here from seconds.
COUNTED_AFTER = timedelta(minutes=5)
_COARSER = {Resolution.SECOND: Resolution.MINUTE, Resolution.MINUTE: Resolution.HOUR}
_KEPT_IN = {Resolution.SECOND: partitions.SECONDS, Resolution.MINUTE: partitions.MINUTES}
_RATES = ("ingress_bps", "egress_bps", "shown_bps", "latency_ms", "qualities")
SECOND = ("at", "viewers", "sessions", "joins", "leaves", "rebuffering", "errors", *_RATES, "is_sealed")
_SPAN = (
    "at", "seconds", "viewers_sum", "viewers_peak", "sessions_peak", "joins", "leaves", "rebuffering_sum", "errors",
    *_RATES,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The line of one subject, without points where nothing is known.

    Attributes:
        subject: its name.
        period: what it is of: from the beginning of a span, and not beyond the present.
        is_coarser: the resolution is not the one that was asked for, as what it takes is not kept so long.
    """

    subject: str
    period: Period
    resolution: Resolution
    is_coarser: bool
    points: tuple[Point, ...]

    @property
    def sealed_until(self) -> datetime | None:
        """Until when nothing changes any more; None if all of it may."""
        if not self.points or not self.points[0].is_sealed:
            return None
        first_open = next((point.at for point in self.points if not point.is_sealed), None)
        end = self.points[-1].at + self.resolution.span_s if first_open is None else first_open
        return datetime.fromtimestamp(end, UTC)

    def columns(self) -> dict[str, list[Any]]:
        """Return the line as charts take it: a list for each figure, all of them of the same length."""
        return {name: [read(point) for point in self.points] for name, read in COLUMNS.items()}


# What a chart, an answer and a file call them. In a second all of them are whole numbers.
COLUMNS: Mapping[str, Any] = {
    "at": lambda point: point.at,
    "viewers": lambda point: _rounded(point.viewers_sum, point.seconds),
    "viewers_peak": lambda point: point.viewers_peak,
    "sessions": lambda point: point.sessions_peak,
    "joins": lambda point: point.joins,
    "leaves": lambda point: point.leaves,
    "rebuffering": lambda point: _rounded(point.rebuffering_sum, point.seconds),
    "errors": lambda point: point.errors,
    "ingress_bps": lambda point: point.ingress_bps,
    "egress_bps": lambda point: point.egress_bps,
    "shown_bps": lambda point: point.shown_bps,
    "latency_ms": lambda point: point.latency_ms,
    "qualities": lambda point: dict(point.qualities),
    "is_sealed": lambda point: point.is_sealed,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Which part of a line can be read, and how finely; see Series."""

    period: Period
    resolution: Resolution
    is_coarser: bool


def settle(period: Period, *, at: datetime, resolution: Resolution | None = None, most: int = MOST_POINTS) -> Extent:
    """Say what of a period can be read; two queries at most. None takes the resolution that fits best.

    What is kept no longer so finely is read from the next coarser figures. Raises PeriodTooLong.
    """
    ends_at = max(period.starts_at, min(period.ends_at, at))
    period = Period(starts_at=period.starts_at, ends_at=ends_at)
    wanted = resolution or choose_resolution(period, most=most)
    require_room(period, wanted, most=most)
    found = _finest_kept(period.starts_at, wanted)
    return Extent(
        period=Period(starts_at=floor(period.starts_at, found.span), ends_at=ends_at),
        resolution=found,
        is_coarser=found is not wanted,
    )


def read_series(subject: str, period: Period, *, at: datetime, resolution: Resolution | None = None) -> Series:
    """Read the line of the subject of this name, with at most six queries; see `settle`. Raises PeriodTooLong."""
    return read_extent(subject, settle(period, at=at, resolution=resolution), at=at)


def read_extent(subject: str, extent: Extent, *, at: datetime) -> Series:
    """Read what was settled before; four queries at most."""
    key = Subject.objects.filter(name=subject).values_list("pk", flat=True).first()
    return Series(
        subject=subject,
        period=extent.period,
        resolution=extent.resolution,
        is_coarser=extent.is_coarser,
        points=() if key is None else tuple(_read(key, extent.period, extent.resolution, at)),
    )


def _finest_kept(start: datetime, wanted: Resolution) -> Resolution:
    while (table := _KEPT_IN.get(wanted)) is not None:
        # What was never counted is dropped as little as what was: without any partition there are no coarser figures.
        oldest = next((first for _, first in partitions.existing(table)), None)
        if oldest is None or table.start_of(start.astimezone(UTC).date()) >= oldest:
            return wanted
        wanted = _COARSER[wanted]
    return wanted


def _read(subject_id: int, period: Period, resolution: Resolution, at: datetime) -> list[Point]:
    if resolution is Resolution.SECOND:
        return _seconds(subject_id, period.starts_at, period.ends_at)
    # Until here they have been counted; after it they may not, or not to their end.
    minutes_until = floor(at - COUNTED_AFTER, Resolution.MINUTE.span)
    recent = _seconds(subject_id, max(period.starts_at, minutes_until), period.ends_at)
    if resolution is Resolution.MINUTE:
        minutes = _spans(MetricMinute, subject_id, period.starts_at, min(period.ends_at, minutes_until))
        return minutes + fold(recent, resolution.span_s)
    hours_until = floor(minutes_until, Resolution.HOUR.span)
    hours = _spans(MetricHour, subject_id, period.starts_at, min(period.ends_at, hours_until))
    minutes = _spans(MetricMinute, subject_id, max(period.starts_at, hours_until), min(period.ends_at, minutes_until))
    return hours + fold(minutes + recent, resolution.span_s)


def _seconds(subject_id: int, start: datetime, end: datetime) -> list[Point]:
    return [
        Point(
            at=int(at.timestamp()),
            seconds=1,
            viewers_sum=viewers,
            viewers_peak=viewers,
            sessions_peak=sessions,
            joins=joins,
            leaves=leaves,
            rebuffering_sum=rebuffering,
            errors=errors,
            ingress_bps=ingress_bps,
            egress_bps=egress_bps,
            shown_bps=shown_bps,
            latency_ms=latency_ms,
            qualities=qualities,
            is_sealed=is_sealed,
        )
        for (
            at, viewers, sessions, joins, leaves, rebuffering, errors, ingress_bps, egress_bps, shown_bps, latency_ms,
            qualities, is_sealed,
        ) in _rows(MetricSecond, SECOND, subject_id, start, end)
    ]  # fmt: skip


def _spans(model: type[Model], subject_id: int, start: datetime, end: datetime) -> list[Point]:
    rows = _rows(model, _SPAN, subject_id, start, end)
    return [
        Point(at=int(at.timestamp()), is_sealed=True, **dict(zip(_SPAN[1:], figures, strict=True)))
        for at, *figures in rows
    ]


def _rows(
    model: type[Any], fields: Sequence[str], subject_id: int, start: datetime, end: datetime
) -> Iterable[tuple[Any, ...]]:
    if start >= end:
        return ()
    rows: Iterable[tuple[Any, ...]] = (
        model.objects.filter(subject=subject_id, at__gte=start, at__lt=end).order_by("at").values_list(*fields)
    )
    return rows


def _rounded(total: int, seconds: int) -> float | int:
    return total if seconds == 1 else round(total / seconds, 2)
