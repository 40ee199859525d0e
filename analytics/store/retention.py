"""How long figures are kept, and what is done once a day."""

from datetime import datetime, timedelta

import structlog

from analytics import partitions
from analytics.partitions import MINUTES, SECONDS, SESSIONS
from analytics.store.sessions import count_viewers

# A month may be compared with that of the year before.
_MINUTES_KEPT = timedelta(days=396)
# Fewer, and nobody has made any for a day: two more, and nothing can be written.
_LEAST_DAYS_AHEAD = 2

log = structlog.get_logger("nova.audience")


def tend_partitions(*, at: datetime, seconds_hours: int, session_days: int) -> None:
    """Make partitions ahead of time, and drop those of which every row is too old."""
    warn_if_they_run_out(at=at)
    partitions.make_partitions_ahead(at=at)
    limits = (
        (SECONDS, timedelta(hours=seconds_hours)),
        (MINUTES, _MINUTES_KEPT),
        (SESSIONS, timedelta(days=session_days)),
    )
    for table, kept in limits:
        dropped = partitions.drop_partitions(table, before=at - kept)
        if dropped:
            log.info("audience.partitions_dropped", names=dropped)


def warn_if_they_run_out(*, at: datetime) -> bool:
    """Tell the log if there is little room ahead; return whether that is so."""
    ahead = partitions.days_ahead(at=at)
    if ahead < _LEAST_DAYS_AHEAD:
        log.error("audience.partitions_run_out", days_ahead=ahead)
    return ahead < _LEAST_DAYS_AHEAD


def count_viewers_of_yesterday(*, at: datetime) -> None:
    """Count once more, after the sessions have ended that began on that day."""
    count_viewers([(at - timedelta(days=1)).date()])
