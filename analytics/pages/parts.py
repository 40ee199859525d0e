"""What several pages of figures have in common: gauges, tiles, a score, and the time they show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.api.figures import series_json
from analytics.pages.charts import RANGE_CHARTS, Chart
from analytics.pages.live import PortalNow, SubjectNow
from analytics.pages.ranges import RangeForm, TimeRange
from analytics.pages.wording import (
    NOTHING,
    average_words,
    count_words,
    delay_words,
    length_words,
    rate_words,
    share_words,
)
from analytics.reading.audience import LineFigures, PortalFigures
from analytics.reading.days import Totals
from analytics.reading.periods import Resolution
from analytics.reading.points import Summary
from analytics.reading.retention import LEAST_VIEWS
from analytics.reading.series import Series
from analytics.score_words import score_sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with its name. `anchor` is that of its definition; `note` is said beside it, "" for nothing."""

    name: str
    label: str | Promise
    anchor: str
    value: str
    note: str | Promise = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """One part of a score; `value` is None where nobody knows."""

    label: str
    anchor: str
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePanel:
    value: int
    views: int
    parts: tuple[ScorePart, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RangePart:
    """What was counted in a time.

    Attributes:
        series: as the API answers.
        note: what is to be said of how finely it is shown, "" for nothing.
        api_url: where the page's script brings it up to date; csv_url: the same for a table.
    """

    form: RangeForm
    shown: TimeRange
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    series: Mapping[str, Any]
    note: str
    api_url: str
    csv_url: str


def range_part(
    form: RangeForm, shown: TimeRange, figures: LineFigures | PortalFigures, *, api_path: str, csv_path: str
) -> RangePart:
    return RangePart(
        form=form,
        shown=shown,
        figures=_summary_figures(figures.summary),
        charts=RANGE_CHARTS,
        series=series_json(figures.series),
        note=_coarser_words(figures.series),
        api_url=api_path,
        csv_url=f"{csv_path}?{shown.query}",
    )


def _coarser_words(series: Series) -> str:
    if not series.is_coarser:
        return ""
    if series.resolution is Resolution.MINUTE:
        return _("This is shown by the minute: seconds are not kept so long.")
    return _("This is shown by the hour: seconds and minutes are not kept so long.")


def live_figures(latest: Mapping[str, Any] | None, *, now: PortalNow | SubjectNow | None) -> tuple[Figure, ...]:
    """Return the gauges; of a second that is not known, with nothing on them. A script fills them without `now`."""
    told: Mapping[str, Any] = latest or {}
    sessions = told.get("sessions")
    rebuffering = told["rebuffering"] / sessions if sessions else None
    errors = sum(now.window["series"]["errors"]) if now else None
    return (
        Figure(name="viewers", label=_("Viewers now"), anchor="viewers", value=count_words(told.get("viewers"))),
        Figure(name="sessions", label=_("Sessions"), anchor="sessions", value=count_words(sessions)),
        Figure(
            name="peak",
            label=_("Peak of 24 hours"),
            anchor="peak",
            value=count_words(now.peak if now else None),
            note="" if now is None or now.peak_is_sealed else _("provisional"),
        ),
        Figure(name="egress", label=_("Bit rate out"), anchor="egress", value=rate_words(told.get("egress_bps"))),
        Figure(name="rebuffering", label=_("Rebuffering"), anchor="rebuffering", value=share_words(rebuffering)),
        Figure(name="errors", label=_("Errors in 5 minutes"), anchor="errors", value=count_words(errors)),
    )


def latency_figure(latest: Mapping[str, Any] | None) -> Figure:
    value = delay_words(latest["latency_ms"]) if latest else NOTHING
    return Figure(name="latency", label=_("Latency"), anchor="latency", value=value)


def score_panel(totals: Totals) -> ScorePanel | None:
    """Show a score; None where there is none, and where it would tell of single persons."""
    score = totals.score
    if score is None or totals.scored < LEAST_VIEWS:
        return None
    parts = (
        (_("Success"), "score-success", score.success),
        (_("Startup"), "score-startup", score.startup),
        (_("Smoothness"), "score-smoothness", score.smoothness),
        (_("Picture quality"), "score-quality", score.quality),
    )
    return ScorePanel(
        value=round(score.overall),
        views=totals.scored,
        parts=tuple(
            ScorePart(label=label, anchor=anchor, value=None if value is None else round(value))
            for label, anchor, value in parts
        ),
        sentence=score_sentence(score),
    )


def _summary_figures(summary: Summary) -> tuple[Figure, ...]:
    note = "" if summary.peak_is_sealed else _("provisional")
    return (
        Figure(name="peak", label=_("Peak"), anchor="peak", value=count_words(summary.peak), note=note),
        Figure(
            name="average",
            label=_("Average viewers"),
            anchor="average-viewers",
            value=average_words(summary.average),
        ),
        Figure(name="watch", label=_("Watch time"), anchor="watch-time", value=length_words(summary.watch_s)),
        Figure(name="joins", label=_("Joins"), anchor="joins", value=count_words(summary.joins)),
    )
