"""Writes about packages: begun, playable, ready, replaced."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from portal import audit, events
from portal.ids import uuid7
from streaming.events import MovieBecamePlayable
from streaming.models import Package, PackagingJob, Source
from streaming.services import jobs

State = Package.State
_UNFINISHED = (State.MAKING, State.GROWING)


def begin_package(*, job: PackagingJob, at: datetime) -> Package:
    """Return a new package for this attempt at a job, under a path that nobody can guess."""
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
        PackagingJob.objects.filter(pk=job.pk).update(package=package)
        job.package = package
    return package


def tell_playable(*, package: Package, index: Mapping[str, Any], duration_s: float | None, at: datetime) -> None:
    """Let players start what grows still, or go on with what has grown."""
    with transaction.atomic():
        is_new = package.state == State.MAKING
        package.state, package.index, package.duration_s = State.GROWING, dict(index), duration_s
        package.playable_at = package.playable_at or at
        package.save()
        if is_new:
            _retire(Package.objects.filter(source_id=package.source_id, state__in=_UNFINISHED), package, at)
            _tell(package, at)


def publish_package(
    *,
    job: PackagingJob,
    package: Package,
    index: Mapping[str, Any],
    duration_s: float,
    size_bytes: int,
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
        _retire(Package.objects.filter(source=source, state__in=(*_UNFINISHED, State.READY)), package, at)
        if source.movie_id is not None:
            _retire(Package.objects.filter(movie_id=source.movie_id, state=State.READY), package, at)
        package.movie_id, package.state = source.movie_id, State.READY
        package.index, package.duration_s, package.size_bytes = dict(index), duration_s, size_bytes
        package.playable_at, package.ready_at = package.playable_at or at, at
        package.save()
        audit.record("package.published", package, by=None, at=at, after={"source": str(source.pk)})
        _tell(package, at)


def move_to_movie(*, source: Source, at: datetime) -> None:
    """Take a source's packages along to the movie that it belongs to now; the one that this movie had goes."""
    for package in Package.objects.playable().filter(source=source):
        if package.movie_id == source.movie_id:
            continue
        if source.movie_id is not None and package.state == State.READY:
            _retire(Package.objects.filter(movie_id=source.movie_id, state=State.READY), package, at)
        package.movie_id = source.movie_id
        package.save(update_fields=["movie"])
        _tell(package, at)


def retire_unfinished(*, job: PackagingJob, at: datetime) -> None:
    """Give up what an ended job has left half made."""
    Package.objects.filter(source_id=job.source_id, state__in=_UNFINISHED).update(state=State.RETIRED, retired_at=at)


def _retire(packages: "Any", successor: Package, at: datetime) -> None:
    packages.exclude(pk=successor.pk).update(state=State.RETIRED, retired_at=at)


def _tell(package: Package, at: datetime) -> None:
    if package.movie_id is not None:
        events.publish(MovieBecamePlayable.of(package), at=at)
