"""Room for figures, and the rows that they are of."""

from datetime import UTC, datetime

from analytics import partitions
from analytics.counting.figures import PORTAL
from analytics.store.subjects import save_subjects
from tests.analytics.counting.telling import MOVIE, START, STREAM

AT = datetime.fromtimestamp(START / 1000, UTC)


def make_room() -> dict[str, int]:
    """Make partitions and subjects; return the ids of these by name."""
    partitions.make_partitions_ahead(at=AT)
    return save_subjects({PORTAL: "", MOVIE: "A film", STREAM: "A stream"})
