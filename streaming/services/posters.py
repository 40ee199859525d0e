"""Lets an editor make a frame of the film the picture of its movie."""

from datetime import datetime

from catalog.artwork.frames import FRAMES
from catalog.models import Artwork
from catalog.services.artwork import ArtworkPlan, set_artwork
from portal.errors import NotFound
from portal.models import User
from streaming.media.stills import enlarge
from streaming.models import Package
from streaming.runtime.segment_store import default_store


def read_candidate(*, package: Package, number: int) -> bytes:
    """Return one of the frames to choose from, as a JPEG file; they count from 1. Raises NotFound."""
    name = f"posters/{number}.jpg"
    if name not in package.index.get("posters", ()):
        raise NotFound()
    try:
        return default_store().read(f"{package.path}/{name}")
    except FileNotFoundError as error:
        raise NotFound() from error


def use_candidate(*, package: Package, number: int, kind: Artwork.Kind, by: User, at: datetime) -> None:
    """Make one of the frames the poster or backdrop of the package's movie. Raises NotFound, PictureRefused.

    That of a small film is made larger: it looks as good as the film does, which is better than none.
    """
    if package.movie_id is None:
        raise NotFound()
    content = enlarge(read_candidate(package=package, number=number), smallest=FRAMES[kind].smallest)
    set_artwork(movie_id=package.movie_id, plan=ArtworkPlan(kind=kind, content=content), by=by, at=at)
