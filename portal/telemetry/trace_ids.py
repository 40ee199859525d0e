"""The id of the current trace, for log lines. Kept apart from tracing's set-up: the settings import it."""

import sys
from typing import Any


def add_trace_id(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Add `trace_id` while a span is being recorded (a structlog processor)."""
    # Loaded by set_up_tracing only: without it there is no trace, and nothing to import.
    trace = sys.modules.get("opentelemetry.trace")
    if trace is not None:
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            event["trace_id"] = format(context.trace_id, "032x")
    return event
