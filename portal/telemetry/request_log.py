"""One line per request, the same for web and origin."""

import logging
import time
from http import HTTPStatus

import structlog

from portal.telemetry.redaction import redact_text

# Asked for every few seconds by machines.
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
# Asked for by the dozen for one page, or several times a second by each player; the edge keeps a list of them.
_NUMEROUS = ("/static/", "/m/", "/packages/", "/verdict", "/api/v1/beacons/")

log = structlog.get_logger("nova.requests")
# Knows at once whether a line is wanted; structlog's makes itself anew for the question.
_levels = logging.getLogger("nova.requests")


def log_request(*, method: str, path: str, status: int, started: float) -> None:
    """Log one finished request. `path` comes without its query string; `started` is of `time.perf_counter()`."""
    level = _level(path, status)
    # Of what a player asks for nothing is shown as a rule, and looking for secrets in it costs as much as the answer.
    if not _levels.isEnabledFor(level):
        return
    log.log(
        level,
        "request.finished",
        method=method,
        path=redact_text(path),
        status=status,
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
    )


def _level(path: str, status: int) -> int:
    is_fine = status < HTTPStatus.BAD_REQUEST
    if path in PROBES or (is_fine and path.startswith(_NUMEROUS)):
        return logging.DEBUG
    return logging.INFO if status < HTTPStatus.INTERNAL_SERVER_ERROR else logging.ERROR
