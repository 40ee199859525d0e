"""Figures as points of a line: seconds, or spans that seconds and shorter spans are put together to. Times are in
seconds since 1970."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec


# Of a struct thousands are made in a few milliseconds.
class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One second or span, in the members of the model of a span; `is_sealed` if all of it is.

    `qualities` are viewer-seconds, by name. None are figures of which nothing is known.
    """

    at: int
    seconds: int
    viewers_sum: int
    viewers_peak: int
    sessions_peak: int
    joins: int
    leaves: int
    rebuffering_sum: int
    errors: int
    ingress_bps: int | None
    egress_bps: int
    shown_bps: int | None
    latency_ms: int | None
    qualities: Mapping[str, int]
    is_sealed: bool

    @property
    def viewers(self) -> float:
        """The average over the seconds that have figures."""
        return self.viewers_sum / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a line comes to.

    Attributes:
        peak: the most who watched at once; None if nobody is known of. While it is one that is not sealed yet, and may
            still change, `peak_is_sealed` is false, and `sealed_peak` is what holds in any case.
        peak_at: the beginning of the second or span that had it.
        average: of the viewers of all seconds that have figures.
        watch_s: viewer-seconds.
        average_view_s: `watch_s` by `joins`; None if nobody joined.
    """

    peak: int | None = None
    peak_at: int | None = None
    peak_is_sealed: bool = True
    sealed_peak: int | None = None
    average: float | None = None
    watch_s: int = 0
    joins: int = 0
    leaves: int = 0
    errors: int = 0
    average_view_s: float | None = None


def fold(points: Iterable[Point], span_s: int) -> list[Point]:
    """Put points, which are in order, together to spans of this length; where there were none there is none."""
    grouped = groupby(points, key=lambda point: point.at // span_s)
    return [_joined(number * span_s, list(members)) for number, members in grouped]


def summarise(points: Sequence[Point]) -> Summary:
    if not points:
        return Summary()
    highest = max(points, key=lambda point: point.viewers_peak)
    sealed = max((point.viewers_peak for point in points if point.is_sealed), default=None)
    watch_s, joins = sum(point.viewers_sum for point in points), sum(point.joins for point in points)
    return Summary(
        peak=highest.viewers_peak,
        peak_at=highest.at,
        peak_is_sealed=sealed == highest.viewers_peak,
        sealed_peak=sealed,
        average=watch_s / sum(point.seconds for point in points),
        watch_s=watch_s,
        joins=joins,
        leaves=sum(point.leaves for point in points),
        errors=sum(point.errors for point in points),
        average_view_s=watch_s / joins if joins else None,
    )


def _joined(at: int, points: Sequence[Point]) -> Point:
    qualities: Counter[str] = Counter()
    for point in points:
        qualities.update(point.qualities)
    return Point(
        at=at,
        seconds=sum(point.seconds for point in points),
        viewers_sum=sum(point.viewers_sum for point in points),
        viewers_peak=max(point.viewers_peak for point in points),
        sessions_peak=max(point.sessions_peak for point in points),
        joins=sum(point.joins for point in points),
        leaves=sum(point.leaves for point in points),
        rebuffering_sum=sum(point.rebuffering_sum for point in points),
        errors=sum(point.errors for point in points),
        ingress_bps=_mean(points, lambda point: point.ingress_bps, lambda point: point.seconds),
        egress_bps=_mean(points, lambda point: point.egress_bps, lambda point: point.seconds) or 0,
        shown_bps=_mean(points, lambda point: point.shown_bps, lambda point: point.viewers_sum),
        latency_ms=_mean(points, lambda point: point.latency_ms, lambda point: point.viewers_sum),
        qualities=qualities,
        is_sealed=all(point.is_sealed for point in points),
    )


def _mean(points: Sequence[Point], figure: Callable[[Point], int | None], weight: Callable[[Point], int]) -> int | None:
    """Return the mean of what is known, each by its weight; what nobody watched has none and does not count."""
    known = [(value, weight(point)) for point in points if (value := figure(point)) is not None]
    total = sum(share for _, share in known)
    return round(sum(value * share for value, share in known) / total) if total else None
