"""What became of the audiences of streams, for lists of them."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Max, Sum

from analytics.models import MetricMinute
from streaming.past_audiences import PastAudience


def read_past_audiences(stream_ids: Collection[UUID]) -> dict[UUID, PastAudience]:
    """Read it of each stream, but for those that nobody watched; one query."""
    minutes = MetricMinute.objects.filter(subject__stream__in=stream_ids).values("subject__stream")
    found = minutes.annotate(peak=Max("viewers_peak"), watch_s=Sum("viewers_sum"), counted_s=Sum("seconds"))
    return {
        row["subject__stream"]: PastAudience(
            peak=row["peak"], average=row["watch_s"] / max(1, row["counted_s"]), watch_s=row["watch_s"]
        )
        for row in found
    }
