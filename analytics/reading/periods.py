"""Which part of time is read, and how finely."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from analytics.errors import PeriodTooLong

# More points than a screen has room for; an answer of them is about as large as a picture.
MOST_POINTS = 3600


class Resolution(StrEnum):
    SECOND = "1s"
    MINUTE = "1m"
    HOUR = "1h"

    @property
    def span(self) -> timedelta:
        return _SPANS[self]

    @property
    def span_s(self) -> int:
        return int(self.span.total_seconds())


_SPANS = {
    Resolution.SECOND: timedelta(seconds=1),
    Resolution.MINUTE: timedelta(minutes=1),
    Resolution.HOUR: timedelta(hours=1),
}
# Up to these lengths each of them is what a chart is best drawn from.
_BEST = ((timedelta(hours=1), Resolution.SECOND), (timedelta(days=2), Resolution.MINUTE))
LONGEST = Resolution.HOUR.span * MOST_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From a moment to another one, which is not of it any more."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def first_day(self) -> date:
        return self.starts_at.astimezone(UTC).date()

    @property
    def last_day(self) -> date:
        """The last day (UTC) that some of it belongs to."""
        return (self.ends_at - timedelta(microseconds=1)).astimezone(UTC).date()

    @property
    def days(self) -> "Days":
        return Days(first=self.first_day, last=self.last_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Whole days (UTC), the last one of them too."""

    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def previous(self) -> "Days":
        """As many days, before these."""
        length = timedelta(days=self.count)
        return Days(first=self.first - length, last=self.last - length)

    def each(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.count)]


def choose_resolution(period: Period, *, most: int = MOST_POINTS) -> Resolution:
    """Return the one that a chart of this length is best drawn from. Raises PeriodTooLong."""
    for longest, resolution in _BEST:
        if period.length <= longest:
            return resolution
    require_room(period, Resolution.HOUR, most=most)
    return Resolution.HOUR


def require_room(period: Period, resolution: Resolution, *, most: int = MOST_POINTS) -> None:
    """Raises PeriodTooLong where a period would have more points than are answered at once."""
    if period.length > resolution.span * most:
        raise PeriodTooLong(resolution=resolution, most_points=most)


def floor(moment: datetime, span: timedelta) -> datetime:
    """Return the beginning of the span that a moment lies in, counted from 1970."""
    return moment - timedelta(seconds=moment.timestamp() % span.total_seconds())
