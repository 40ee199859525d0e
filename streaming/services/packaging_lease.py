"""Keeps a worker's hold on its job while it is busy with other things."""

import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

import structlog
from django.db import OperationalError, connection

from streaming.models import PackagingJob
from streaming.services.jobs import LEASE, CancelAsked, LeaseLost, WorkerStops, renew_lease

log = structlog.get_logger("nova.packaging")
End = LeaseLost | CancelAsked | WorkerStops
# A worker must hear soon that its job is cancelled: within three seconds nothing of it runs any more.
_EVERY_S = 1.0


class Clock(Protocol):
    def __call__(self) -> datetime: ...


class LeaseKeeper:
    """Renews the lease from a thread of its own, and tells with it how far the job is.

    A worker that reads from a slow store or waits for a disk is alive: it must not lose its job for that. If the
    database does not answer, the job goes on until the lease is over; then somebody else may have it already.
    `is_stopping` tells whether this worker was asked to stop.
    """

    def __init__(self, job: PackagingJob, *, clock: Clock, is_stopping: Callable[[], bool] = lambda: False) -> None:
        self._job, self._clock, self._is_stopping = job, clock, is_stopping
        self._told: dict[str, Any] = {}
        self._renewed_at = clock()
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._ended: End | None = None
        self._thread = threading.Thread(target=self._keep, name=f"lease-{job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def tell(self, **progress: Any) -> None:
        """Have fields of the job's row written with the next renewal."""
        with self._lock:
            self._told |= progress

    def tell_now(self, **progress: Any) -> None:
        """Write fields of the job's row at once. Raises LeaseLost, CancelAsked, WorkerStops."""
        with self._lock:
            told, self._told = self._told | progress, {}
        self.check()
        at = self._clock()
        renew_lease(job=self._job, at=at, progress=told)
        self._renewed_at = at

    @property
    def ended(self) -> End | None:
        """Why the job may not go on; None while it may."""
        if self._ended is None:
            if self._clock() - self._renewed_at > LEASE:
                # The machine slept, or this process did, and whoever looked took it for dead.
                return LeaseLost()
            if self._is_stopping():
                return WorkerStops()
        return self._ended

    def is_held(self) -> bool:
        """Tell whether the job may go on."""
        return self.ended is None

    def check(self) -> None:
        """Raises LeaseLost, CancelAsked, WorkerStops."""
        if ended := self.ended:
            raise ended

    def _keep(self) -> None:
        try:
            while self.ended is None and not self._is_over.wait(_EVERY_S):
                self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        with self._lock:
            told, self._told = self._told, {}
        at = self._clock()
        try:
            renew_lease(job=self._job, at=at, progress=told)
        except (LeaseLost, CancelAsked) as ended:
            self._ended = ended
        except OperationalError as error:
            log.warning("packaging.lease_not_renewed", job_id=str(self._job.pk), error=str(error))
            connection.close()
            with self._lock:
                self._told = told | self._told
        else:
            self._renewed_at = at
