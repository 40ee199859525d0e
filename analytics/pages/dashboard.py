"""The operators' first page of figures: what is watched now, by which streams, and what was watched in a time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from analytics.counting.figures import PORTAL
from analytics.models import Subject
from analytics.pages.charts import LIVE_CHARTS, Chart, figure_words, finding_words
from analytics.pages.live import Healths, PortalNow, healths_of, live_streams, portal_now
from analytics.pages.parts import Figure, RangePart, live_figures, range_part
from analytics.pages.ranges import DAY, HOUR, MONTH, WEEK, RangeForm
from analytics.pages.wording import count_words, delay_words, length_words, rate_words, share_words
from analytics.reading.audience import read_portal
from analytics.reading.titles import Title
from portal.audience import stream_subject
from streaming.models import Stream

PRESETS = (HOUR, DAY, WEEK, MONTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRow:
    """A stream that is live, with its latest second; `verdict` is good, warning, bad or unknown."""

    subject: str
    title: str
    url: str
    phase: str
    verdict: str
    finding: str
    viewers: str
    sessions: str
    ingress: str
    egress: str
    rebuffering: str
    latency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleRow:
    """`url` leads to the page of its figures, "" of what is in no catalogue any more."""

    title: str
    url: str
    is_broadcast: bool
    watched: str
    views: str
    viewers: str
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage:
    now: PortalNow
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    streams: tuple[StreamRow, ...]
    titles: tuple[TitleRow, ...]
    range: RangePart
    words: Mapping[str, Any]
    socket_path: str = "/ws/dashboard/"

    @property
    def told(self) -> dict[str, Any]:
        """What the socket would begin with, so that the page need not wait for it."""
        return asdict(self.now)


def dashboard_page(form: RangeForm, *, at: datetime) -> DashboardPage:
    """Read the page: a fixed number of queries, whatever is watched and for how long."""
    streams, shown = live_streams(), form.chosen
    healths = healths_of(streams, at=at)
    now, figures = portal_now(healths, at=at), read_portal(shown.period, at=at)
    by_subject = {row["subject"]: row for row in now.subjects}
    return DashboardPage(
        now=now,
        figures=live_figures(by_subject.get(PORTAL), now=now),
        charts=LIVE_CHARTS,
        streams=_stream_rows(streams, by_subject, healths),
        titles=_title_rows(figures.titles),
        range=range_part(form, shown, figures, api_path="/api/v1/audience/", csv_path="/api/v1/audience.csv"),
        words={**figure_words(), "findings": finding_words()},
    )


def _stream_rows(
    streams: Sequence[Stream], by_subject: Mapping[str, Mapping[str, Any]], healths: Healths
) -> tuple[StreamRow, ...]:
    """Return what is on air, what is watched the most first."""
    told = [(stream, by_subject.get(stream_subject(stream.pk), {})) for stream in streams]
    told.sort(key=lambda pair: -pair[1].get("viewers", 0))
    return tuple(_stream_row(stream, figures, healths.get(stream.pk, {})) for stream, figures in told)


def _stream_row(stream: Stream, told: Mapping[str, Any], health: Mapping[str, Any]) -> StreamRow:
    findings = health.get("findings") or [{}]
    sessions = told.get("sessions")
    return StreamRow(
        subject=stream_subject(stream.pk),
        title=stream.title or stream.channel.title,
        url=reverse("analytics:stream", args=[stream.pk]),
        phase=str(stream.phase.label),
        verdict=health.get("verdict", "unknown"),
        finding=findings[0].get("title", ""),
        viewers=count_words(told.get("viewers", 0)),
        sessions=count_words(told.get("sessions", 0)),
        ingress=rate_words(told.get("ingress_bps")),
        egress=rate_words(told.get("egress_bps")),
        rebuffering=share_words(told["rebuffering"] / sessions if sessions else None),
        latency=delay_words(told.get("latency_ms")),
    )


def _title_rows(titles: Sequence[Title]) -> tuple[TitleRow, ...]:
    most = max((title.watch_s for title in titles), default=0)
    return tuple(
        TitleRow(
            title=title.title,
            url=_url_of(title),
            is_broadcast=title.kind == Subject.Kind.STREAM,
            watched=length_words(title.watch_s),
            views=count_words(title.views),
            viewers=count_words(title.viewers),
            share=round(100 * title.watch_s / most) if most else 0,
        )
        for title in titles
    )


def _url_of(title: Title) -> str:
    if title.stream:
        return reverse("analytics:stream", args=[title.stream])
    return reverse("analytics:movie", args=[title.movie]) if title.movie else ""
