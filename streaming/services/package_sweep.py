"""Deletes the files of packages that nobody needs any more, and those that no package has."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from streaming.models import Package, Stream
from streaming.runtime.segment_store import SegmentStore

log = structlog.get_logger("nova.packaging")
_FOLDER = "packages"
# Rows are written before the first file; what is younger may belong to a database that was put back a moment ago.
_STRAY_AFTER = timedelta(hours=1)
# What a stream has left behind is no package until its origin has said so, which may have to be started again first.
_STREAMS_KEPT_FOR = timedelta(days=2)


def sweep_packages(*, store: SegmentStore, at: datetime) -> int:
    """Delete files of replaced and given up packages, and strays; return how many files those were."""
    grace = timedelta(hours=settings.NOVA_PACKAGE_GRACE_HOURS)
    count = sum(_delete(package, store) for package in Package.objects.abandoned(at - grace).iterator())
    count += sum(map(store.remove_all, _strays(store, at)))
    if count:
        log.info("packaging.swept", files=count)
    return count


def _delete(package: Package, store: SegmentStore) -> int:
    """Mark it first: whoever would go on with it must not find it half deleted. A crash leaves strays behind."""
    claimed = Package.objects.filter(pk=package.pk, state=Package.State.RETIRED)
    if not claimed.update(state=Package.State.DELETED):
        return 0
    return store.remove_all(list(store.list(package.path)))


def _strays(store: SegmentStore, at: datetime) -> Iterator[list[str]]:
    """Yield what no package and no stream has, folder by folder."""
    # In this order: a package that is begun meanwhile has its row before its folder.
    folders = set(store.folders(_FOLDER))
    known = Package.objects.exclude(state=Package.State.DELETED).values_list("path", flat=True)
    streams = Stream.objects.with_files(ended_after=at - _STREAMS_KEPT_FOR).values_list("package_hex", flat=True)
    streamed = {f"{_FOLDER}/{package}" for package in streams}
    for folder in folders.difference(streamed).difference(known.iterator()):
        yield list(store.list_older(folder, than=at - _STRAY_AFTER))
