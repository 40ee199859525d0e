"""Who may see which figures: the only doors from an address to what they are of.

Operators see all of them, editors those of movies, and who runs a channel those of its streams and of their recordings.
To everybody else there are none.
"""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser

from catalog.models import Movie
from portal.errors import NotAllowed, NotFound
from portal.models import User
from streaming.access import get_stream_for_studio
from streaming.models import Stream

OPERATOR_PERMISSIONS = ("analytics.view_metricsecond",)


def sees_all_figures(user: User | AnonymousUser) -> bool:
    """Tell whether `user` may see the figures of the whole portal, and of everything in it."""
    return user.has_perm("analytics.view_metricsecond")


def require_sight_of_portal(user: User | AnonymousUser) -> None:
    """Raises NotFound for people who may not see the figures of the whole portal."""
    if not sees_all_figures(user):
        raise NotFound()


def get_stream_for_figures(user: User | AnonymousUser, stream_id: UUID) -> Stream:
    """Return a stream, with its channel, whose figures `user` may see. Raises NotFound."""
    if not sees_all_figures(user):
        try:
            return get_stream_for_studio(user, stream_id)
        except NotAllowed as error:
            raise NotFound() from error
    stream = Stream.objects.select_related("channel").filter(pk=stream_id).first()
    if stream is None:
        raise NotFound()
    return stream


def get_movie_for_figures(user: User | AnonymousUser, slug: str) -> Movie:
    """Return a movie whose figures `user` may see, by one of its addresses; hidden ones too. Raises NotFound."""
    movies = Movie.objects.filter(slugs__slug=slug)
    if not (sees_all_figures(user) or user.has_perm("catalog.change_movie")):
        recordings = Stream.objects.filter(channel__owner=user.pk, recording__movie__isnull=False)
        movies = movies.filter(pk__in=recordings.values("recording__movie"))
    movie = movies.first()
    if movie is None:
        raise NotFound()
    return movie
