"""Writes about packaging jobs: queued, taken by one worker at a time, renewed, ended, given to another if it was lost.

The queue is the table. A message of the broker only wakes a worker up; if it is lost, the sweeper sends another.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from portal import audit, events
from portal.errors import NotFound
from portal.ids import uuid7
from portal.models import User
from streaming import tasks  # which imports this module: neither uses the other before both are there
from streaming.errors import JobHasSucceeded, JobIsOver, JobIsUnderWay, SourceIsGone
from streaming.events import JobChanged
from streaming.models import Package, PackagingJob, Source
from streaming.services.package_ends import give_up

# A worker that has not been heard of for so long is taken for dead. It renews its lease every few seconds, and a short
# wait for a busy database must not cost it the job.
LEASE = timedelta(seconds=20)
# What happens again and again is no accident: such a job fails, and says so.
MOST_ATTEMPTS = 5
_LONGEST_WAIT = timedelta(minutes=5)

State = PackagingJob.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job failed: a code with the facts that its words need; `may_pass`: another attempt may fare better."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    may_pass: bool = False


class LeaseLost(Exception):
    """Raised to a worker whose job another one has, or nobody any more: it must let go of everything at once."""


class CancelAsked(Exception):
    """Raised to a worker whose job somebody wants to be stopped."""


class WorkerStops(Exception):
    """Raised to a worker that was told to stop: it gives its job back, and the next one goes on with it."""


def enqueue_job(
    *, source_id: UUID, by: User | None, at: datetime, priority: int = PackagingJob.Priority.NORMAL
) -> PackagingJob:
    """Have a source packaged, as soon as a worker is free. Raises JobIsUnderWay, SourceIsGone, NotFound."""
    with transaction.atomic():
        source = _lock_source(source_id)
        other = PackagingJob.objects.unfinished().filter(source=source).first()
        if other is not None:
            raise JobIsUnderWay(job_id=other.pk)
        job = PackagingJob.objects.create(
            id=uuid7(at), source=source, priority=priority, requested_by=by, queued_at=at, not_before=at
        )
        audit.record("packaging_job.queued", job, by=by, at=at, after={"source": str(source.pk)})
        _tell(job, at)
        tasks.wake_worker(not_before=at)
    return job


def claim_job(*, worker: str, at: datetime, most_here: int | None = None) -> PackagingJob | None:
    """Return the most urgent job that waits, which is the caller's now; None if none waits.

    Nor if `most_here` jobs run on this machine, which the worker's name begins with, up to its last colon.
    """
    with transaction.atomic():
        if most_here is not None and _running_beside(worker, at) >= most_here:
            return None
        job = PackagingJob.objects.claimable(at).select_for_update(skip_locked=True, of=("self",)).first()
        if job is None:
            return None
        job.state, job.attempt, job.worker = State.RUNNING, job.attempt + 1, worker
        job.lease, job.lease_expires_at = uuid.uuid4(), at + LEASE
        job.started_at, job.step = at, PackagingJob.Step.FETCHING
        job.percent, job.speed, job.time_left_s = 0, None, None
        job.failure_code, job.failure_facts = "", {}
        job.save()
        _tell(job, at)
    return job


def _running_beside(worker: str, at: datetime) -> int:
    """Count the jobs of a worker's machine, on which nobody else claims one before this transaction ends."""
    machine, _, _ = worker.rpartition(":")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"streaming.claim_job {machine}"])
    running = PackagingJob.objects.filter(state=State.RUNNING, worker__startswith=f"{machine}:")
    return running.filter(lease_expires_at__gt=at).count()


def renew_lease(*, job: PackagingJob, at: datetime, progress: Mapping[str, object]) -> None:
    """Tell that the job goes on, and how far it is. Raises LeaseLost, CancelAsked.

    `progress` holds the fields of the row that have changed.
    """
    held = PackagingJob.objects.filter(pk=job.pk, state=State.RUNNING, lease=job.lease)
    if not held.update(lease_expires_at=at + LEASE, **progress):
        raise LeaseLost()
    for name, value in progress.items():
        setattr(job, name, value)
    if progress:
        _tell(job, at)
    if held.filter(is_cancel_asked=True).exists():
        raise CancelAsked()


def succeed(*, job: PackagingJob, warnings: Sequence[Mapping[str, object]], at: datetime) -> None:
    """End a job whose package is ready; called in the transaction that publishes it. Raises LeaseLost."""
    row = lock_held(job)
    row.warnings, row.percent, row.speed, row.time_left_s = list(warnings), 100, None, None
    _end(row, State.SUCCEEDED, at)
    audit.record("packaging_job.succeeded", row, by=None, at=at)


def fail(*, job: PackagingJob, failure: Failure, log: str, at: datetime) -> None:
    """End an attempt that came to nothing: the job waits for the next one, or has failed. Raises LeaseLost."""
    with transaction.atomic():
        row = lock_held(job)
        row.log = log
        _give_up(row, failure, at)


def give_back(*, job: PackagingJob, at: datetime) -> None:
    """Let the next worker go on with a job at once, in its old place of the queue. Raises LeaseLost.

    It is nobody's fault, so the attempt does not count: a portal that is restarted often must not fail long films.
    """
    with transaction.atomic():
        row = lock_held(job)
        row.attempt -= 1
        _put_back(row, "worker-stopped", at)


def end_cancelled(*, job: PackagingJob, at: datetime) -> None:
    """End a job that somebody wanted to be stopped. Raises LeaseLost."""
    with transaction.atomic():
        _end(lock_held(job), State.CANCELLED, at)


