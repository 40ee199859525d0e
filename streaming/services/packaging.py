"""Carries a packaging job out: fetch, probe, plan, make playable, make the rest, publish."""

import math
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog
from django.conf import settings

from catalog.models import Caption
from streaming import tasks
from streaming.media.codable import encode
from streaming.media.errors import MediaFault
from streaming.media.package_plan import PackagingPlan
from streaming.media.plan import PlanConf, plan_vod
from streaming.models import PackagingJob
from streaming.runtime.executor import ProgramFailed
from streaming.runtime.probing import probe_file
from streaming.runtime.segment_store import Sender, default_store
from streaming.services import jobs
from streaming.services.jobs import CancelAsked, LeaseLost, WorkerStops
from streaming.services.packaging_attempt import begin_attempt
from streaming.services.packaging_failures import failure_of, log_of
from streaming.services.packaging_lease import LeaseKeeper
from streaming.services.packaging_resume import known_copy_fault, was_tried
from streaming.services.packaging_run import FallsBehind, PackagingRun, caption_texts, cores_of_a_job
from streaming.services.quality_levels import read_ladder

log = structlog.get_logger("nova.packaging")
Clock = Callable[[], datetime]
Step = PackagingJob.Step
# Faults of a package that come from taking picture or sound as they are, or may come from it.
_CURED_BY_ENCODING = frozenset({"media-fault", "out-of-order"})


def package_next(*, clock: Clock, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Take the most urgent job and carry it out; return False if none was taken.

    `is_stopping` is asked all the time: when this worker is to stop, the job is given back within seconds.
    """
    if is_stopping():
        return False
    worker = f"{socket.gethostname()}:{os.getpid()}"
    job = jobs.claim_job(worker=worker, at=clock(), most_here=settings.NOVA_WORKER_CONCURRENCY)
    if job is None:
        return False
    # Before the work: others may be idle, and their messages lost.
    _wake_another(clock)
    with (
        structlog.contextvars.bound_contextvars(job_id=str(job.pk)),
        LeaseKeeper(job, clock=clock, is_stopping=is_stopping) as lease,
    ):
        log.info("packaging.taken", attempt=job.attempt, source_id=str(job.source_id))
        _end(job, lease, clock)
    # Behind it, too: those that were woken meanwhile may have found every place taken.
    _wake_another(clock)
    return True


def _wake_another(clock: Clock) -> None:
    if PackagingJob.objects.claimable(clock()).exists():
        tasks.wake_worker(not_before=clock())


def _end(job: PackagingJob, lease: LeaseKeeper, clock: Clock) -> None:
    """Carry the job out, and say how it ended, whatever happens."""
    try:
        _carry_out(job, lease, clock)
        log.info("packaging.done")
    # A process boundary: whatever went wrong is the job's cause, and the worker lives.
    except Exception as error:
        # What breaks when the lease is gone breaks because of that.
        _end_early(job, lease.ended or error, clock)


def _end_early(job: PackagingJob, cause: Exception, clock: Clock) -> None:
    try:
        if isinstance(cause, LeaseLost):
            raise cause
        if isinstance(cause, CancelAsked):
            jobs.end_cancelled(job=job, at=clock())
            log.info("packaging.cancelled")
            return
        if isinstance(cause, WorkerStops):
            jobs.give_back(job=job, at=clock())
            log.info("packaging.given_back")
            return
        failure = failure_of(cause)
        log.warning(
            "packaging.failed", cause=failure.code, may_pass=failure.may_pass, exc_info=failure.code == "internal"
        )
        jobs.fail(job=job, failure=failure, log=log_of(cause), at=clock())
    except LeaseLost:
        # It is another worker's now, and so is everything that belongs to it.
        log.warning("packaging.lease_lost")


def _carry_out(job: PackagingJob, lease: LeaseKeeper, clock: Clock) -> None:
    if not job.source.has_file:
        # Deleted while the job waited: there is nothing to read, however often it is tried.
        raise CancelAsked
    store = default_store()
    with ExitStack() as stack:
        source = stack.enter_context(store.as_local_file(job.source.storage_key, check=lease.check))
        lease.tell_now(step=Step.PROBING)
        found = probe_file(source, ffprobe=settings.NOVA_FFPROBE, keep_running=lease.is_held)
        lease.tell_now(probe=encode(found))
        captions = _captions(job)
        plan_by = partial(plan_vod, found, read_ladder(), captions=[caption.language for caption in captions])
        sender = stack.enter_context(Sender(store, check=lease.check))

        def make(plan: PackagingPlan) -> None:
            attempt = begin_attempt(job=job, plan=plan, captions=caption_texts(plan, captions), store=store, at=clock())
            lease.tell_now(step=Step.FIRST)
            PackagingRun(attempt, source=source, sender=sender, lease=lease, clock=clock).carry_out()

        conf = PlanConf(copy_fault=known_copy_fault(job), one_pass_cores=_one_pass_cores(job))
        while True:
            plan = plan_by(conf=conf)
            try:
                return make(plan)
            except (FallsBehind, MediaFault, ProgramFailed) as error:
                conf = _other_way(conf, plan, error)


def _other_way(conf: PlanConf, plan: PackagingPlan, error: Exception) -> PlanConf:
    """Return how to try it once more, now. Raises the error if there is no other way."""
    if isinstance(error, FallsBehind):
        log.info("packaging.one_pass_given_up")
        return replace(conf, one_pass_cores=None)
    if not plan.has_copies or failure_of(error).code not in _CURED_BY_ENCODING:
        raise error
    # Only the beginning and a few places of the source have been looked at.
    log.info("packaging.copy_given_up", error=str(error))
    return replace(conf, copy_fault=str(error), one_pass_cores=None)


def _one_pass_cores(job: PackagingJob) -> float | None:
    """Return how many cores would make all rungs at once; None where what is finished is kept for the next try."""
    if settings.NOVA_PACKAGING_PASSES == "two" or was_tried(job):
        return None
    return math.inf if settings.NOVA_PACKAGING_PASSES == "one" else cores_of_a_job()


def _captions(job: PackagingJob) -> Sequence[Caption]:
    if job.source.movie_id is None:
        return ()
    return list(Caption.objects.filter(movie_id=job.source.movie_id).order_by("-is_default", "language", "kind", "pk"))
