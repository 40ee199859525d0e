"""The figures of one movie: its days, how far it is watched, and how well it plays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.pages.charts import Chart, figure_words
from analytics.pages.live import SubjectNow, movie_now
from analytics.pages.parts import Figure, ScorePanel, live_figures, score_panel
from analytics.pages.ranges import MONTH, WEEK, RangeForm, TimeRange
from analytics.pages.wording import NOTHING, count_words, delay_words, length_words, share_words
from analytics.reading.audience import read_movie
from analytics.reading.days import Totals
from analytics.reading.retention import LEAST_VIEWS, Retention, read_retention
from catalog.models import Movie
from portal.audience import movie_subject

PRESETS = (MONTH, WEEK)
DAYS_CHART = Chart(
    kind="days",
    title=gettext_lazy("Watch time by day"),
    anchor="watch-time",
    empty=gettext_lazy("Nobody watched in this time."),
    is_large=True,
)
RETENTION_CHART = Chart(
    kind="retention",
    title=gettext_lazy("Retention"),
    anchor="retention",
    empty=gettext_lazy("Nobody watched in this time."),
    is_large=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    day: date
    views: str
    viewers: str
    watched: str
    failures: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """One hundredth of the film on the strip: where it is, and how much it was watched, from 0 to 1."""

    place: int
    share: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieFiguresPage:
    """`heat` is empty while the film has too few views for its curve."""

    movie: Movie
    now: SubjectNow
    figures_now: tuple[Figure, ...]
    form: RangeForm
    shown: TimeRange
    figures: tuple[Figure, ...]
    days: tuple[DayRow, ...]
    days_chart: Chart
    retention_chart: Chart
    heat: tuple[Heat, ...]
    views: int
    enough_views: int
    score: ScorePanel | None
    series: Mapping[str, Any]
    words: Mapping[str, str]
    csv_url: str


def movie_figures_page(movie: Movie, form: RangeForm, *, at: datetime) -> MovieFiguresPage:
    shown, now = form.chosen, movie_now(movie, at=at)
    days = shown.period.days
    figures, retention = read_movie(movie, days), read_retention(movie_subject(movie.pk), days)
    return MovieFiguresPage(
        movie=movie,
        now=now,
        figures_now=live_figures(now.metrics, now=now),
        form=form,
        shown=shown,
        figures=_figures(figures.totals),
        days=tuple(_day_row(day, totals) for day, totals in reversed(tuple(figures.days.items())) if totals.views),
        days_chart=DAYS_CHART,
        retention_chart=RETENTION_CHART,
        heat=_heat(retention) if retention.is_enough else (),
        views=retention.views,
        enough_views=LEAST_VIEWS,
        score=score_panel(figures.totals),
        series={
            "first": _beginning_of(days.first),
            "last": _beginning_of(days.last),
            "days": _day_columns(figures.days),
            "retention": _curve(retention) if retention.is_enough else None,
        },
        words=figure_words(),
        csv_url=f"/api/v1/movies/{movie.slug}/audience.csv?{shown.days_query}",
    )


def _figures(totals: Totals) -> tuple[Figure, ...]:
    average, startup_ms = totals.average_view_s, totals.average_startup_ms
    average_view = NOTHING if average is None else length_words(average)
    return (
        Figure(name="views", label=_("Views"), anchor="views", value=count_words(totals.views)),
        Figure(
            name="viewers", label=_("Viewers, day by day"), anchor="viewers-per-day", value=count_words(totals.viewers)
        ),
        Figure(name="watch", label=_("Watch time"), anchor="watch-time", value=length_words(totals.watch_s)),
        Figure(name="view", label=_("Average view"), anchor="view-duration", value=average_view),
        Figure(name="startup", label=_("Startup time"), anchor="startup-time", value=delay_words(startup_ms)),
        Figure(
            name="stalls", label=_("Rebuffering"), anchor="rebuffer-ratio", value=share_words(totals.rebuffer_ratio)
        ),
        Figure(name="failures", label=_("Failures"), anchor="failures", value=share_words(totals.failure_ratio)),
        Figure(name="drops", label=_("Views dropped"), anchor="drops", value=share_words(totals.drop_ratio)),
    )


def _day_row(day: date, totals: Totals) -> DayRow:
    return DayRow(
        day=day,
        views=count_words(totals.views),
        viewers=count_words(totals.viewers),
        watched=length_words(totals.watch_s),
        failures=count_words(totals.failures),
    )


def _day_columns(days: Mapping[date, Totals]) -> dict[str, list[Any]]:
    return {
        "at": [_beginning_of(day) for day in days],
        "hours": [round(totals.watch_ms / 3_600_000, 3) for totals in days.values()],
        "views": [totals.views for totals in days.values()],
    }


def _beginning_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _curve(retention: Retention) -> dict[str, list[Any]]:
    """Return how many of a hundred views saw each hundredth of the film, and how many of its viewers."""
    return {
        "at": [round(100 * bucket.position) for bucket in retention.buckets],
        "views": [round(100 * bucket.views / retention.views, 1) for bucket in retention.buckets],
        "viewers": [round(100 * bucket.viewers / retention.views, 1) for bucket in retention.buckets],
    }


def _heat(retention: Retention) -> tuple[Heat, ...]:
    most = max(bucket.views for bucket in retention.buckets) or 1
    return tuple(
        # Read by the browser, not by people: a point whatever their language writes.
        Heat(place=round(100 * bucket.position), share=f"{bucket.views / most:.3f}")
        for bucket in retention.buckets
    )
