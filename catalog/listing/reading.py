"""Read a page of the catalogue as a ListingQuery asks for it: one place for the pages and the API."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.db.models import Exists, F, Func, IntegerField, Model, OuterRef, Q, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from catalog.caching import remember
from catalog.listing.query import Availability, Fault, ListingQuery, Sort
from catalog.models import AvailabilityWindow, Credit, Genre, Movie, MovieQuerySet, Person, Tag
from catalog.search.corrections import respell
from catalog.search.finding import count_at_most, matching, with_relevance
from catalog.search.queries import Query, parse_query
from catalog.viewpoints import Viewpoint
from portal.api.pagination import Cursor, Page, read_page
from portal.errors import MalformedRequest

# Nobody reads so far; counting on would cost more than the page itself.
MOST_COUNTED = 1000
# What is not known comes last, whichever end is first.
_BEYOND_ALL, _BELOW_ALL = 2**31 - 1, -1
# By field: the parameter, and how a film leads to it if only films that viewers are told of may tell its name.
_SHELVES: Mapping[str, tuple[type[Model], str, str]] = {
    "genres": (Genre, "genre", ""),
    "tags": (Tag, "tag", "tags"),
    "people": (Person, "person", "credits__person"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of what was found.

    `query` is what was answered: with another spelling, if what was asked finds nothing. Then `asked` keeps what was
    typed, and `is_near` tells that no spelling helped either and these films have only most of it. `total` counts up to
    MOST_COUNTED; `has_more` tells that there are more.
    """

    query: ListingQuery
    page: Page
    total: int
    has_more: bool
    asked: str = ""
    is_near: bool = False


def find_movies(query: ListingQuery, viewpoint: Viewpoint) -> MovieQuerySet:
    """Return all that the query finds and somebody at `viewpoint` may be told of, in its order; see `ordering_of`."""
    movies = filter_movies(_base(query, viewpoint), query)
    return order_movies(movies, query, viewpoint)


def filter_movies(movies: MovieQuerySet, query: ListingQuery) -> MovieQuerySet:
    """Keep those of `movies` that the query asks for, whatever their availability."""
    movies = _filtered(movies, query)
    return matching(movies, parse_query(query.text).expression()) if query.text else movies


def order_movies(movies: MovieQuerySet, query: ListingQuery, viewpoint: Viewpoint) -> MovieQuerySet:
    """Annotate the movies with what the query sorts by, so that `ordering_of` it can be applied."""
    text = parse_query(query.text)
    return _with_order(movies, query, viewpoint, text=text, expression=text.expression())


def ordering_of(query: ListingQuery) -> tuple[str, str]:
    """Return the fields to order by: neither is ever null, and both name one movie."""
    order = query.effective_order
    sign = "-" if order.is_descending else ""
    return f"{sign}{_FIELDS[order.by]}", f"{sign}id"


def read_listing(query: ListingQuery, *, viewpoint: Viewpoint, cursor: Cursor | None, size: int) -> Listing:
    """Read one page; where the words find nothing, of what they may have been meant for.

    Only which films were found is remembered: that is small, whatever anybody may think of to ask.
    """

    def build() -> Listing:
        return _find_listing(query, viewpoint=viewpoint, cursor=cursor, size=size)

    name = f"listing:{query.to_query_string()}:{cursor}:{size}"
    found = remember(name, viewpoint, build, is_worded_by_stranger=True)
    known = Movie.objects.in_bulk(found.page.rows)
    return replace(found, page=replace(found.page, rows=[known[pk] for pk in found.page.rows if pk in known]))


def _find_listing(query: ListingQuery, *, viewpoint: Viewpoint, cursor: Cursor | None, size: int) -> Listing:
    """Return a page whose rows are ids: thousands of films may have to be sorted for it, and ids are sorted soonest."""
    text = parse_query(query.text)
    candidates = _filtered(_base(query, viewpoint), query)
    expression = text.expression()
    movies = matching(candidates, expression) if query.text else candidates
    total = count_at_most(movies, MOST_COUNTED)
    asked, is_near = "", False
    if not total and query.text:
        asked = query.text
        text, expression, is_near = _meant(text, candidates)
        movies = matching(candidates, expression)
        total = count_at_most(movies, MOST_COUNTED)
        query = replace(query, text=asked if is_near or not total else text.text)
    ordered = _with_order(movies, query, viewpoint, text=text, expression=expression)
    page = read_page(ordered.only("pk", *_COLUMNS), ordering_of(query), cursor, size=size)
    return Listing(
        query=query,
        page=replace(page, rows=[movie.pk for movie in page.rows]),
        total=min(total, MOST_COUNTED),
        has_more=total > MOST_COUNTED,
        asked=asked if total else "",
        is_near=is_near and total > 0,
    )


def resolve(query: ListingQuery, viewpoint: Viewpoint) -> tuple[ListingQuery, dict[str, dict[str, str]], list[Fault]]:
    """Look up the names of genres, tags and people by field and slug; drop, and report, those that do not exist.

    Nor do, to viewers, the tags and people of hidden films alone.
    """
    names: dict[str, dict[str, str]] = {}
    faults = []
    for field, (model, parameter, relation) in _SHELVES.items():
        slugs = getattr(query, field)
        if slugs:
            told = model._default_manager.filter(slug__in=slugs)
            if relation:
                told = told.filter(Exists(Movie.objects.shown(viewpoint).filter(**{relation: OuterRef("pk")})))
            names[field] = dict(told.values_list("slug", "name"))
            unknown = [slug for slug in slugs if slug not in names[field]]
            detail = _("There is none of this name.")
            faults += [Fault(parameter=parameter, code="does_not_exist", detail=detail) for _slug in unknown]
            query = query.changed(**{field: tuple(slug for slug in slugs if slug in names[field])})
    return query, names, faults


