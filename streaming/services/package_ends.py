"""Packages that will not be finished, and those who watch them."""

from datetime import datetime

from streaming.models import Package, PackageQuerySet
from streaming.services.revocations import revoke_movie


def give_up(packages: PackageQuerySet, *, at: datetime) -> None:
    """Let unfinished packages go. Playlists of one that grew would never end: its viewers have to ask anew."""
    grown = packages.filter(state=Package.State.GROWING, movie__isnull=False)
    for movie_id in set(grown.values_list("movie_id", flat=True)):
        revoke_movie(movie_id, at=at)
    packages.retire(at)
