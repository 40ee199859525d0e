"""The figures of one movie: its days, how far it is watched, and how well it plays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.pages import sources
from analytics.pages.charts import Chart, figure_words
from analytics.pages.parts import Figure, ScorePanel, score_panel
from analytics.pages.ranges import MONTH, WEEK, RangeForm, TimeRange
from analytics.pages.wording import NOTHING, count_words, delay_words, length_words, share_words
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


def movie_figures_page(movie: Movie, form: RangeForm) -> MovieFiguresPage:
    subject, shown = movie_subject(movie.pk), form.chosen
    days = sources.read_days(subject, shown)
    retention = sources.read_retention(subject, shown)
    return MovieFiguresPage(
        movie=movie,
        form=form,
        shown=shown,
        figures=_figures(days),
        days=tuple(_day_row(row) for row in reversed(days.rows)),
        days_chart=DAYS_CHART,
        retention_chart=RETENTION_CHART,
        heat=_heat(retention) if retention.is_enough else (),
        views=retention.views,
        enough_views=sources.ENOUGH_VIEWS,
        score=score_panel(sources.read_score(subject, shown)),
        series={
            "first": _beginning_of(shown.begins_at.astimezone(UTC).date()),
            "last": _beginning_of(shown.ends_at.astimezone(UTC).date()),
            "days": _day_columns(days),
            "retention": _curve(retention) if retention.is_enough else None,
        },
        words=figure_words(),
        csv_url=f"/api/v1/movies/{movie.slug}/audience.csv?{shown.query}",
    )


def _figures(days: sources.Days) -> tuple[Figure, ...]:
    average = length_words(days.watch_s / days.views) if days.views else NOTHING
    return (
        Figure(name="views", label=_("Views"), anchor="views", value=count_words(days.views)),
        Figure(
            name="viewers", label=_("Viewers, day by day"), anchor="viewers-per-day", value=count_words(days.viewers)
        ),
        Figure(name="watch", label=_("Watch time"), anchor="watch-time", value=length_words(days.watch_s)),
        Figure(name="view", label=_("Average view"), anchor="view-duration", value=average),
        Figure(name="startup", label=_("Startup time"), anchor="startup-time", value=delay_words(days.startup_ms)),
        Figure(name="stalls", label=_("Rebuffering"), anchor="rebuffer-ratio", value=share_words(days.stall_share)),
    )


def _day_row(row: Mapping[str, Any]) -> DayRow:
    return DayRow(
        day=row["day"],
        views=count_words(row["views"]),
        viewers=count_words(row["viewers"]),
        watched=length_words(row["watch_ms"] / 1000),
        failures=count_words(row["failures"]),
    )


def _day_columns(days: sources.Days) -> dict[str, list[Any]]:
    return {
        "at": [_beginning_of(row["day"]) for row in days.rows],
        "hours": [round(row["watch_ms"] / 3_600_000, 3) for row in days.rows],
        "views": [row["views"] for row in days.rows],
    }


def _beginning_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _curve(retention: sources.Retention) -> dict[str, list[Any]]:
    """Return how many of a hundred views saw each hundredth of the film, and how many of its viewers."""
    return {
        "at": [round(100 * place) for place, _views, _viewers in retention.buckets],
        "views": [round(100 * views / retention.views, 1) for _place, views, _viewers in retention.buckets],
        "viewers": [round(100 * viewers / retention.views, 1) for _place, _views, viewers in retention.buckets],
    }


def _heat(retention: sources.Retention) -> tuple[Heat, ...]:
    most = max(views for _place, views, _viewers in retention.buckets) or 1
    return tuple(
        # Read by the browser, not by people: a point whatever their language writes.
        Heat(place=round(100 * place), share=f"{views / most:.3f}")
        for place, views, _viewers in retention.buckets
    )
