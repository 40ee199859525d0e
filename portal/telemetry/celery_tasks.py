"""Telemetry of tasks: the caller's correlation id, one line per run, a trace, and no log set-up of Celery's own."""

import time
from typing import Any

import structlog
from celery import signals

from portal.telemetry.correlation import accept_request_id, current_request_id
from portal.telemetry.tracing import set_up_tracing, shut_down_tracing

_HEADER = "nova_request_id"

log = structlog.get_logger("nova.tasks")


def connect() -> None:
    """Listen to Celery's signals; called once, where the Celery application is made."""
    # A listener alone keeps Celery from configuring logging: Django has done it.
    signals.setup_logging.connect(_keep_our_logging)
    signals.before_task_publish.connect(_send_request_id)
    signals.task_prerun.connect(_begin)
    signals.task_postrun.connect(_finish)
    # After the fork: threads of the parent, such as the exporter's, do not live on in a child.
    signals.worker_process_init.connect(_trace_worker)
    signals.worker_process_shutdown.connect(_flush)
    signals.beat_init.connect(_trace_beat)


def _keep_our_logging(**_: Any) -> None:
    pass


def _send_request_id(headers: dict[str, Any], **_: Any) -> None:
    headers[_HEADER] = current_request_id()


def _begin(task_id: str, task: Any, **_: Any) -> None:
    request_id = accept_request_id(getattr(task.request, _HEADER, None))
    # Kept on the request: a task that runs within another, or within a web request, gives back what it found.
    task.request.nova_context = structlog.contextvars.bind_contextvars(
        request_id=request_id, task=task.name, task_id=task_id
    )
    task.request.nova_started = time.perf_counter()


def _finish(task: Any, state: str | None, **_: Any) -> None:
    duration_ms = round((time.perf_counter() - task.request.nova_started) * 1000, 1)
    log.info("task.finished", state=(state or "unknown").lower(), duration_ms=duration_ms)
    structlog.contextvars.reset_contextvars(**task.request.nova_context)


def _trace_worker(**_: Any) -> None:
    set_up_tracing("worker")


def _trace_beat(**_: Any) -> None:
    set_up_tracing("beat")


def _flush(**_: Any) -> None:
    shut_down_tracing()
