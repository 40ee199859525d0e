"""Look into the portal that the environment names; run as a program of its own.

python -m benchmarks.packaged_films.desk playable FILE_NAME
python -m benchmarks.packaged_films.desk outcome SECONDS
python -m benchmarks.packaged_films.desk tidy
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from portal import clock  # noqa: E402 - once the apps are loaded
from portal.models import User  # noqa: E402
from streaming.models import Package, PackagingJob  # noqa: E402
from streaming.runtime.segment_store import default_store  # noqa: E402
from streaming.services import jobs  # noqa: E402
from streaming.services.package_sweep import sweep_packages  # noqa: E402

_LOOK_EVERY_S = 0.05
_PATIENCE_S = 300
# Past every time for which clean-up leaves a file alone.
_LONG_AFTER = timedelta(days=30)


def tell_playable(file_name: str) -> None:
    """Say `watching`, then as JSON the times of day of each step until a film can be played; cancel what is left."""
    packages = Package.objects.playable().filter(source__file_name=file_name)
    # Connected to the database before the clock runs.
    print("watching", packages.exists(), flush=True)
    _wait(packages.exists, patience_s=_PATIENCE_S)
    seen, package = time.time(), packages.select_related("job").get()
    steps = (package.job.queued_at, package.job.started_at, package.created_at)
    print(json.dumps([*(step.timestamp() for step in steps if step), seen]), flush=True)
    by = User.objects.get(username="admin")
    for job in PackagingJob.objects.unfinished():
        jobs.cancel_job(job_id=job.pk, by=by, at=clock.now())
    _wait(lambda: not PackagingJob.objects.unfinished().exists(), patience_s=_PATIENCE_S)


def tell_outcome(patience_s: float) -> None:
    """Print as JSON how every job ended, and the folders of what can be played, once all jobs are over."""
    is_over = _wait(lambda: not PackagingJob.objects.unfinished().exists(), patience_s=patience_s)
    rows = PackagingJob.objects.order_by("queued_at").values_list("state", "attempt", "failure_code")
    paths = Package.objects.filter(state=Package.State.READY).values_list("path", flat=True)
    print(json.dumps({"is_over": is_over, "jobs": list(rows), "packages": list(paths)}))


def tidy() -> None:
    """Do what clean-up does once every grace is over."""
    sweep_packages(store=default_store(), at=clock.now() + _LONG_AFTER)


def _wait(happened: Callable[[], bool], *, patience_s: float) -> bool:
    given_up_at = time.monotonic() + patience_s
    while not happened():
        if time.monotonic() > given_up_at:
            return False
        time.sleep(_LOOK_EVERY_S)
    return True


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["playable", file_name]:
            tell_playable(file_name)
        case ["outcome", patience_s]:
            tell_outcome(float(patience_s))
        case ["tidy"]:
            tidy()
        case _:
            sys.exit(__doc__)
