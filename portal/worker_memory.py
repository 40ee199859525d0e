"""The memory of a worker: processes of its pool share with their parent what it had loaded before it forked them."""

from typing import Any

from celery import signals

from portal.garbage import set_loaded_aside


def connect() -> None:
    """Listen to Celery's signal; called once, where the Celery application is made."""
    signals.worker_before_create_process.connect(_keep_shared)


def _keep_shared(**_: Any) -> None:
    set_loaded_aside()
