"""What the pages of the catalogue show: one frozen dataclass per template, complete before rendering begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from django.core import signing
from django.db.models import Count, Q, Value, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Genre, Movie
from catalog.viewpoints import Viewpoint
from portal.api.pagination import Cursor, read_page
from portal.errors import MalformedRequest

_LIST_SIZE = 24
_LIST_ORDER = ("-first_available_at", "-id")
_LONGEST_QUERY = 100
_ROW_SIZE = 16
_MOST_GENRE_ROWS = 8
# A shelf with a film or two on it looks like a mistake.
_SMALLEST_GENRE_ROW = 3
_CURSOR_SALT = "catalog.pages.movie_list"

_NOTES = {
    Movie.Visibility.DRAFT: gettext_lazy("A draft: viewers do not see this film yet."),
    Movie.Visibility.HIDDEN: gettext_lazy("Hidden: viewers do not see this film."),
    Movie.Visibility.UNLISTED: gettext_lazy("Unlisted: only those who have the address find this film."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieCard:
    """A film in a list. `art_key` chooses its generated cover; `runtime_label` is "" while the length is unknown."""

    title: str
    url: str
    year: int
    tagline: str
    genres: tuple[str, ...]
    runtime_label: str
    art_key: str

    @classmethod
    def of(cls, movie: Movie) -> "MovieCard":
        return cls(
            title=movie.title,
            url=movie.get_absolute_url(),
            year=movie.year,
            tagline=movie.tagline,
            genres=genre_names(movie),
            runtime_label=format_runtime(movie.runtime_s),
            art_key=movie.slug,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One shelf of the home page."""

    title: str | Promise
    movies: tuple[MovieCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """`hero` is the newest film, None while there is none; it stands in no row of the newest."""

    hero: MovieCard | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieListPage:
    """One page of the list, newest first. `total` counts all that `query` finds; a URL is "" where there is no page."""

    movies: tuple[MovieCard, ...]
    total: int
    query: str
    next_url: str
    previous_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoviePage:
    """One film. `availability_note` tells those who run the catalogue why viewers do not find it; "" if they do.

    `visibility` is for the script of those who run the catalogue; "" for viewers.
    """

    movie: MovieCard
    genres: tuple[str, ...]
    original_title: str
    synopsis: str
    availability_note: str | Promise
    visibility: str
    socket_path: str


def home_page(viewpoint: Viewpoint) -> HomePage:
    """Read the home page: five queries, whatever the catalogue holds."""
    newest = (
        Movie.objects.listed(viewpoint).newest_first().defer("synopsis").prefetch_related("genres")[: _ROW_SIZE + 1]
    )
    cards = _cards(newest)
    rows = (Row(title=gettext_lazy("New"), movies=cards[1:]), *_genre_rows(viewpoint))
    return HomePage(hero=cards[0] if cards else None, rows=tuple(row for row in rows if row.movies))


def movie_list_page(*, query: str, cursor: str, viewpoint: Viewpoint) -> MovieListPage:
    """Read the page of the list at `cursor`, as `next_url` carries it; "" is the first. Raises MalformedRequest."""
    query = " ".join(query.split())[:_LONGEST_QUERY]
    found = Movie.objects.listed(viewpoint).matching(query)
    page = read_page(
        found.defer("synopsis").prefetch_related("genres"), _LIST_ORDER, _parse_cursor(cursor), size=_LIST_SIZE
    )
    return MovieListPage(
        movies=_cards(page.rows),
        total=found.count(),
        query=query,
        next_url=_list_url(query, page.next),
        previous_url=_list_url(query, page.previous),
    )


def movie_page(movie: Movie, *, sees_hidden: bool) -> MoviePage:
    return MoviePage(
        movie=MovieCard.of(movie),
        genres=genre_names(movie),
        original_title=movie.original_title if movie.original_title != movie.title else "",
        synopsis=movie.synopsis,
        availability_note=_NOTES.get(Movie.Visibility(movie.visibility), "") if sees_hidden else "",
        visibility=str(movie.visibility) if sees_hidden else "",
        socket_path=f"/ws/movies/{movie.slug}/",
    )


def genre_names(movie: Movie) -> tuple[str, ...]:
    """Return the names in alphabetical order; free of queries where the genres were prefetched."""
    return tuple(sorted(genre.name for genre in movie.genres.all()))


def format_runtime(runtime_s: int | None) -> str:
    """Return "1 h 34 min", to the nearest minute; "" for an unknown length."""
    if runtime_s is None:
        return ""
    hours, minutes = divmod(max(1, round(runtime_s / 60)), 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def _genre_rows(viewpoint: Viewpoint) -> list[Row]:
    """Return the shelves of the genres with most films."""
    listed = Q(movies__in=Movie.objects.listed(viewpoint))
    genres = (
        Genre.objects.annotate(listed_count=Count("movies", filter=listed))
        .filter(listed_count__gte=_SMALLEST_GENRE_ROW)
        .order_by("-listed_count", "name")[:_MOST_GENRE_ROWS]
    )
    shelves = _newest_by_genre([genre.pk for genre in genres], viewpoint)
    return [Row(title=genre.name, movies=_cards(shelves[genre.pk])) for genre in genres]


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
    prefetch_related_objects(movies, "genres")
    shelves: dict[int, list[Movie]] = {genre_id: [] for genre_id in genre_ids}
    for movie in sorted(movies, key=attrgetter("first_available_at", "pk"), reverse=True):
        shelves[movie.shelf_id].append(movie)  # type: ignore[attr-defined]  # annotated above
    return shelves


def _cards(movies: Iterable[Movie]) -> tuple[MovieCard, ...]:
    return tuple(MovieCard.of(movie) for movie in movies)


def _list_url(query: str, cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    parameters = {"q": query} if query else {}
    parameters["cursor"] = signing.dumps([cursor.is_backward, *cursor.values], salt=_CURSOR_SALT)
    return f"{reverse('catalog:movie-list')}?{urlencode(parameters)}"


def _parse_cursor(presented: str) -> Cursor | None:
    if not presented:
        return None
    try:
        is_backward, *values = signing.loads(presented, salt=_CURSOR_SALT)
    except signing.BadSignature:
        raise MalformedRequest(_("This address of a page of the list is incomplete.")) from None
    return Cursor(values=tuple(values), is_backward=is_backward)
