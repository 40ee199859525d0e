"""The way of a film through the service: stored as an upload is, queued, and packaged here and now."""

from pathlib import Path

from django.core.files.storage import default_storage

from portal import clock
from streaming.models import Package, PackagingJob, QualityLevel, Source
from streaming.services import jobs, packaging
from tests.factories import make_movie, make_source


def make_small_ladder() -> None:
    """Let films of the size of a stamp have two rungs."""
    QualityLevel.objects.all().delete()
    for name, width, height, bitrate in (("72p", 128, 72, 200_000), ("36p", 64, 64, 100_000)):
        QualityLevel.objects.create(name=name, width_px=width, height_px=height, bitrate_bps=bitrate)


def upload(film: Path) -> Source:
    source = make_source(movie=make_movie())
    with film.open("rb") as content:
        assert default_storage.save(source.storage_key, content) == source.storage_key
    return source


def package(source: Source) -> PackagingJob:
    job = jobs.enqueue_job(source_id=source.pk, by=None, at=clock.now())
    assert packaging.package_next(clock=clock.now)
    job.refresh_from_db()
    return job


def folder_of(made: Package) -> Path:
    return Path(default_storage.path(made.path))
