"""Who follows figures: the names of the analytics app's event groups."""

from uuid import UUID

# Everybody who has the dashboard open.
DASHBOARD = "dashboard"


def stream_metrics(stream_id: UUID | str) -> str:
    """Return the group of everybody who follows the figures of one stream, which are for those who run it."""
    return f"stream_metrics.{stream_id}"
