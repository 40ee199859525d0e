"""What workers do for the catalogue."""

from celery import shared_task

from catalog.services import artwork
from portal import clock


@shared_task(name="catalog.add_later_formats", time_limit=300)
def add_later_formats(*, artwork_id: int, edition: str, **_: object) -> None:
    """Add to a picture the formats that take longer than an editor should wait."""
    artwork.add_later_formats(artwork_id=artwork_id, edition=edition, at=clock.now())


@shared_task(name="catalog.tend_artwork", time_limit=1800)
def tend_artwork(**_: object) -> None:
    """Finish pictures that were forgotten, and delete the files of those that were replaced."""
    artwork.tend_artwork(at=clock.now())
