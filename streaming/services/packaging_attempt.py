"""One attempt at a job: what it makes, and what an earlier one has made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streaming.errors import PackageStorageFull
from streaming.media.package_index import PackageIndex
from streaming.media.package_parts import most_bytes
from streaming.media.package_plan import PackagingPlan
from streaming.models import Package, PackagingJob
from streaming.runtime.segment_store import SegmentStore
from streaming.services import packages
from streaming.services.packaging_resume import Text, find_finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is to be made, and where. `finished` is what is whole of it already; None where nothing is."""

    job: PackagingJob
    package: Package
    plan: PackagingPlan
    captions: Sequence[Text]
    finished: PackageIndex | None


def begin_attempt(
    *, job: PackagingJob, plan: PackagingPlan, captions: Sequence[Text], store: SegmentStore, at: datetime
) -> Attempt:
    """Go on with the package of an earlier attempt, or begin one. Raises PackageStorageFull, LeaseLost."""
    stored = plan.to_json()
    found = find_finished(job=job, plan=plan, captions=captions, store=store)
    made = {track.name for track in found[1].media()} if found else set()
    if not store.has_room_for(most_bytes(plan, source_bytes=job.source.size_bytes, made=made)):
        raise PackageStorageFull()
    if found and packages.take_up_package(job=job, package=found[0], plan=stored):
        return Attempt(job=job, package=found[0], plan=plan, captions=captions, finished=found[1])
    package = packages.begin_package(job=job, plan=stored, at=at)
    return Attempt(job=job, package=package, plan=plan, captions=captions, finished=None)
