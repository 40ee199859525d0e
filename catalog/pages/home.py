"""The home page: the newest film on the stage, then shelves."""

from dataclasses import dataclass
from operator import attrgetter

from django.db.models import Count, Q, Value, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalog.metadata import Metadata
from catalog.models import Genre, Movie
from catalog.pages.cards import CARD_RELATIONS, MovieCard, cards_of, genre_names, with_cards
from catalog.pages.meta import home_meta
from catalog.pages.preview import keep
from catalog.viewpoints import Viewpoint

_ROW_SIZE = 16
_MOST_GENRE_ROWS = 8
# A shelf with a film or two on it looks like a mistake.
_SMALLEST_GENRE_ROW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One shelf of the home page; `url` leads to all of it, "" where the shelf is all."""

    title: str | Promise
    movies: tuple[MovieCard, ...]
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hero:
    """The film on the stage."""

    card: MovieCard
    tagline: str
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """`hero` is the newest film, None while there is none; it stands in no row of the newest."""

    meta: Metadata
    hero: Hero | None
    rows: tuple[Row, ...]


def home_page(viewpoint: Viewpoint) -> HomePage:
    """Read the home page: a fixed number of queries, whatever the catalogue holds."""
    newest = list(with_cards(Movie.objects.listed(viewpoint)).newest_first()[: _ROW_SIZE + 1])
    programme = keep(f"{reverse('catalog:movie-list')}", viewpoint)
    rows = (
        Row(title=gettext_lazy("New"), movies=cards_of(newest[1:], viewpoint), url=programme),
        _leaving_row(viewpoint),
        _coming_row(viewpoint),
        *_genre_rows(viewpoint),
    )
    return HomePage(
        meta=home_meta(),
        hero=_hero(newest[0], viewpoint) if newest else None,
        rows=tuple(row for row in rows if row.movies),
    )


def _hero(movie: Movie, viewpoint: Viewpoint) -> Hero:
    return Hero(card=MovieCard.of(movie, viewpoint), tagline=movie.tagline, genres=genre_names(movie))


def _leaving_row(viewpoint: Viewpoint) -> Row:
    """Return what closes within two weeks, the first to go first."""
    cards = cards_of(with_cards(Movie.objects.leaving(viewpoint))[:_ROW_SIZE], viewpoint)
    return Row(title=gettext_lazy("Leaving soon"), movies=cards)


def _coming_row(viewpoint: Viewpoint) -> Row:
    cards = cards_of(with_cards(Movie.objects.announced(viewpoint))[:_ROW_SIZE], viewpoint)
    return Row(title=gettext_lazy("Coming soon"), movies=cards)


def _genre_rows(viewpoint: Viewpoint) -> list[Row]:
    """Return the shelves of the genres with most films."""
    listed = Q(movies__in=Movie.objects.listed(viewpoint))
    genres = (
        Genre.objects.annotate(listed_count=Count("movies", filter=listed))
        .filter(listed_count__gte=_SMALLEST_GENRE_ROW)
        .order_by("-listed_count", "name")[:_MOST_GENRE_ROWS]
    )
    shelves = _newest_by_genre([genre.pk for genre in genres], viewpoint)
    return [
        Row(
            title=genre.name,
            movies=cards_of(shelves[genre.pk], viewpoint),
            url=keep(genre.get_absolute_url(), viewpoint),
        )
        for genre in genres
    ]


def _newest_by_genre(genre_ids: list[int], viewpoint: Viewpoint) -> dict[int, list[Movie]]:
    """Read the newest films of several genres with one query, each part of which stops after one shelf.

    A window function would rank the whole catalogue first.
    """
    if not genre_ids:
        return {}
    first, *others = (
        Movie.objects.listed(viewpoint)
        .filter(genres=genre_id)
        .annotate(shelf_id=Value(genre_id))
        .defer("synopsis")
        .newest_first()[:_ROW_SIZE]
        for genre_id in genre_ids
    )
    movies = list(first.union(*others, all=True))
    prefetch_related_objects(movies, *CARD_RELATIONS)
    shelves: dict[int, list[Movie]] = {genre_id: [] for genre_id in genre_ids}
    for movie in sorted(movies, key=attrgetter("first_available_at", "pk"), reverse=True):
        shelves[movie.shelf_id].append(movie)  # type: ignore[attr-defined]  # annotated above
    return shelves
