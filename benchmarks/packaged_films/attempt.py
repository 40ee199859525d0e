"""Package one film in a process of its own, and print what it took as JSON.

    python -m benchmarks.packaged_films.attempt FILM RUNG [RUNG ...]

Run with the services that the environment names. The rungs are those quality levels that are in use, by name.
"""

import json
import os
import re
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.files.storage import default_storage  # noqa: E402 - once the apps are loaded

from portal import clock  # noqa: E402
from portal.ids import uuid7  # noqa: E402
from streaming.models import PackagingJob, QualityLevel, Source  # noqa: E402
from streaming.services import jobs, packaging  # noqa: E402


def main(film: Path, rungs: Sequence[str]) -> None:
    for level in QualityLevel.objects.all():
        level.is_enabled = level.name in rungs
        level.save()
    job = jobs.enqueue_job(source_id=_link(film).pk, by=None, at=clock.now())
    cpu_s, started = _cpu_s(), time.monotonic()
    packaging.package_next(clock=clock.now)
    wall_s, cpu_s = time.monotonic() - started, _cpu_s() - cpu_s
    job.refresh_from_db()
    if job.state != PackagingJob.State.SUCCEEDED or job.package is None:
        sys.exit(f"{film.name}: {job.state} {job.failure_code} {job.failure_facts}\n{job.log}")
    folder = default_storage.path(job.package.path)
    told = {"wall_s": wall_s, "cpu_s": cpu_s, "peak_mb": _peak_mb(), "folder": folder, "plan": job.plan}
    print(json.dumps(told))


def _link(film: Path) -> Source:
    """Return a source whose file is the film itself, and no copy."""
    at = clock.now()
    key = uuid7(at)
    name = f"sources/{key}/original.mp4"
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True)
    path.symlink_to(film)
    return Source.objects.create(
        id=key,
        state=Source.State.WAITING,
        file_name=film.name,
        size_bytes=film.stat().st_size,
        container="mp4",
        storage_key=name,
        created_at=at,
    )


def _cpu_s() -> float:
    """Return the processor time of this process and of all that it has waited for, which is FFmpeg and ffprobe."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak_mb() -> float:
    """Return the most memory that this process has held; `ru_maxrss` would have that of its parent, too."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found.group(1)) * 1024 / 1e6


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
