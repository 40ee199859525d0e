"""One line per request, the same for web and origin."""

import time
from http import HTTPStatus

import structlog

from portal.telemetry.redaction import redact_text

# Asked for every few seconds by machines, or by the dozen for one page.
_QUIET_PATHS = ("/livez", "/readyz", "/metrics", "/static/")

log = structlog.get_logger("nova.requests")


def log_request(*, method: str, path: str, status: int, started: float) -> None:
    """Log one finished request. `path` comes without its query string; `started` is of `time.perf_counter()`."""
    write = log.info
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        write = log.error
    elif path.startswith(_QUIET_PATHS):
        write = log.debug
    write(
        "request.finished",
        method=method,
        path=redact_text(path),
        status=status,
        duration_ms=round((time.perf_counter() - started) * 1000, 1),
    )
