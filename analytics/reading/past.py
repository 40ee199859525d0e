"""What became of the audiences of streams, for lists of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, Sum

from analytics.models import MetricMinute, MetricSecond
from analytics.reading.periods import Resolution, floor
from analytics.reading.series import COUNTED_AFTER
from streaming.past_audiences import PastAudience


def read_past_audiences(stream_ids: Collection[UUID], *, at: datetime) -> dict[UUID, PastAudience]:
    """Read it of each stream, but for those of which nothing was counted; two queries."""
    # Of what has just ended, the last minutes are in no minute yet.
    minutes_until = floor(at - COUNTED_AFTER, Resolution.MINUTE.span)
    minutes = MetricMinute.objects.filter(subject__stream__in=stream_ids, at__lt=minutes_until)
    seconds = MetricSecond.objects.filter(subject__stream__in=stream_ids, at__gte=minutes_until)
    found: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in (
        *minutes.values("subject__stream").annotate(
            peak=Max("viewers_peak"), watch_s=Sum("viewers_sum"), counted_s=Sum("seconds")
        ),
        *seconds.values("subject__stream").annotate(
            peak=Max("viewers"),
            watch_s=Sum("viewers"),
            counted_s=Count("at"),
            open=Count("at", filter=Q(is_sealed=False)),
        ),
    ):
        found.setdefault(row["subject__stream"], []).append(row)
    return {stream_id: _together(rows) for stream_id, rows in found.items()}


def _together(rows: Sequence[Mapping[str, Any]]) -> PastAudience:
    watch_s, counted_s = (sum(row[name] for row in rows) for name in ("watch_s", "counted_s"))
    return PastAudience(
        peak=max(row["peak"] for row in rows),
        average=watch_s / max(1, counted_s),
        watch_s=watch_s,
        is_final=not any(row.get("open") for row in rows),
    )
