"""What a page or an answer tells of a stream, a movie, or the portal as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from analytics.counting.figures import PORTAL
from analytics.reading.days import Comparison, Totals, read_comparison, read_each_day, read_totals
from analytics.reading.periods import Days, Period, Resolution
from analytics.reading.points import Summary, summarise
from analytics.reading.series import Series, read_series
from analytics.reading.titles import Title, read_top_titles
from catalog.models import Movie
from portal.audience import movie_subject, stream_subject
from streaming.models import Stream

_USUAL_PERIOD = timedelta(hours=1)
_USUAL_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigures:
    """The line of a stream, and what it comes to. `totals` are of the sessions of all days that it touches."""

    series: Series
    summary: Summary
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFigures:
    """The line of the whole portal, what it comes to, and what was watched most on the days that it touches."""

    series: Series
    summary: Summary
    days: Days
    totals: Comparison
    titles: tuple[Title, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieFigures:
    """The days of a movie, and what they come to."""

    days: Mapping[date, Totals]
    totals: Totals


def period_of(stream: Stream, *, at: datetime) -> Period:
    """Return the time that a stream is, or was, on air."""
    starts_at = stream.active_at or stream.started_at
    return Period(starts_at=starts_at, ends_at=max(stream.ended_at or at, starts_at + Resolution.SECOND.span))


def latest_period(*, at: datetime) -> Period:
    """Return the last hour."""
    return Period(starts_at=at - _USUAL_PERIOD, ends_at=at)


def latest_days(*, at: datetime) -> Days:
    """Return the last 30 days, today too."""
    return Days(first=at.date() - timedelta(days=_USUAL_DAYS - 1), last=at.date())


def read_stream(stream: Stream, period: Period, *, at: datetime, resolution: Resolution | None = None) -> LineFigures:
    """Read the figures of a stream; seven queries at most. Raises PeriodTooLong."""
    subject = stream_subject(stream.pk)
    series = read_series(subject, period, at=at, resolution=resolution)
    return LineFigures(series=series, summary=summarise(series.points), totals=read_totals(subject, series.period.days))


def read_portal(period: Period, *, at: datetime, resolution: Resolution | None = None) -> PortalFigures:
    """Read the figures of the portal as a whole; ten queries at most. Raises PeriodTooLong."""
    series = read_series(PORTAL, period, at=at, resolution=resolution)
    # Not those to come: what has been is compared with as many days before it.
    days = series.period.days
    return PortalFigures(
        series=series,
        summary=summarise(series.points),
        days=days,
        totals=read_comparison(PORTAL, days),
        titles=read_top_titles(days),
    )


def read_movie(movie: Movie, days: Days) -> MovieFigures:
    """Read the figures of a movie; two queries."""
    subject = movie_subject(movie.pk)
    return MovieFigures(days=read_each_day(subject, days), totals=read_totals(subject, days))
