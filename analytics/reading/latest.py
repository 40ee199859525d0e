"""What was counted last, and the most of a day: what pages and sockets of figures begin with."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q

from analytics.counting.figures import PORTAL
from analytics.models import MetricMinute, MetricSecond
from analytics.reading.series import COUNTED_AFTER, SECOND

# Whatever is older is no latest second: nothing is being counted.
_RECENT = timedelta(minutes=1)
_PEAK_OVER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The most viewers of a day; while it is not sealed it may still change."""

    viewers: int
    is_sealed: bool


def read_latest_second(*, at: datetime) -> datetime | None:
    """Return the latest second that was counted of anything; None if it is too long ago."""
    latest: datetime | None = MetricSecond.objects.filter(at__gt=at - _RECENT, at__lte=at).aggregate(at=Max("at"))["at"]
    return latest


def read_latest(*, at: datetime) -> tuple[int | None, list[dict[str, Any]]]:
    """Return the latest second that was counted (since 1970), with its figures of every subject, the portal first.

    None if it is too long ago; two queries.
    """
    latest = read_latest_second(at=at)
    if latest is None:
        return None, []
    second = int(latest.timestamp())
    rows = MetricSecond.objects.filter(at=latest).order_by("-viewers", "subject__name")
    subjects = [
        {"subject": name, "title": title, **dict(zip(SECOND, figures, strict=True)), "at": second}
        for name, title, *figures in rows.values_list("subject__name", "subject__title", *SECOND)
    ]
    return second, sorted(subjects, key=lambda row: row["subject"] != PORTAL)


def read_peak(subject: str, *, at: datetime) -> Peak:
    """Read the most viewers of the last 24 hours; two queries."""
    minutes = MetricMinute.objects.filter(subject__name=subject, at__gt=at - _PEAK_OVER).aggregate(
        peak=Max("viewers_peak", default=0)
    )
    seconds = MetricSecond.objects.filter(subject__name=subject, at__gt=at - COUNTED_AFTER).aggregate(
        peak=Max("viewers", default=0), sealed=Max("viewers", filter=Q(is_sealed=True), default=0)
    )
    sealed = max(minutes["peak"], seconds["sealed"])
    return Peak(viewers=max(sealed, seconds["peak"]), is_sealed=sealed >= seconds["peak"])
