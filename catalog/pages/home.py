"""The home page: the newest film on the stage, then shelves."""

from dataclasses import dataclass
from operator import attrgetter

from django.db.models import Count, Q, Value, prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from catalog.caching import remember
from catalog.listing.query import Availability, ListingQuery
from catalog.listing.reading import find_movies, ordering_of
from catalog.metadata import Metadata
from catalog.models import Genre, Movie
from catalog.pages.cards import CARD_RELATIONS, MovieCard, cards_of, genre_names, with_cards
from catalog.pages.meta import home_meta
from catalog.pages.playing import watch_url_of
from catalog.pages.preview import keep
from catalog.pages.shelves import Row, registered_rows
from catalog.viewpoints import Viewpoint

_ROW_SIZE = 12
_MOST_GENRE_ROWS = 5
# A shelf with a film or two on it looks like a mistake.
_SMALLEST_GENRE_ROW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hero:
    """The film on the stage."""

    card: MovieCard
    tagline: str
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """What the catalogue has for the home page.

    `hero` is the newest film, None while there is none; it stands in no row of the newest.
    """

    hero: Hero | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The home page. `shelves` is the programme's rows as they stand in the page, as rendering them costs most of all.

    `rows` are those of other apps, which have clocks of their own. `watch_url` begins the film of the hero; "" while it
    cannot be played.
    """

    meta: Metadata
    hero: Hero | None
    shelves: SafeString
    rows: tuple[Row, ...]
    watch_url: str


def home_page(viewpoint: Viewpoint) -> HomePage:
    """Read the home page, or what is true still of the last time that somebody did."""

    def build() -> tuple[Hero | None, SafeString, str]:
        programme = read_programme(viewpoint)
        html = render_to_string("catalog/_shelves.html", {"rows": programme.rows})
        # Indentation would be a third of the page.
        watch_url = watch_url_of(programme.hero.card) if programme.hero else ""
        return programme.hero, mark_safe(" ".join(html.split())), watch_url

    hero, shelves, watch_url = remember("home", viewpoint, build)
    rows = tuple(row for row in registered_rows(viewpoint) if row.movies)
    return HomePage(meta=home_meta(), hero=hero, shelves=shelves, rows=rows, watch_url=watch_url)


def read_programme(viewpoint: Viewpoint) -> Programme:
    """Read hero and shelves: a fixed number of queries, whatever the catalogue holds."""
    newest = list(with_cards(Movie.objects.listed(viewpoint)).newest_first()[: _ROW_SIZE + 1])
    programme = keep(reverse("catalog:movie-list"), viewpoint)
    rows = (
        Row(title=gettext_lazy("New"), movies=cards_of(newest[1:], viewpoint), url=programme),
        _soon_row(gettext_lazy("Leaving soon"), Availability.LEAVING, viewpoint),
        _soon_row(gettext_lazy("Coming soon"), Availability.COMING, viewpoint),
        *_genre_rows(viewpoint),
    )
    return Programme(
        hero=_hero(newest[0], viewpoint) if newest else None,
        rows=tuple(row for row in rows if row.movies),
    )


def _hero(movie: Movie, viewpoint: Viewpoint) -> Hero:
    return Hero(card=MovieCard.of(movie, viewpoint), tagline=movie.tagline, genres=genre_names(movie))


def _soon_row(title: str | Promise, availability: Availability, viewpoint: Viewpoint) -> Row:
    """Return what closes, or opens, soon: the next first."""
    query = ListingQuery(availability=availability)
    found = with_cards(find_movies(query, viewpoint)).order_by(*ordering_of(query))[:_ROW_SIZE]
    url = keep(f"{reverse('catalog:movie-list')}?{query.to_query_string()}", viewpoint)
    return Row(title=title, movies=cards_of(found, viewpoint), url=url)


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
