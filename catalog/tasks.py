"""What workers do for the catalogue."""

from uuid import UUID

from catalog.services import artwork, artwork_leftovers, uploads
from portal import clock
from portal.celery import shared_task


@shared_task(name="catalog.add_later_formats", time_limit=300, soft_time_limit=290)
def add_later_formats(*, artwork_id: int, edition: str, **_: object) -> None:
    """Add to a picture the formats that take longer than an editor should wait."""
    artwork.add_later_formats(artwork_id=artwork_id, edition=edition, at=clock.now())


@shared_task(name="catalog.tend_artwork", time_limit=1800, soft_time_limit=1740)
def tend_artwork(**_: object) -> None:
    """Finish pictures that were forgotten, and delete the files of those that were replaced."""
    artwork.tend_artwork(at=clock.now())


@shared_task(name="catalog.sweep_artwork", time_limit=3600, soft_time_limit=3540)
def sweep_artwork(**_: object) -> None:
    """Delete the files of pictures that were never saved."""
    artwork_leftovers.sweep_artwork(at=clock.now())


@shared_task(name="catalog.verify_upload", time_limit=6 * 3600, soft_time_limit=6 * 3600 - 60)
def verify_upload(*, upload_id: str, **_: object) -> None:
    """Compare a file with its checksum: 20 GB are too much for a web request."""
    uploads.verify_upload(upload_id=UUID(upload_id), at=clock.now())


@shared_task(name="catalog.expire_uploads", time_limit=1800, soft_time_limit=1740)
def expire_uploads(**_: object) -> None:
    """Delete uploads that nobody goes on with, and their bytes; resume the comparisons that were forgotten."""
    uploads.expire_uploads(at=clock.now())
    uploads.resume_verifications(at=clock.now())
