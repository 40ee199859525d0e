"""Counts tasks: where they are sent, and where they run."""

from typing import Any

from celery import signals

from portal import clock
from portal.telemetry.own_metrics import (
    TASK_RUN_S,
    TASK_WAIT_S,
    TASKS_FAILED,
    TASKS_RETRIED,
    TASKS_SENT,
    TASKS_STARTED,
    TASKS_SUCCEEDED,
)

_SENT_AT = "nova_sent_at"


def connect() -> None:
    """Listen to Celery's signals; called once, where the Celery application is made."""
    signals.before_task_publish.connect(_stamp)
    signals.after_task_publish.connect(_sent)
    signals.task_prerun.connect(_started)
    signals.task_postrun.connect(_finished)
    signals.task_success.connect(_succeeded)
    signals.task_failure.connect(_failed)
    signals.task_retry.connect(_retried)


def _stamp(headers: dict[str, Any], **_: Any) -> None:
    headers[_SENT_AT] = clock.now().timestamp()


def _sent(sender: str, **_: Any) -> None:
    TASKS_SENT.labels(task=sender).inc()


def _started(task: Any, **_: Any) -> None:
    TASKS_STARTED.labels(task=task.name).inc()
    began_at = task.request.nova_began_at = clock.now().timestamp()
    sent_at = getattr(task.request, _SENT_AT, None)
    # One that is called as a function was in no queue; one with a time of its own waits for that.
    if sent_at is not None and not task.request.eta:
        # Clocks of two machines differ a little.
        TASK_WAIT_S.labels(task=task.name).observe(max(0.0, began_at - sent_at))


def _finished(task: Any, **_: Any) -> None:
    ran_s = clock.now().timestamp() - task.request.nova_began_at
    TASK_RUN_S.labels(task=task.name).observe(max(0.0, ran_s))


def _succeeded(sender: Any, **_: Any) -> None:
    TASKS_SUCCEEDED.labels(task=sender.name).inc()


def _failed(sender: Any, **_: Any) -> None:
    TASKS_FAILED.labels(task=sender.name).inc()


def _retried(sender: Any, **_: Any) -> None:
    TASKS_RETRIED.labels(task=sender.name).inc()
