"""One line per request, the same for web and origin."""

import time
from http import HTTPStatus

import structlog

from portal.telemetry.redaction import redact_text

# Asked for every few seconds by machines.
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
# Asked for by the dozen for one page, or several times a second by each player; the edge keeps a list of them.
_NUMEROUS = ("/static/", "/m/", "/packages/", "/verdict")

log = structlog.get_logger("nova.requests")


def log_request(*, method: str, path: str, status: int, started: float) -> None:
    """Log one finished request. `path` comes without its query string; `started` is of `time.perf_counter()`."""
    is_fine = status < HTTPStatus.BAD_REQUEST
    if path in PROBES or (is_fine and path.startswith(_NUMEROUS)):
        write = log.debug
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        write = log.info
    else:
        write = log.error
    write(
        "request.finished",
        method=method,
        path=redact_text(path),
        status=status,
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
    )
