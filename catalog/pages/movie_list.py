"""The list of films: what is asked for, one page of what is found, and ways on from there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from catalog.caching import remember
from catalog.codes import language_name, territory_name
from catalog.listing.options import Filters, filters_of
from catalog.listing.query import Fault, ListingQuery, Order
from catalog.listing.reading import Listing, parse_cursor, read_listing, resolve, write_cursor
from catalog.metadata import Metadata
from catalog.pages.cards import CARD_RELATIONS, MovieCard, cards_of
from catalog.pages.links import Link
from catalog.pages.meta import shelf_meta
from catalog.pages.preview import keep
from catalog.pages.wording import AVAILABILITY_LABELS, order_label
from catalog.viewpoints import Viewpoint
from portal.api.pagination import Cursor

_LIST_SIZE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SortChoice:
    """One order of the list."""

    label: str | Promise
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSlice:
    """One page of films, and the addresses of its neighbours; "" where there is none.

    `listing` tells how they were found, and holds no rows.
    """

    listing: Listing
    movies: tuple[MovieCard, ...]
    next_url: str
    previous_url: str
    sorts: tuple[SortChoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieListPage:
    """The list of films, as `query` asks for it.

    `chosen` are the filters at work, each with the address of the list without it. `faults` are parameters that could
    not be used.
    """

    meta: Metadata
    query: ListingQuery
    films: FilmSlice
    filters: Filters
    chosen: tuple[Link, ...]
    faults: tuple[Fault, ...]


def movie_list_page(parameters: QueryDict, *, viewpoint: Viewpoint) -> MovieListPage:
    """Read the page that the parameters of an address ask for. Raises MalformedRequest for a broken cursor."""
    query, faults = ListingQuery.parse(parameters)
    query, names, unknown = resolve(query, viewpoint)
    path, cursor = reverse("catalog:movie-list"), parameters.get("cursor", "")
    films = read_films(query, cursor=cursor, path=path, viewpoint=viewpoint)
    return MovieListPage(
        meta=shelf_meta(
            name=_("“%(query)s”") % {"query": query.text} if query.text else _("Films"),
            path=path,
            total=films.listing.total,
            is_first=not (cursor or query.pairs()),
        ),
        query=query,
        films=films,
        filters=filters_of(query, viewpoint=viewpoint),
        chosen=tuple(_chosen(query, names, viewpoint)),
        faults=(*faults, *unknown),
    )


def read_films(
    query: ListingQuery, *, cursor: str, path: str, viewpoint: Viewpoint, fixed: tuple[str, ...] = ()
) -> FilmSlice:
    """Read the films at `cursor`, as `next_url` carries it; "" is the first page. Raises MalformedRequest.

    `fixed` names fields of the query that `path` says already.
    """

    def build() -> FilmSlice:
        return _read_films(query, cursor=cursor, path=path, viewpoint=viewpoint, fixed=fixed)

    if cursor or not query.is_common:
        return build()
    return remember(f"films:{path}:{query.to_query_string()}", viewpoint, build)


def _read_films(
    query: ListingQuery, *, cursor: str, path: str, viewpoint: Viewpoint, fixed: tuple[str, ...]
) -> FilmSlice:
    listing = read_listing(query, viewpoint=viewpoint, cursor=parse_cursor(query, cursor), size=_LIST_SIZE)
    prefetch_related_objects(listing.page.rows, *CARD_RELATIONS)
    said: dict[str, Any] = dict.fromkeys(fixed, ())

    def url_of(neighbour: Cursor | None) -> str:
        if neighbour is None:
            return ""
        pairs = [*query.pairs(**said), ("cursor", write_cursor(query, neighbour))]
        return keep(f"{path}?{urlencode(pairs)}", viewpoint)

    return FilmSlice(
        listing=replace(listing, page=replace(listing.page, rows=[])),
        movies=cards_of(listing.page.rows, viewpoint),
        next_url=url_of(listing.page.next),
        previous_url=url_of(listing.page.previous),
        sorts=tuple(_sorts(query, path, said, viewpoint)),
    )


def _sorts(query: ListingQuery, path: str, said: dict[str, Any], viewpoint: Viewpoint) -> Iterator[SortChoice]:
    """Offer each order that fits, and each that turns round the one in use."""
    current = query.effective_order
    for by in query.possible_sorts():
        natural = Order.natural(by)
        for order in (natural, natural.reversed) if by != "relevance" else (natural,):
            asked = query.to_query_string(**said, order=order)
            yield SortChoice(
                label=order_label(order), url=keep(f"{path}?{asked}", viewpoint), is_current=order == current
            )


def _chosen(query: ListingQuery, names: dict[str, dict[str, str]], viewpoint: Viewpoint) -> Iterator[Link]:
    for field, value, label in _choices(query, names):
        asked = query.without(field, value).to_query_string()
        url = f"{reverse('catalog:movie-list')}{f'?{asked}' if asked else ''}"
        yield Link(label=label, url=keep(url, viewpoint))


def _choices(query: ListingQuery, names: dict[str, dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield each filter at work: its field, its value, and how a person would say it."""
    for field in ("genres", "tags", "people"):
        yield from ((field, slug, names[field][slug]) for slug in getattr(query, field))
    yield from (("countries", code, territory_name(code)) for code in query.countries)
    yield from (("languages", tag, language_name(tag)) for tag in query.languages)
    if query.year_from is not None:
        yield "year_from", "", _("from %(year)d") % {"year": query.year_from}
    if query.year_to is not None:
        yield "year_to", "", _("until %(year)d") % {"year": query.year_to}
    if query.age is not None:
        yield "age", "", _("for age %(age)d") % {"age": query.age}
    if query.availability in AVAILABILITY_LABELS:
        yield "availability", "", str(AVAILABILITY_LABELS[query.availability])
