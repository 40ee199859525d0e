"""Who watches what: the names of the streaming app's event groups."""

from uuid import UUID

# Everybody who may see how packaging goes.
JOBS = "jobs"
# Everybody who has the list of who is on air open.
LIVE = "live"


def channel(channel_id: int) -> str:
    """Return the group of everybody who has the page of this channel open."""
    return f"channel.{channel_id}"


def stream(stream_id: UUID | str) -> str:
    """Return the group of everybody who follows this one stream."""
    return f"stream.{stream_id}"
