"""Films as they stand in lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from catalog.artwork.pictures import pictures_of
from catalog.models import Movie
from catalog.models.queryset import LEAVING_SOON, MovieQuerySet
from catalog.pages.preview import keep
from catalog.viewpoints import Viewpoint
from portal.pictures import Picture

# What the cards of a list need of each film: one query for each, whatever the length of the list.
CARD_RELATIONS = ("windows", "artwork")


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieCard:
    """A film in a list. `runtime_label` is "" while the length is unknown.

    One without pictures gets a cover, which `art_key` chooses. `leaves_at` is set if that is soon; `opens_at` if it
    cannot be seen yet.
    """

    movie_id: int
    title: str
    url: str
    year: int
    runtime_label: str
    art_key: str
    poster: Picture | None = None
    backdrop: Picture | None = None
    leaves_at: datetime | None = None
    opens_at: datetime | None = None

    @classmethod
    def of(cls, movie: Movie, viewpoint: Viewpoint) -> "MovieCard":
        availability, pictures = movie.availability_at(viewpoint), pictures_of(movie.artwork.all())
        closes_at = availability.closes_at
        return cls(
            movie_id=movie.pk,
            title=movie.title,
            url=keep(movie.get_absolute_url(), viewpoint),
            year=movie.year,
            runtime_label=format_runtime(movie.runtime_s),
            art_key=movie.slug,
            poster=pictures.poster,
            backdrop=pictures.backdrop,
            leaves_at=closes_at if closes_at and closes_at - viewpoint.at <= LEAVING_SOON else None,
            opens_at=availability.opens_at,
        )


def with_cards(movies: MovieQuerySet) -> MovieQuerySet:
    """Read what cards show, and not the long texts, which they do not."""
    return movies.defer("synopsis").prefetch_related(*CARD_RELATIONS)


def cards_of(movies: Iterable[Any], viewpoint: Viewpoint) -> tuple[MovieCard, ...]:
    return tuple(MovieCard.of(movie, viewpoint) for movie in movies)


def genre_names(movie: Movie) -> tuple[str, ...]:
    """Return the names in alphabetical order; free of queries where the genres were prefetched."""
    return tuple(sorted(genre.name for genre in movie.genres.all()))


def format_runtime(runtime_s: int | None) -> str:
    """Return "1 h 34 min", to the nearest minute, or "20 s" of what has none; "" for an unknown length."""
    if runtime_s is None:
        return ""
    if runtime_s < 60:
        return _("%(seconds)d s") % {"seconds": runtime_s}
    hours, minutes = divmod(round(runtime_s / 60), 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
