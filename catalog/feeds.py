"""The Atom feed of new films."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.caching import keep_until_edge
from catalog.models import Movie
from catalog.pages.meta import absolute
from catalog.viewpoints import viewpoint_of
from portal.context_processors import SITE_NAME

_ENTRIES = 30
# What XML 1.0 cannot hold, not even as an entity.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@require_safe
def show_new_movies(request: HttpRequest) -> HttpResponse:
    """Tell feed readers of the newest films that can be seen now."""
    viewpoint = viewpoint_of(request)
    feed = Atom1Feed(
        title=_("%(site)s: new films") % {"site": SITE_NAME},
        link=absolute(reverse("catalog:home")),
        description="",
        language=get_language(),
        feed_url=absolute(reverse("catalog:movie-feed")),
    )
    for movie in Movie.objects.listed(viewpoint).newest_first().prefetch_related("genres")[:_ENTRIES]:
        _add(feed, movie)
    response = HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type)
    return keep_until_edge(response, viewpoint)


def _add(feed: Atom1Feed, movie: Movie) -> None:
    url = absolute(movie.get_absolute_url())
    feed.add_item(
        title=printable(f"{movie.title} ({movie.year})"),
        link=url,
        description=printable(movie.synopsis or movie.tagline),
        # Stays the same when the address changes: to a reader it is the same film.
        unique_id=absolute(f"/movies/#{movie.pk}"),
        pubdate=movie.first_available_at,
        updateddate=movie.updated_at,
        categories=sorted(printable(genre.name) for genre in movie.genres.all()),
    )


def printable(text: str) -> str:
    """Return a text without the characters that no XML can hold."""
    return _UNWRITABLE.sub("", text)
