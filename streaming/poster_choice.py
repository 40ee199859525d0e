"""What the tab “Media” of a movie shows of the frames that its poster may be taken from."""

from dataclasses import dataclass

from django.urls import reverse

from catalog.uploads.parts import Part
from portal.models import User
from streaming.models import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterChoice:
    """Where the frames of the movie's film are chosen from; "" while there are none."""

    url: str


def tell_posters(user: User, movie_id: int) -> Part | None:
    """Return the part of the tab; None for those who may not choose."""
    if not user.has_perms(("streaming.view_package", "catalog.change_movie")):
        return None
    ready = Package.objects.filter(movie=movie_id, state=Package.State.READY)
    # Of the index, which names every segment, no more than this is read.
    package_id, posters = ready.values_list("pk", "index__posters").first() or (None, None)
    url = reverse("admin:streaming_package_posters", args=[package_id]) if posters else ""
    return Part(template="admin/streaming/_movie_posters.html", page=PosterChoice(url=url))