def write_cursor(query: ListingQuery, cursor: Cursor) -> str:
    """Return a cursor for an address; it goes with the order that it was read in."""
    return signing.dumps([cursor.is_backward, *cursor.values], salt=_salt(query))


def parse_cursor(query: ListingQuery, presented: str) -> Cursor | None:
    """Read a cursor of `write_cursor`; "" is the first page. Raises MalformedRequest."""
    if not presented:
        return None
    try:
        is_backward, *values = signing.loads(presented, salt=_salt(query))
    except signing.BadSignature:
        raise MalformedRequest(_("This address of a page of the list is incomplete.")) from None
    return Cursor(values=tuple(values), is_backward=is_backward)


def _salt(query: ListingQuery) -> str:
    return f"catalog.listing {ordering_of(query)}"


def _meant(text: Query, candidates: MovieQuerySet) -> tuple[Query, str, bool]:
    """Return what may have been meant, its `tsquery`, and whether that is only near to what was typed."""
    other = respell(text, candidates)
    if other:
        return other, other.expression(), False
    return text, text.near_expression(), True


def _base(query: ListingQuery, viewpoint: Viewpoint) -> MovieQuerySet:
    if query.availability == Availability.COMING:
        return Movie.objects.announced(viewpoint)
    if query.availability == Availability.LEAVING:
        return Movie.objects.leaving(viewpoint)
    return Movie.objects.listed(viewpoint)


def _filtered(movies: MovieQuerySet, query: ListingQuery) -> MovieQuerySet:
    # Subqueries and no joins: a movie with two of the genres is found once.
    if query.genres:
        shelved = Movie.genres.through.objects.filter(movie=OuterRef("pk"), genre__slug__in=query.genres)
        movies = movies.filter(Exists(shelved))
    if query.tags:
        movies = movies.filter(
            Exists(Movie.tags.through.objects.filter(movie=OuterRef("pk"), tag__slug__in=query.tags))
        )
    if query.people:
        movies = movies.filter(Exists(Credit.objects.filter(movie=OuterRef("pk"), person__slug__in=query.people)))
    if query.languages:
        movies = _speaking(movies, query.languages)
    return movies.filter(_facts(query))


def _facts(query: ListingQuery) -> Q:
    wanted = {
        "countries__overlap": list(query.countries) or None,
        "year__gte": query.year_from,
        "year__lte": query.year_to,
        "minimum_age__lte": query.age,
    }
    return Q(**{lookup: value for lookup, value in wanted.items() if value is not None})


def _speaking(movies: MovieQuerySet, languages: tuple[str, ...]) -> MovieQuerySet:
    """Keep what is spoken in one of the languages; "zh" is any Chinese, "zh-Hant" only that."""
    spoken = Func(F("languages"), Value(" "), function="array_to_string", output_field=TextField())
    return movies.alias(spoken=spoken).filter(spoken__regex=rf"(^| )({'|'.join(languages)})(-| |$)")


def _with_order(
    movies: MovieQuerySet, query: ListingQuery, viewpoint: Viewpoint, *, text: Query, expression: str
) -> MovieQuerySet:
    """Annotate the movies with what they are sorted by, where that is no column of theirs."""
    order = query.effective_order
    if order.by == Sort.RELEVANCE:
        return with_relevance(movies, text, expression)
    if order.by == Sort.TITLE:
        # Asked for by a filter too, so that the join is an inner one and the index of titles can lead.
        return movies.filter(search_document__isnull=False).annotate(sort_title=F("search_document__sort_title"))
    unknown = _BELOW_ALL if order.is_descending else _BEYOND_ALL
    annotations: dict[Sort, dict[str, Any]] = {
        Sort.RUNTIME: {"known_runtime_s": Coalesce("runtime_s", unknown, output_field=IntegerField())},
        Sort.RATING: {"known_age": Coalesce("minimum_age", unknown, output_field=IntegerField())},
        Sort.OPENING: {"opens_at": _edge(viewpoint, "starts_at", Q(starts_at__gt=viewpoint.at))},
        Sort.CLOSING: {
            "closes_at": _edge(viewpoint, "ends_at", Q(starts_at__lte=viewpoint.at, ends_at__gt=viewpoint.at))
        },
    }
    return movies.annotate(**annotations.get(order.by, {}))


def _edge(viewpoint: Viewpoint, field: str, condition: Q) -> Subquery:
    windows = AvailabilityWindow.objects.holding_in(viewpoint.territory).filter(condition, movie=OuterRef("pk"))
    return Subquery(windows.order_by(field).values(field)[:1])


_FIELDS: Mapping[Sort, str] = {
    Sort.RELEVANCE: "relevance",
    Sort.ADDED: "first_available_at",
    Sort.TITLE: "sort_title",
    Sort.YEAR: "year",
    Sort.RUNTIME: "known_runtime_s",
    Sort.RATING: "known_age",
    Sort.OPENING: "opens_at",
    Sort.CLOSING: "closes_at",
}
# Those of them that are columns of the movie itself.
_COLUMNS = ("first_available_at", "year")