def cancel_job(*, job_id: UUID, by: User, at: datetime) -> PackagingJob:
    """Stop a job: at once if it waits, as soon as its worker hears of it if it runs. Raises JobIsOver, NotFound."""
    with transaction.atomic():
        job = _lock_job(job_id)
        if job.state not in (State.QUEUED, State.RUNNING):
            raise JobIsOver(state=job.state)
        _cancel(job, by, at)
    return job


def cancel_jobs_of(*, source_id: UUID, at: datetime) -> None:
    """Stop whatever is made of a source that is about to be deleted."""
    with transaction.atomic():
        for job in PackagingJob.objects.unfinished().filter(source=source_id).select_for_update(of=("self",)):
            _cancel(job, None, at)


def set_priority(*, job_id: UUID, priority: int, by: User, at: datetime) -> PackagingJob:
    """Make a job that has not ended more urgent, or less. The same again changes nothing. Raises JobIsOver, NotFound.

    Of a job that runs already it counts only if it is interrupted.
    """
    with transaction.atomic():
        job = _lock_job(job_id)
        if job.state not in (State.QUEUED, State.RUNNING):
            raise JobIsOver(state=job.state)
        before = {"priority": job.priority}
        if job.priority != priority:
            job.priority = priority
            job.save(update_fields=["priority"])
            audit.record(
                "packaging_job.prioritised", job, by=by, at=at, before=before, after={"priority": job.priority}
            )
            _tell(job, at)
    return job


def retry_job(*, job_id: UUID, by: User, at: datetime) -> PackagingJob:
    """Have the source of a job that failed or was cancelled packaged by a new job, as urgently.

    Raises JobHasSucceeded, JobIsUnderWay (for that job, or another one of its source), SourceIsGone, NotFound.
    """
    with transaction.atomic():
        job = _lock_job(job_id)
        if job.state == State.SUCCEEDED:
            raise JobHasSucceeded()
        return enqueue_job(source_id=job.source_id, by=by, at=at, priority=job.priority)


def sweep(*, at: datetime) -> int:
    """Give the jobs of dead workers to others, and wake workers for those that wait; return how many were lost."""
    lost = PackagingJob.objects.lost(at).values_list("pk", flat=True)
    count = sum(_release(job_id, at) for job_id in lost)
    if PackagingJob.objects.claimable(at).exists():
        tasks.wake_worker(not_before=at)
    return count


def _cancel(job: PackagingJob, by: User | None, at: datetime) -> None:
    if job.state == State.QUEUED:
        _end(job, State.CANCELLED, at)
    elif not job.is_cancel_asked:
        job.is_cancel_asked = True
        job.save(update_fields=["is_cancel_asked"])
        _tell(job, at)
    audit.record("packaging_job.cancelled", job, by=by, at=at)


def _release(job_id: UUID, at: datetime) -> bool:
    with transaction.atomic():
        job = PackagingJob.objects.lost(at).select_for_update(skip_locked=True, of=("self",)).filter(pk=job_id).first()
        if job is None:
            return False
        _give_up(job, Failure(code="worker-lost", may_pass=True), at)
    return True


def _give_up(job: PackagingJob, failure: Failure, at: datetime) -> None:
    # Of a job that is tried again too: whoever waits is told what stands in the way.
    job.failure_code, job.failure_facts = failure.code, dict(failure.facts)
    if failure.may_pass and (job.attempt < MOST_ATTEMPTS or job.is_cancel_asked):
        job.queued_at, job.not_before = at, at + _wait_before(job.attempt)
        _put_back(job, failure.code, at)
        return
    _end(job, State.FAILED, at)
    audit.record("packaging_job.failed", job, by=None, at=at, after={"cause": failure.code})


def _put_back(job: PackagingJob, cause: str, at: datetime) -> None:
    """Have a job wait for its next attempt; one that was to be cancelled has no next attempt."""
    if job.is_cancel_asked:
        _end(job, State.CANCELLED, at)
        return
    job.state, job.lease, job.lease_expires_at, job.worker = State.QUEUED, None, None, ""
    job.save()
    audit.record("packaging_job.interrupted", job, by=None, at=at, after={"cause": cause})
    _tell(job, at)
    tasks.wake_worker(not_before=job.not_before)


def _wait_before(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: nothing after the first, as most were a restart."""
    return min(_LONGEST_WAIT, timedelta(seconds=15 * ((1 << attempts) - 2)))


def _end(job: PackagingJob, state: str, at: datetime) -> None:
    job.state, job.finished_at, job.lease, job.lease_expires_at = state, at, None, None
    if state != State.FAILED:
        job.failure_code, job.failure_facts = "", {}
    job.save()
    if state != State.SUCCEEDED:
        # An attempt that is followed by another one leaves its package to it; the last one leaves nothing that plays.
        give_up(Package.objects.filter(source=job.source_id).unfinished(), at=at)
    _tell(job, at)


def _tell(job: PackagingJob, at: datetime) -> None:
    events.publish(JobChanged.of(job), at=at)


def lock_held(job: PackagingJob) -> PackagingJob:
    """Lock the job's row for this transaction, if the caller has the job still. Raises LeaseLost."""
    held = PackagingJob.objects.filter(pk=job.pk, state=State.RUNNING, lease=job.lease)
    row = held.select_for_update(of=("self",)).first()
    if row is None:
        raise LeaseLost()
    return row


def _lock_job(job_id: UUID) -> PackagingJob:
    job = PackagingJob.objects.select_for_update(of=("self",)).filter(pk=job_id).first()
    if job is None:
        raise NotFound()
    return job


def _lock_source(source_id: UUID) -> Source:
    source = Source.objects.select_for_update(of=("self",)).filter(pk=source_id).first()
    if source is None:
        raise NotFound()
    if not source.has_file:
        raise SourceIsGone()
    return source
