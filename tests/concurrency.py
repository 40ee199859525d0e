"""Several threads on the real database, at the same moment."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection, connections

T = TypeVar("T")
_PATIENCE_S = 20


def at_once(*calls: Callable[[], T]) -> list[T | Exception]:
    """Start every call at the same moment, each in a thread of its own; return what each returned or raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            barrier.wait(_PATIENCE_S)
            return call()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def start_and_wait(call: Callable[[], T]) -> "Future[T]":
    """Start the call in another thread and return as soon as it waits for a lock that this thread holds."""

    def run() -> T:
        try:
            return call()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(1)
    future = pool.submit(run)
    pool.shutdown(wait=False)
    _wait_until_it_waits(future)
    return future


def _wait_until_it_waits(future: "Future[T]") -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and not future.done():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
        time.sleep(0.02)
    pytest.fail("it waits for nothing")
