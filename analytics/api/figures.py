"""Figures as answers have them. Lines are columns: a list for each figure, all of them of the same length."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from analytics.models import Subject
from analytics.reading.audience import LineFigures, MovieFigures, PortalFigures
from analytics.reading.days import Totals
from analytics.reading.periods import Resolution
from analytics.reading.points import Summary
from analytics.reading.retention import Retention
from analytics.reading.series import Series
from analytics.reading.titles import Title
from analytics.score import SCORE_VERSION
from analytics.score_words import score_sentence

_RATIO = "0 to 1; null where there is nothing to take it from."


def _column(field: serializers.Field[Any, Any, Any, Any], help_text: str = "") -> serializers.ListField:
    return serializers.ListField(child=field, help_text=help_text)


class ColumnsSerializer(serializers.Serializer[Any]):
    """One row is one second, minute or hour; where nobody counted there is none."""

    at = _column(serializers.IntegerField(), "Beginning, in seconds since 1970.")
    viewers = _column(serializers.FloatField(), "People; the average over a minute or an hour.")
    viewers_peak = _column(serializers.IntegerField())
    sessions = _column(serializers.IntegerField(), "Players; the most of a minute or an hour.")
    joins = _column(serializers.IntegerField())
    leaves = _column(serializers.IntegerField())
    rebuffering = _column(serializers.FloatField(), "Sessions that waited for media; the average.")
    errors = _column(serializers.IntegerField())  # type: ignore[assignment]  # a field of this name is no attribute
    ingress_bps = _column(serializers.IntegerField(allow_null=True), "What the encoder sent.")
    egress_bps = _column(serializers.IntegerField(), "What players received.")
    shown_bps = _column(serializers.IntegerField(allow_null=True), "Of what was shown, on the average.")
    latency_ms = _column(serializers.IntegerField(allow_null=True), "Behind the encoder, on the average.")
    qualities = _column(
        serializers.DictField(child=serializers.IntegerField()),
        "Player-seconds, of the most shown.",
    )
    is_sealed = _column(serializers.BooleanField(), "False: it may still change.")


class SummarySerializer(serializers.Serializer[Any]):
    """What the line comes to."""

    peak = serializers.IntegerField(allow_null=True, help_text="The most who watched at once.")
    peak_at = serializers.IntegerField(allow_null=True, help_text="Seconds since 1970.")
    peak_is_sealed = serializers.BooleanField(help_text="False: the peak may still change.")
    sealed_peak = serializers.IntegerField(allow_null=True, help_text="The highest that changes no more.")
    average = serializers.FloatField(allow_null=True, help_text="Of the viewers of all seconds with figures.")
    watch_s = serializers.IntegerField(help_text="Viewer-seconds.")
    joins = serializers.IntegerField()
    leaves = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]  # as above
    average_view_s = serializers.FloatField(allow_null=True, help_text="`watch_s` by `joins`.")


class ScoreSerializer(serializers.Serializer[Any]):
    """How good sessions were for their viewers, 0 to 100, over those that are over; and what that is made of."""

    version = serializers.IntegerField(help_text="Scores of different versions cannot be compared.")
    views = serializers.IntegerField(help_text="How many sessions have one.")
    overall = serializers.FloatField()
    success = serializers.FloatField()
    startup = serializers.FloatField(allow_null=True)
    smoothness = serializers.FloatField(allow_null=True)
    quality = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField(help_text="What pulls it down most.")


class LineSerializer(serializers.Serializer[Any]):
    """The line of one subject."""

    subject = serializers.CharField(help_text="`stream:<uuid>` or `portal`.")
    resolution = serializers.ChoiceField(choices=list(Resolution))
    is_coarser = serializers.BooleanField(help_text="True: what was asked for is not kept so finely any more.")
    sealed_until = serializers.DateTimeField(allow_null=True, help_text="What is before it changes no more.")
    series = ColumnsSerializer()
    summary = SummarySerializer()
    score = ScoreSerializer(allow_null=True)


# `from` is a word of Python's own.
LineSerializer._declared_fields |= {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}


class TotalsSerializer(serializers.Serializer[Any]):
    """What sessions that are over came to."""

    views = serializers.IntegerField(help_text="Attempts to play.")
    viewers = serializers.IntegerField(help_text="People, once a day.")
    plays = serializers.IntegerField(help_text="Those that showed a picture.")
    exits = serializers.IntegerField(help_text="Those that were left before.")
    failures = serializers.IntegerField()
    drops = serializers.IntegerField(help_text="Those of which nothing was heard any more.")
    watch_s = serializers.IntegerField()
    average_view_s = serializers.FloatField(allow_null=True)
    average_startup_ms = serializers.FloatField(allow_null=True)
    rebuffer_ratio = serializers.FloatField(allow_null=True, help_text=_RATIO)
    stalls_a_minute = serializers.FloatField(allow_null=True)
    exit_ratio = serializers.FloatField(allow_null=True, help_text=_RATIO)
    failure_ratio = serializers.FloatField(allow_null=True, help_text=_RATIO)
    drop_ratio = serializers.FloatField(allow_null=True, help_text=_RATIO)
    received_bytes = serializers.IntegerField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """The days that the period touches, and as many days before them."""

    now = TotalsSerializer()
    before = TotalsSerializer()


class TitleSerializer(serializers.Serializer[Any]):
    """What was watched, the longest first."""

    subject = serializers.CharField()
    kind = serializers.ChoiceField(choices=[Subject.Kind.MOVIE, Subject.Kind.STREAM])
    title = serializers.CharField()
    movie = serializers.CharField(allow_null=True, help_text="Slug; null: it is gone, or a stream.")
    stream = serializers.UUIDField(allow_null=True)
    watch_s = serializers.IntegerField()
    views = serializers.IntegerField()
    viewers = serializers.IntegerField(help_text="People, once a day.")
    average_view_s = serializers.FloatField(allow_null=True)


class PortalAudienceSerializer(LineSerializer):
    """The line of the whole portal; totals and titles are of whole days (UTC)."""

    totals = ComparisonSerializer()
    titles = TitleSerializer(many=True)


class DayColumnsSerializer(serializers.Serializer[Any]):
    """One row is one day, those too on which nobody came."""

    day = _column(serializers.DateField())
    views = _column(serializers.IntegerField())
    viewers = _column(serializers.IntegerField())
    plays = _column(serializers.IntegerField())
    exits = _column(serializers.IntegerField())
    failures = _column(serializers.IntegerField())
    drops = _column(serializers.IntegerField())
    watch_s = _column(serializers.IntegerField())
    average_view_s = _column(serializers.FloatField(allow_null=True))
    average_startup_ms = _column(serializers.FloatField(allow_null=True))
    rebuffer_ratio = _column(serializers.FloatField(allow_null=True))
    score = _column(serializers.FloatField(allow_null=True))


class MovieAudienceSerializer(serializers.Serializer[Any]):
    """The days of a movie, and what they come to."""

    movie = serializers.CharField(help_text="Slug.")
    days = DayColumnsSerializer()
    totals = TotalsSerializer()
    score = ScoreSerializer(allow_null=True)


class BucketSerializer(serializers.Serializer[Any]):
    """A hundredth of the film."""

    views = serializers.IntegerField(help_text="How often it was watched.")
    viewers = serializers.IntegerField(help_text="In how many sessions at all.")


class RetentionSerializer(serializers.Serializer[Any]):
    """How far viewers get."""

    movie = serializers.CharField(help_text="Slug.")
    views = serializers.IntegerField(help_text="Sessions that showed a picture.")
    is_enough = serializers.BooleanField(help_text="False: there are too few for a curve, and no buckets.")
    buckets = BucketSerializer(many=True)


_DAYS = {"from": serializers.DateField(), "to": serializers.DateField()}
MovieAudienceSerializer._declared_fields |= _DAYS
RetentionSerializer._declared_fields |= _DAYS
BucketSerializer._declared_fields |= {"from": serializers.FloatField(help_text="0 is the beginning, 1 the end.")}

DAY_COLUMNS = tuple(DayColumnsSerializer().fields)
TITLE_COLUMNS = tuple(TitleSerializer().fields)


def line_json(figures: LineFigures) -> dict[str, Any]:
    return _line_json(figures.series, figures.summary, figures.totals)


def portal_json(figures: PortalFigures) -> dict[str, Any]:
    now, before = figures.totals.now, figures.totals.before
    return {
        **_line_json(figures.series, figures.summary, now),
        "totals": {"now": totals_json(now), "before": totals_json(before)},
        "titles": [title_json(title) for title in figures.titles],
    }


def movie_json(slug: str, figures: MovieFigures) -> dict[str, Any]:
    days = list(figures.days)
    rows = zip(*day_rows(figures), strict=True)
    return {
        "movie": slug,
        "from": days[0],
        "to": days[-1],
        "days": dict(zip(DAY_COLUMNS, map(list, rows), strict=True)),
        "totals": totals_json(figures.totals),
        "score": score_json(figures.totals),
    }


def retention_json(retention: Retention) -> dict[str, Any]:
    buckets = [{"from": it.position, "views": it.views, "viewers": it.viewers} for it in retention.buckets]
    return {"views": retention.views, "is_enough": retention.is_enough, "buckets": buckets}


def day_rows(figures: MovieFigures) -> list[list[object]]:
    """Return a row for each day, in the order of DAY_COLUMNS."""
    return [[day, *(_day_figure(totals, name) for name in DAY_COLUMNS[1:])] for day, totals in figures.days.items()]


def title_json(title: Title) -> dict[str, Any]:
    return {name: _rounded(getattr(title, name)) for name in TITLE_COLUMNS}


def totals_json(totals: Totals) -> dict[str, Any]:
    return {name: _rounded(getattr(totals, name)) for name in TotalsSerializer._declared_fields}


def score_json(totals: Totals) -> Mapping[str, Any] | None:
    score = totals.score
    if score is None:
        return None
    parts = {field.name: _rounded(getattr(score, field.name)) for field in fields(score)}
    return {"version": SCORE_VERSION, "views": totals.scored, **parts, "sentence": score_sentence(score)}


def series_json(series: Series) -> dict[str, Any]:
    """Return a line alone, as sockets and pages have it, too."""
    return {
        "subject": series.subject,
        "from": _written(series.period.starts_at),
        "to": _written(series.period.ends_at),
        "resolution": series.resolution,
        "is_coarser": series.is_coarser,
        "sealed_until": _written(series.sealed_until) if series.sealed_until else None,
        "series": series.columns(),
    }


def _line_json(series: Series, summary: Summary, totals: Totals) -> dict[str, Any]:
    return {**series_json(series), "summary": _summary_json(summary), "score": score_json(totals)}


def _summary_json(summary: Summary) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in asdict(summary).items()}


def _day_figure(totals: Totals, name: str) -> object:
    if name == "score":
        return _rounded(totals.score.overall if totals.score else None)
    return _rounded(getattr(totals, name))


def _rounded(value: Any) -> Any:
    # Ratios too are told to a tenth of a percent and finer.
    return round(value, 4) if isinstance(value, float) else value


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
