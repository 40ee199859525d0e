"""What workers do for streaming."""

from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from portal import clock, worker_stop
from portal.celery import shared_task
from portal.errors import Transient
from portal.outages import REDIS_OUTAGES
from streaming.media.live.timing import LiveTiming
from streaming.runtime.segment_store import default_store
from streaming.services import live, package_captions, package_sweep, recordings, revocations, watch_positions

# For what must happen in the end: two hours of trying, as a bucket may be away for as long.
_PATIENT: dict[str, Any] = {
    "autoretry_for": (Transient, OperationalError, InterfaceError, *REDIS_OUTAGES),
    "retry_backoff": True,
    "retry_backoff_max": 600,
    "max_retries": 20,
}


def wake_worker(*, not_before: datetime) -> None:
    """Once this transaction has committed, let a worker look at the queue of jobs, but not before that moment."""
    transaction.on_commit(lambda: package_next.apply_async(eta=not_before), robust=True)


@shared_task(name="streaming.package_next", acks_late=True)
def package_next(**_: object) -> None:
    """Take the most urgent job and carry it out; nothing if none waits."""
    from streaming.services import packaging  # which imports this module to wake workers

    packaging.package_next(clock=clock.now, is_stopping=worker_stop.is_asked)


@shared_task(name="streaming.sweep_jobs", time_limit=60, soft_time_limit=50)
def sweep_jobs(**_: object) -> None:
    """Give the jobs of dead workers to living ones."""
    from streaming.services import jobs  # which imports this module to wake workers

    jobs.sweep(at=clock.now())


@shared_task(name="streaming.heal_streams", time_limit=30, soft_time_limit=25)
def heal_streams(**_: object) -> None:
    """See to streams whose origin is not heard of any more."""
    live.heal_streams(at=clock.now())


@shared_task(name="streaming.recover_recordings", time_limit=3000, soft_time_limit=2940)
def recover_recordings(**_: object) -> None:
    """Make packages of what streams have left whose origin is lost."""
    recordings.recover_recordings(store=default_store(), timing=LiveTiming(), clock=clock.now)


@shared_task(name="streaming.sweep_packages", time_limit=3000, soft_time_limit=2940)
def sweep_packages(**_: object) -> None:
    """Delete the files of packages that nobody needs any more."""
    package_sweep.sweep_packages(store=default_store(), at=clock.now())


@shared_task(name="streaming.forget_playback", time_limit=600, soft_time_limit=590)
def forget_playback(**_: object) -> None:
    """Delete revocations whose tokens have expired, and where people left off long ago."""
    revocations.forget_revocations(at=clock.now())
    watch_positions.forget_positions(at=clock.now())


def follow_captions_of(movie_id: int) -> None:
    """Once this transaction has committed, let a worker bring a movie's captions into its package."""
    transaction.on_commit(lambda: follow_captions.delay(movie_id=movie_id), robust=True)


@shared_task(name="streaming.follow_captions", time_limit=300, soft_time_limit=290, **_PATIENT)
def follow_captions(*, movie_id: int, **_: object) -> None:
    """Bring the texts of a movie's package in line with its captions."""
    package_captions.follow_captions(movie_id=movie_id, store=default_store())


@shared_task(name="streaming.follow_missed_captions", time_limit=300, soft_time_limit=290)
def follow_missed_captions(**_: object) -> None:
    """Look for changes of captions of which no worker was told, as the broker was away when they were committed."""
    for movie_id in package_captions.list_behind(at=clock.now()):
        follow_captions.delay(movie_id=movie_id)


@shared_task(name="streaming.bring_in_demo_films", time_limit=1200, soft_time_limit=1140)
def bring_in_demo_films(**_: object) -> None:
    """Make the films that the demo's movies wait for."""
    from streaming.services import demo_films  # whose packages' jobs wake workers by this module

    demo_films.bring_in_films(clock=clock.now, is_stopping=worker_stop.is_asked)
