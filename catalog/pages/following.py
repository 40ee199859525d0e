"""What a list of films needs to stay true while it is open."""

from dataclasses import dataclass
from datetime import datetime

from catalog.caching import catalogue_revision
from catalog.viewpoints import Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Where a list begins to follow the catalogue: what was read at `seen_at` holds every change up to `revision`.

    `shows_new`: films that are published now belong into this list, as far as a page can tell.
    """

    revision: int | None
    seen_at: datetime
    shows_new: bool
    socket_path: str = "/ws/catalogue/"


def follow_catalogue(viewpoint: Viewpoint, *, shows_new: bool) -> Following:
    """Return the beginning; to be called before the list is read, so that no change is lost in between."""
    return Following(revision=catalogue_revision(), seen_at=viewpoint.at, shows_new=shows_new)
