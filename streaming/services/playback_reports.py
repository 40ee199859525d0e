"""What goes wrong in viewers' players, counted and logged: nobody else would ever hear of it."""

from enum import StrEnum
from uuid import UUID

import structlog
from prometheus_client import Counter

log = structlog.get_logger("nova.playback")
_failures = Counter("nova_playback_failures", "Failures that players told of, by code.", ["code"])


class FailureCode(StrEnum):
    """All that players tell of; what each means to a viewer stands in the player."""

    MANIFEST_MISSING = "manifest-missing"
    MANIFEST_FORBIDDEN = "manifest-forbidden"
    MANIFEST_UNAVAILABLE = "manifest-unavailable"
    SEGMENT_LOST = "segment-lost"
    MEDIA_DECODE = "media-decode"
    TOKEN_EXPIRED = "token-expired"
    PLAYBACK_REVOKED = "playback-revoked"
    OFFLINE = "offline"
    WINDOW_ENDED = "window-ended"
    NOT_READY = "not-ready"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


def take_report(*, code: FailureCode, session_id: UUID | None, position_s: float | None, detail: str) -> None:
    """Count a failure and write it down. `session_id` None: none was opened. Anybody could have made it up."""
    _failures.labels(code=code.value).inc()
    log.info(
        "playback.failed",
        code=code.value,
        session=str(session_id) if session_id else None,
        position_s=position_s,
        detail=detail,
    )
