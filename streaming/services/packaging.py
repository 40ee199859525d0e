"""Carries a packaging job out: fetch, probe, plan, make playable, make the rest, publish."""

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime

import structlog
from django.conf import settings

from catalog.models import Caption
from streaming import tasks
from streaming.media.ladder import Codec, Rung
from streaming.media.plan import PlanConf, plan_vod
from streaming.models import PackagingJob, QualityLevel
from streaming.runtime.probing import probe_file
from streaming.runtime.segment_store import Sender, default_store
from streaming.services import jobs, packages
from streaming.services.jobs import CancelAsked, LeaseLost
from streaming.services.packaging_failures import failure_of, log_of
from streaming.services.packaging_lease import LeaseKeeper
from streaming.services.packaging_run import PackagingRun

log = structlog.get_logger("nova.packaging")
Clock = Callable[[], datetime]
Step = PackagingJob.Step


def package_next(*, clock: Clock) -> bool:
    """Take the most urgent job and carry it out; return False if none waits."""
    job = jobs.claim_job(worker=f"{socket.gethostname()}:{os.getpid()}", at=clock())
    if job is None:
        return False
    structlog.contextvars.bind_contextvars(job_id=str(job.pk))
    log.info("packaging.taken", attempt=job.attempt, source_id=str(job.source_id))
    with LeaseKeeper(job, clock=clock) as lease:
        _end(job, lease, clock)
    if PackagingJob.objects.claimable(clock()).exists():
        tasks.wake_worker(not_before=clock())
    return True


def _end(job: PackagingJob, lease: LeaseKeeper, clock: Clock) -> None:
    """Carry the job out, and say how it ended, whatever happens."""
    try:
        _carry_out(job, lease, clock)
        log.info("packaging.done")
    except LeaseLost:
        # It is another worker's now, and so is everything that belongs to it.
        log.warning("packaging.lease_lost")
    except CancelAsked:
        jobs.end_cancelled(job=job, at=clock())
        packages.retire_unfinished(job=job, at=clock())
        log.info("packaging.cancelled")
    # A process boundary: whatever went wrong is the job's cause, and the worker lives.
    except Exception as error:
        failure = failure_of(error)
        log.warning(
            "packaging.failed", cause=failure.code, may_pass=failure.may_pass, exc_info=failure.code == "internal"
        )
        jobs.fail(job=job, failure=failure, log=log_of(error), at=clock())
        packages.retire_unfinished(job=job, at=clock())


def _carry_out(job: PackagingJob, lease: LeaseKeeper, clock: Clock) -> None:
    store = default_store()
    with ExitStack() as stack:
        source = stack.enter_context(store.as_local_file(job.source.storage_key))
        lease.tell_now(step=Step.PROBING)
        found = probe_file(source, ffprobe=settings.NOVA_FFPROBE, keep_running=lease.is_held)
        lease.check()
        captions = _captions(job)
        plan = plan_vod(found, _ladder(), conf=PlanConf(), captions=[caption.language for caption in captions])
        lease.tell_now(plan=plan.to_json(), step=Step.FIRST)
        package = packages.begin_package(job=job, at=clock())
        sender = stack.enter_context(Sender(store))
        run = PackagingRun(job=job, package=package, plan=plan, source=source, sender=sender, lease=lease, clock=clock)
        run.carry_out(captions)


def _ladder() -> list[Rung]:
    return [
        Rung(
            name=level.name,
            codec=Codec(level.codec.lower()),
            width_px=level.width_px,
            height_px=level.height_px,
            bitrate_bps=level.bitrate_bps,
        )
        for level in QualityLevel.objects.filter(is_enabled=True).order_by("-height_px", "codec")
    ]


def _captions(job: PackagingJob) -> Sequence[Caption]:
    if job.source.movie_id is None:
        return ()
    return list(Caption.objects.filter(movie_id=job.source.movie_id).order_by("-is_default", "language", "kind", "pk"))
