"""The figures of one stream: as it is watched now, and what was counted of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.models import PlaybackSession
from analytics.pages.charts import LIVE_CHARTS, Chart, figure_words, finding_words
from analytics.pages.live import StreamNow, stream_now
from analytics.pages.parts import Figure, RangePart, ScorePanel, latency_figure, live_figures, range_part, score_panel
from analytics.pages.ranges import DAY, HOUR, WHOLE, RangeForm, TimeRange
from analytics.pages.wording import NOTHING, count_words, delay_words, rate_words
from analytics.reading.audience import period_of, read_stream
from analytics.reading.periods import LONGEST, Period
from analytics.reading.retention import LEAST_VIEWS
from analytics.reading.sessions import active_sessions
from portal.audience import stream_subject
from streaming.models import Stream

PRESETS = (HOUR, DAY)
_MOST_SESSIONS = 50
# As CMCD names them.
_STATES: dict[str, str | Promise] = {
    "s": _("starting"),
    "p": _("playing"),
    "k": _("seeking"),
    "r": _("waiting for media"),
    "a": _("paused"),
    "e": _("ended"),
    "f": _("failed"),
    "q": _("left"),
    "d": _("preloading"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A player that is open. It names nobody."""

    joined_at: datetime
    state: str
    device: str
    country: str
    quality: str
    rate: str
    latency: str
    stalls: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFiguresPage:
    """`now` is None of a stream that is over; of its health there is none then, either."""

    stream: Stream
    title: str
    phase: str
    now: StreamNow | None
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    sessions: tuple[SessionRow, ...]
    score: ScorePanel | None
    enough_views: int
    range: RangePart
    words: Mapping[str, Any]

    @property
    def socket_path(self) -> str:
        return f"/ws/streams/{self.stream.pk}/metrics/"

    @property
    def told(self) -> dict[str, Any] | None:
        """What the socket would begin with, so that the page need not wait for it."""
        return asdict(self.now) if self.now else None


def whole_broadcast(stream: Stream, *, at: datetime) -> TimeRange:
    """Return the time that it is, or was, on air; of one that never ends, the longest that can be shown."""
    on_air = period_of(stream, at=at)
    period = Period(starts_at=max(on_air.starts_at, on_air.ends_at - LONGEST), ends_at=on_air.ends_at)
    return TimeRange(name=WHOLE, period=period, goes_on=stream.ended_at is None)


def stream_figures_page(stream: Stream, form: RangeForm, *, at: datetime) -> StreamFiguresPage:
    """Read the page: a fixed number of queries, however many watch. Raises PeriodTooLong."""
    shown = form.chosen
    figures = read_stream(stream, shown.period, at=at)
    now = stream_now(stream, at=at) if stream.is_live else None
    api = f"/api/v1/streams/{stream.pk}/metrics"
    return StreamFiguresPage(
        stream=stream,
        title=stream.title or stream.channel.title,
        phase=str(stream.phase.label),
        now=now,
        figures=(*live_figures(now.metrics, now=now), latency_figure(now.metrics)) if now else (),
        charts=LIVE_CHARTS,
        sessions=_session_rows(stream, at) if now else (),
        score=score_panel(figures.totals),
        enough_views=LEAST_VIEWS,
        range=range_part(form, shown, figures, api_path=f"{api}/", csv_path=f"{api}.csv"),
        words={**figure_words(), "findings": finding_words()},
    )


def _session_rows(stream: Stream, at: datetime) -> tuple[SessionRow, ...]:
    sessions = active_sessions(stream_subject(stream.pk), at=at).order_by("-started_at", "-session")
    return tuple(_session_row(session) for session in sessions[:_MOST_SESSIONS])


def _session_row(session: PlaybackSession) -> SessionRow:
    rate_bps = None if session.bitrate_kbps is None else session.bitrate_kbps * 1000
    return SessionRow(
        joined_at=session.started_at,
        state=str(_STATES.get(session.state, session.state)),
        device=session.device or NOTHING,
        country=session.country or NOTHING,
        quality=session.quality or NOTHING,
        rate=rate_words(rate_bps),
        latency=delay_words(session.latency_ms),
        stalls=count_words(session.stall_count),
    )
