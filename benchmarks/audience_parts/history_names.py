"""What the history is of: the same for who fills it and who asks."""

from datetime import datetime, timedelta
from uuid import UUID

MOVIES, MOVIES_WITH_CURVES = 2000, 200


def names_of_streams(count: int) -> list[str]:
    return [f"stream:{UUID(int=number)}" for number in range(1, count + 1)]


def end_of(at: datetime) -> datetime:
    """Return the last full hour, at which the history ends."""
    return at - timedelta(seconds=at.timestamp() % 3600)
