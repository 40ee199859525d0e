"""Logs: JSON for machines, readable lines for a terminal; every line carries the correlation id.

Structlog's loggers and those of the standard library (Django, Celery, Daphne, uvicorn) end in one handler and one form.
"""

import logging
import re
from typing import Any

import structlog

from portal.telemetry.redaction import redact_event
from portal.telemetry.trace_ids import add_trace_id

_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    add_trace_id,
]
# Shown by their place in the line, or of no use to somebody at a terminal.
_NOT_AS_PAIRS = frozenset({"timestamp", "level", "event", "logger", "exception", "stack", "request_id", "trace_id"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]")
_NEEDS_QUOTES = re.compile(r"[\s\"'=]|^$")


def configure_structlog() -> None:
    """Send structlog's loggers through the standard library's handlers."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def build_logging(log_format: str, *, level: str) -> dict[str, Any]:
    """Return Django's LOGGING for `log_format`: "json" or "console"."""
    render: Any = render_line if log_format == "console" else structlog.processors.JSONRenderer(ensure_ascii=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "nova": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    redact_event,
                    render,
                ],
            }
        },
        "filters": {
            "unforeseen": {"()": OnlyTracebacks},
            "no traceback": {"()": WithoutTraceback},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "nova"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "NOTSET", "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # A request's own line says its status; what remains to be told is why it failed.
            "django.request": {"filters": ["unforeseen"]},
            # A stranger's bad Host header is worth a line, not a traceback.
            "django.security.DisallowedHost": {"filters": ["no traceback"]},
            # It narrates its start, and at debug level every request.
            "daphne": {"level": "WARNING"},
            # Our `task.finished` takes the place of "received" and "succeeded".
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }


class OnlyTracebacks(logging.Filter):
    """Lets a record pass only if it carries an exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None


class WithoutTraceback(logging.Filter):
    """Turns an error with a traceback into a plain warning."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def render_line(_logger: Any, _method: str, event: dict[str, Any]) -> str:
    """Write an event for a person: time, level, event, key=value, the correlation id last; tracebacks below.

    Control characters are escaped, so that nobody outside can forge a line or move the cursor.
    """
    time = str(event.get("timestamp", ""))[11:19]
    pairs = [f"{key}={_shown(value)}" for key, value in event.items() if key not in _NOT_AS_PAIRS]
    if request_id := event.get("request_id"):
        pairs.append(f"request_id={_shown(request_id)}")
    head = " ".join([time, f"{event.get('level', ''):<8}", _escape(str(event.get("event", ""))), *pairs])
    below = [str(event[key]) for key in ("stack", "exception") if event.get(key)]
    return "\n".join([head.rstrip(), *(f"    {_escape(line)}" for text in below for line in text.splitlines())])


def _shown(value: object) -> str:
    text = _escape(str(value))
    return f'"{text}"' if _NEEDS_QUOTES.search(text) else text


def _escape(text: str) -> str:
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)
