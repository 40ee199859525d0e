"""Finds what an interrupted attempt at a job has left, so that the next one makes only the rest."""

from collections.abc import Sequence

import structlog

from streaming.media.errors import IndexViolation
from streaming.media.index_json import parse_index
from streaming.media.package_index import PackageIndex, TextTrack
from streaming.media.package_parts import is_made, media_files
from streaming.media.package_plan import NoteCode, PackagingPlan, PlanOfAnotherVersion, plan_from_json
from streaming.models import Package, PackagingJob
from streaming.runtime.segment_store import SegmentStore

log = structlog.get_logger("nova.packaging")
Text = tuple[TextTrack, bytes]


def find_finished(
    *, job: PackagingJob, plan: PackagingPlan, captions: Sequence[Text], store: SegmentStore
) -> tuple[Package, PackageIndex] | None:
    """Return the package that this attempt can go on with, and what is whole of it; None if it must begin anew.

    It can if the first phase was told to players as whole, by the same plan of the same source, with the same captions:
    files of a package never change.
    """
    earlier = job if job.package_id else _job_before(job)
    if earlier is None or earlier.package is None or earlier.plan != plan.to_json():
        return None
    package = earlier.package
    if package.state not in (Package.State.GROWING, Package.State.RETIRED) or not package.index.get("is_whole"):
        return None
    index = _read(package, captions, store)
    if index is None or not is_made(plan, plan.phases[0], index):
        return None
    log.info("packaging.resumed", package_id=str(package.pk))
    return package, index


def was_tried(job: PackagingJob) -> bool:
    """Tell whether an earlier attempt, of this job or of the one that it repeats, came to nothing."""
    return bool(job.plan) or _job_before(job) is not None


def known_copy_fault(job: PackagingJob) -> str | None:
    """Return what was wrong when an earlier attempt took the source as it is; None if nothing is known to be."""
    earlier = job if job.plan else _job_before(job)
    try:
        notes = plan_from_json(earlier.plan).notes if earlier else ()
    except PlanOfAnotherVersion:
        return None
    return next((note.values[0] for note in notes if note.code is NoteCode.ENCODED_COPY_FAULT), None)


def _job_before(job: PackagingJob) -> PackagingJob | None:
    """Return the job that this one repeats, which failed or was cancelled; what succeeded is made anew on purpose."""
    before = job.source.jobs.exclude(pk=job.pk).select_related("package").order_by("-queued_at", "-pk").first()
    return None if before is None or before.state == PackagingJob.State.SUCCEEDED else before


def _read(package: Package, captions: Sequence[Text], store: SegmentStore) -> PackageIndex | None:
    """Return the stored index if everything that it names is there; drop drafts of files that nobody will finish."""
    prefix = f"{package.path}/"
    try:
        index = parse_index(store.read(f"{prefix}index.json").decode())
    except (FileNotFoundError, IndexViolation, UnicodeDecodeError):
        return None
    names = {name.removeprefix(prefix) for name in store.list(package.path)}
    if not media_files(index) <= names or not _has_captions(index, captions, prefix, store):
        return None
    for name in names:
        if name.rpartition("/")[2].startswith("."):
            store.remove(prefix + name)
    return index


def _has_captions(index: PackageIndex, captions: Sequence[Text], prefix: str, store: SegmentStore) -> bool:
    if [text for text in index.texts if text.name.startswith("c")] != [track for track, _ in captions]:
        return False
    return all(store.read(f"{prefix}{track.name}/1.vtt") == content for track, content in captions)
