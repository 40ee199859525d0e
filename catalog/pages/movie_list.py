"""The list of films: what is looked for, and one page of what is found."""

from dataclasses import dataclass

from django.core import signing
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from catalog.metadata import Metadata
from catalog.models import Movie
from catalog.models.queryset import MovieQuerySet
from catalog.pages.cards import MovieCard, cards_of, with_cards
from catalog.pages.meta import shelf_meta
from catalog.pages.preview import keep
from catalog.viewpoints import Viewpoint
from portal.api.pagination import Cursor, read_page
from portal.errors import MalformedRequest

_LIST_SIZE = 24
_LIST_ORDER = ("-first_available_at", "-id")
_LONGEST_QUERY = 100
_CURSOR_SALT = "catalog.pages.movie_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieListPage:
    """One page of the list, newest first. `total` counts all that `query` finds; a URL is "" where there is no page."""

    meta: Metadata
    movies: tuple[MovieCard, ...]
    total: int
    query: str
    next_url: str
    previous_url: str


def movie_list_page(*, query: str, cursor: str, viewpoint: Viewpoint) -> MovieListPage:
    """Read the page of the list at `cursor`, as `next_url` carries it; "" is the first. Raises MalformedRequest."""
    query = " ".join(query.split())[:_LONGEST_QUERY]
    found = Movie.objects.listed(viewpoint).matching(query)
    slice_ = read_slice(found, cursor, reverse("catalog:movie-list"), {"q": query} if query else {}, viewpoint)
    total = found.count()
    meta = shelf_meta(
        name=_("“%(query)s”") % {"query": query} if query else _("Films"),
        path=reverse("catalog:movie-list"),
        total=total,
        is_first=not (query or cursor),
    )
    return MovieListPage(
        meta=meta,
        movies=slice_.movies,
        total=total,
        query=query,
        next_url=slice_.next_url,
        previous_url=slice_.previous_url,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some films of a longer list, and the addresses of its neighbours; "" where there is none."""

    movies: tuple[MovieCard, ...]
    next_url: str
    previous_url: str


def read_slice(
    movies: MovieQuerySet, cursor: str, path: str, parameters: dict[str, str], viewpoint: Viewpoint
) -> Slice:
    """Read the films at `cursor`, the newest first. Raises MalformedRequest."""
    page = read_page(with_cards(movies), _LIST_ORDER, _parse_cursor(cursor), size=_LIST_SIZE)

    def url_of(neighbour: Cursor | None) -> str:
        if neighbour is None:
            return ""
        signed = signing.dumps([neighbour.is_backward, *neighbour.values], salt=_CURSOR_SALT)
        return keep(f"{path}?{urlencode({**parameters, 'cursor': signed})}", viewpoint)

    return Slice(movies=cards_of(page.rows, viewpoint), next_url=url_of(page.next), previous_url=url_of(page.previous))


def _parse_cursor(presented: str) -> Cursor | None:
    if not presented:
        return None
    try:
        is_backward, *values = signing.loads(presented, salt=_CURSOR_SALT)
    except signing.BadSignature:
        raise MalformedRequest(_("This address of a page of the list is incomplete.")) from None
    return Cursor(values=tuple(values), is_backward=is_backward)
