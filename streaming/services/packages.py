"""Writes about packages: begun, playable, ready, replaced."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.services.movies import measure_runtime
from portal import audit, events
from portal.ids import uuid7
from streaming import tasks
from streaming.events import MovieBecamePlayable
from streaming.media.index_json import index_to_json
from streaming.media.package_index import PackageIndex
from streaming.media.package_parts import size_of
from streaming.models import Package, PackagingJob, Source
from streaming.services import jobs
from streaming.services.package_ends import give_up
from streaming.services.revocations import revoke_movie

State = Package.State


def begin_package(*, job: PackagingJob, plan: Mapping[str, Any], at: datetime) -> Package:
    """Return a new package for this attempt at a job, under a path that nobody can guess. Raises LeaseLost."""
    with transaction.atomic():
        source = Source.objects.get(pk=job.source_id)
        package = Package.objects.create(
            id=uuid7(at),
            source=source,
            movie_id=source.movie_id,
            path=f"packages/{secrets.token_hex(16)}",
            created_at=at,
        )
        # That of an attempt that came to nothing stays until this one can be played.
        _hand_over(job, package, plan)
    return package


def take_up_package(*, job: PackagingJob, package: Package, plan: Mapping[str, Any]) -> bool:
    """Let this attempt go on with what an earlier one has begun; False if its files are being deleted by now.

    Raises LeaseLost.
    """
    with transaction.atomic():
        row = Package.objects.select_for_update(of=("self",)).get(pk=package.pk)
        if row.state not in (State.GROWING, State.RETIRED):
            return False
        # One that was given up is told anew as soon as this attempt says that it can be played.
        package.state = State.MAKING if row.state == State.RETIRED else row.state
        package.retired_at, package.movie_id = None, Source.objects.get(pk=job.source_id).movie_id
        package.save(update_fields=["state", "retired_at", "movie"])
        PackagingJob.objects.filter(package=package).exclude(pk=job.pk).update(package=None)
        _hand_over(job, package, plan)
    return True


def tell_playable(
    *, job: PackagingJob, package: Package, index: Mapping[str, Any], duration_s: float | None, at: datetime
) -> None:
    """Let players start what grows still, or go on with what has grown. Raises LeaseLost."""
    with transaction.atomic():
        # A worker that was asleep must not write over what the one after it has made of the package.
        jobs.lock_held(job)
        is_new = package.state == State.MAKING
        # Meanwhile the film may have come to a movie, which has its packages already.
        package.movie_id = Source.objects.select_for_update(of=("self",)).get(pk=package.source_id).movie_id
        package.state, package.index, package.duration_s = State.GROWING, dict(index), duration_s
        package.playable_at = package.playable_at or at
        package.save()
        if is_new:
            give_up(Package.objects.filter(source=package.source_id).unfinished().exclude(pk=package.pk), at=at)
            _tell(package, at)


def publish_package(
    *,
    job: PackagingJob,
    package: Package,
    index: PackageIndex,
    warnings: Sequence[Mapping[str, object]],
    at: datetime,
) -> None:
    """Make a whole package the one of its movie; the one before it goes. All of it happens, or nothing.

    Raises:
        LeaseLost: the job is another worker's by now.
    """
    with transaction.atomic():
        jobs.succeed(job=job, warnings=warnings, at=at)
        source = Source.objects.select_for_update(of=("self",)).get(pk=package.source_id)
        others = Package.objects.exclude(pk=package.pk)
        give_up(others.filter(source=source).unfinished(), at=at)
        others.filter(source=source, state=State.READY).retire(at)
        if source.movie_id is not None:
            others.filter(movie_id=source.movie_id, state=State.READY).retire(at)
        package.movie_id, package.state = source.movie_id, State.READY
        package.index, package.duration_s = index_to_json(index), float(index.duration_s)
        package.size_bytes = size_of(index)
        package.playable_at, package.ready_at = package.playable_at or at, at
        package.save()
        audit.record("package.published", package, by=None, at=at, after={"source": str(source.pk)})
        if source.movie_id is not None:
            # They may have changed since the job began.
            tasks.follow_captions_of(source.movie_id)
        _tell(package, at)
    # Whoever attaches a film locks the movie before its source: here it would be the other way round.
    _measure(package, at)


def move_to_movie(*, source: Source, at: datetime) -> None:
    """Take a source's packages along to the movie that it belongs to now; the one that this movie had goes."""
    for package in Package.objects.playable().filter(source=source):
        if package.movie_id == source.movie_id:
            continue
        if source.movie_id is not None and package.state == State.READY:
            taken = Package.objects.filter(movie_id=source.movie_id, state=State.READY)
            taken.exclude(pk=package.pk).retire(at)
        if package.movie_id is not None:
            # Who watches it there may not be allowed to watch it here.
            revoke_movie(package.movie_id, at=at)
        package.movie_id = source.movie_id
        package.save(update_fields=["movie"])
        if package.movie_id is not None and package.state == State.READY:
            tasks.follow_captions_of(package.movie_id)
        _tell(package, at)
        _measure(package, at)


def _hand_over(job: PackagingJob, package: Package, plan: Mapping[str, Any]) -> None:
    """Note package and plan at once: a later attempt goes on with the one only if its plan is the other."""
    held = PackagingJob.objects.filter(pk=job.pk, state=PackagingJob.State.RUNNING, lease=job.lease)
    if not held.update(package=package, plan=dict(plan)):
        raise jobs.LeaseLost()
    job.package, job.plan = package, dict(plan)


def _measure(package: Package, at: datetime) -> None:
    """Let the movie have the length of its film, if nobody has said how long it is."""
    if package.movie_id is not None and package.state == State.READY and package.duration_s:
        measure_runtime(movie_id=package.movie_id, runtime_s=max(1, round(package.duration_s)), at=at)


def _tell(package: Package, at: datetime) -> None:
    if package.movie_id is not None:
        events.publish(MovieBecamePlayable.of(package), at=at)
