"""What the sessions of whole days came to, of those that are over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet, Sum

from analytics.models import MetricDay
from analytics.reading.periods import Days
from analytics.score import Score, mean_score

_SUMS = (
    "views", "viewers", "plays", "exits", "failures", "drops", "startup_ms", "watch_ms", "stall_ms",
    "stall_count", "received_bytes",
)  # fmt: skip
_SCORES = (
    "scores", "scored", "success_scores", "startup_scores", "smoothness_scores", "started_scored", "quality_scores",
    "quality_scored",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over sessions that are over; those of several days add up what each day has.

    Attributes:
        viewers: people, once a day.
        score: the mean of the `scored` ones, which have one, and of its parts; None if there are none.
    """

    views: int = 0
    viewers: int = 0
    plays: int = 0
    exits: int = 0
    failures: int = 0
    drops: int = 0
    startup_ms: int = 0
    watch_ms: int = 0
    stall_ms: int = 0
    stall_count: int = 0
    received_bytes: int = 0
    scored: int = 0
    score: Score | None = None

    @property
    def watch_s(self) -> int:
        return self.watch_ms // 1000

    @property
    def average_view_s(self) -> float | None:
        return _ratio(self.watch_ms / 1000, self.plays)

    @property
    def average_startup_ms(self) -> float | None:
        return _ratio(self.startup_ms, self.plays)

    @property
    def rebuffer_ratio(self) -> float | None:
        return _ratio(self.stall_ms, self.watch_ms)

    @property
    def stalls_a_minute(self) -> float | None:
        return _ratio(self.stall_count, self.watch_ms / 60_000)

    @property
    def exit_ratio(self) -> float | None:
        return _ratio(self.exits, self.views)

    @property
    def failure_ratio(self) -> float | None:
        return _ratio(self.failures, self.views)

    @property
    def drop_ratio(self) -> float | None:
        return _ratio(self.drops, self.views)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """These days, and as many before them."""

    now: Totals
    before: Totals


def read_totals(subject: str, days: Days) -> Totals:
    """Read what the days of a subject come to; one query."""
    fields = (*_SUMS, *_SCORES)
    return _totals(_days(subject, days).aggregate(**{name: Sum(name, default=0) for name in fields}))


def read_comparison(subject: str, days: Days) -> Comparison:
    """Read the same, and that of as many days before; two queries."""
    return Comparison(now=read_totals(subject, days), before=read_totals(subject, days.previous))


def read_each_day(subject: str, days: Days) -> Mapping[date, Totals]:
    """Read every day by itself, those too on which nobody came; one query."""
    found = {row["day"]: _totals(row) for row in _days(subject, days).values("day", *_SUMS, *_SCORES)}
    nothing = Totals()
    return {day: found.get(day, nothing) for day in days.each()}


def _days(subject: str, days: Days) -> QuerySet[MetricDay]:
    return MetricDay.objects.filter(subject__name=subject, day__range=(days.first, days.last))


def _totals(sums: Mapping[str, int]) -> Totals:
    return Totals(
        **{name: sums[name] for name in _SUMS},
        scored=sums["scored"],
        score=mean_score({name: sums[name] for name in _SCORES}),
    )


def _ratio(of: float, to: float) -> float | None:
    return of / to if to else None
