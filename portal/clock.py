"""The one place that reads the wall clock.

Interfaces call `now()` once and pass the moment on as `at`; nothing below them asks for the time.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment as an aware UTC datetime."""
    return datetime.now(UTC)
