"""Who may see and change which movie: the only doors from an address to a movie."""

from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from catalog.models import Movie
from portal.errors import NotAllowed, NotFound
from portal.models import User

EDITOR_PERMISSIONS = (
    "catalog.add_movie",
    "catalog.change_movie",
    "catalog.view_movie",
    "catalog.add_genre",
    "catalog.change_genre",
    "catalog.view_genre",
)
OPERATOR_PERMISSIONS = ("catalog.view_movie", "catalog.view_genre")


def get_movie_for_viewing(user: User | AnonymousUser, slug: str, *, at: datetime) -> Movie:
    """Return a movie whose page `user` may open at `at`, with its genres.

    Raises NotFound, for what does not exist and for what `user` may not know of.
    """
    movie = Movie.objects.visible_to(user, at).filter(slug=slug).prefetch_related("genres").first()
    if movie is None:
        raise NotFound()
    return movie


def get_movie_for_editing(user: User | AnonymousUser, slug: str, *, at: datetime) -> Movie:
    """Return a movie that `user` may change.

    Raises NotFound, or NotAllowed to those who may see the movie but not change it.
    """
    movie = get_movie_for_viewing(user, slug, at=at)
    if not user.has_perm("catalog.change_movie"):
        raise NotAllowed()
    return movie


def require_may_add_movies(user: User | AnonymousUser) -> None:
    """Raise NotAllowed if `user` may not."""
    if not user.has_perm("catalog.add_movie"):
        raise NotAllowed()


def sees_hidden_movies(user: User | AnonymousUser) -> bool:
    """Tell whether `user` may see movies that viewers may not."""
    return user.has_perm("catalog.view_movie")
