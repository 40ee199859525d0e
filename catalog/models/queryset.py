"""Reads of movies. Whatever depends on the clock or the place takes a viewpoint."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q

from catalog.models.availability import AvailabilityWindow, AvailabilityWindowQuerySet
from catalog.models.taxonomy import Genre
from catalog.viewpoints import Viewpoint

if TYPE_CHECKING:
    from catalog.models.movie import Movie  # noqa: F401 - named in a base class, which ruff takes for a text
    from portal.models import User

# How long before its end a film is said to leave.
LEAVING_SOON = timedelta(days=14)
# What a movie's page may lack.
_LACKS = {
    "synopsis": Q(synopsis=""),
    "genres": Q(genres=None),
    "runtime": Q(runtime_s=None),
    "poster": ~Q(artwork__kind="POSTER"),
    "captions": Q(captions=None),
    "people": Q(credits=None),
}


class MovieQuerySet(models.QuerySet["Movie"]):
    def listed(self, viewpoint: Viewpoint) -> Self:
        """Keep the movies that stand in lists, and can be seen now."""
        return self.filter(_is_available(viewpoint), visibility="PUBLISHED")

    def watchable(self, viewpoint: Viewpoint) -> Self:
        """Keep the movies that anybody who has their address can see now: the listed and the unlisted."""
        return self.filter(_is_available(viewpoint), visibility__in=("PUBLISHED", "UNLISTED"))

    def announced(self, viewpoint: Viewpoint) -> Self:
        """Keep the movies that viewers are told of before they can see them: coming soon."""
        return self.filter(_is_announced(viewpoint))

    def shown(self, viewpoint: Viewpoint) -> Self:
        """Keep the movies that pages name of their own accord: the listed and the announced."""
        return self.filter(_is_announced(viewpoint) | (_is_available(viewpoint) & Q(visibility="PUBLISHED")))

    def leaving(self, viewpoint: Viewpoint) -> Self:
        """Keep the listed movies whose window closes within two weeks, and is not followed by another at once."""
        followed = AvailabilityWindow.objects.holding_in(viewpoint.territory).filter(
            movie=OuterRef("movie"), starts_at=OuterRef("ends_at")
        )
        closing = _own_windows().open(viewpoint).filter(~Exists(followed), ends_at__lte=viewpoint.at + LEAVING_SOON)
        return self.listed(viewpoint).filter(Exists(closing))

    def open_to_viewers(self, viewpoint: Viewpoint) -> Self:
        """Keep the movies whose page viewers may open: what they can see, and what is announced to them."""
        watchable = Q(visibility__in=("PUBLISHED", "UNLISTED")) & _is_available(viewpoint)
        return self.filter(watchable | _is_announced(viewpoint))

    def visible_to(self, user: "User | AnonymousUser", viewpoint: Viewpoint) -> Self:
        """Keep the movies whose page `user` may open: all for those who run the catalogue and are not previewing."""
        if user.has_perm("catalog.view_movie") and not viewpoint.is_preview:
            return self.all()
        return self.open_to_viewers(viewpoint)

    def matching(self, query: str) -> Self:
        """Keep the movies that have `query` in a title or in the name of a genre; "" keeps all."""
        if not query:
            return self
        # A subquery and no join: a movie with two such genres is found once.
        by_genre = Genre.objects.filter(movies=OuterRef("pk"), name__icontains=query)
        return self.filter(Q(title__icontains=query) | Q(original_title__icontains=query) | Exists(by_genre))

    def missing(self, what: str) -> Self:
        """Keep the movies whose page lacks `what`, one of _LACKS. Of anything else, none do."""
        return self.filter(_LACKS[what]) if what in _LACKS else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-first_available_at", "-pk")


def _is_available(viewpoint: Viewpoint) -> Q:
    """It was published by then, and has no window or one that is open."""
    can_be_seen: Q = ~Exists(_own_windows()) | Exists(_own_windows().open(viewpoint))
    return can_be_seen & Q(published_at__lte=viewpoint.at)


def _is_announced(viewpoint: Viewpoint) -> Q:
    """It is published, its editors want it announced, and it has no open window but one that is still to open."""
    is_coming = Q(Exists(_own_windows().holding_in(viewpoint.territory).filter(starts_at__gt=viewpoint.at)))
    is_closed = Q(~Exists(_own_windows().open(viewpoint)))
    return is_coming & is_closed & Q(visibility="PUBLISHED", is_announced=True, published_at__lte=viewpoint.at)


def _own_windows() -> AvailabilityWindowQuerySet:
    return AvailabilityWindow.objects.filter(movie=OuterRef("pk"))
