"""Tells the processes of a Celery worker's pool that the worker was asked to stop.

Celery waits for what runs, however long that takes. Long tasks ask here, every second or so, and break off.
"""

import mmap
from typing import Any

from celery import signals

# Shared with every process that is forked from here on. No signal could be too early for it, nor get lost.
_asked = mmap.mmap(-1, 1)


def connect() -> None:
    """Listen to Celery's signal; called once, where the Celery application is made: before a pool is forked."""
    signals.worker_shutting_down.connect(_note)


def is_asked() -> bool:
    """Tell whether the worker that this process belongs to was asked to stop; False outside a worker."""
    return _asked[0] != 0


def _note(**_: Any) -> None:
    _asked[0] = 1
