"""What to suggest to somebody who is typing: films, people, genres and tags whose names go on like that.

Names are ranked first and then held against what can be seen, from the best on: so a letter that half of all names
begin with costs hardly more than a rare word.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

from catalog.caching import remember
from catalog.models import Genre, Movie, Person, SearchName, Tag
from catalog.search.corrections import spellings_of
from catalog.search.finding import TsQuery
from catalog.search.heat import coldest
from catalog.search.queries import Query, parse_query
from catalog.viewpoints import Viewpoint

# Fewer than so many, and words are taken for others that they may be meant for.
_FEW = 3
# Of each kind so many names are held against what can be seen.
_MOST_RANKED = 100
_ASKED_AT_ONCE = 20


class Kind(StrEnum):
    MOVIE = "movie"
    PERSON = "person"
    GENRE = "genre"
    TAG = "tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A name that goes on as was typed. `detail` tells films of one title apart: the year; "" of all else."""

    kind: Kind
    slug: str
    label: str
    detail: str
    url: str


def suggest(text: str, *, viewpoint: Viewpoint) -> list[Suggestion]:
    """Return what may be meant, films first; of each kind the name itself, then what is chosen most."""
    query = parse_query(text)
    if query.is_empty:
        return []
    found = list(_matching(query, query.expression(), viewpoint))
    if len(found) < _FEW:
        spellings = spellings_of(query.words, is_unfinished=True)
        if any(spellings.values()):
            found += _matching(query, query.expression(spellings=spellings), viewpoint)
    return _by_kind(dict.fromkeys(found))


def _matching(query: Query, expression: str, viewpoint: Viewpoint) -> Iterator[Suggestion]:
    for kind, ids in _ranked(query, expression, viewpoint).items():
        rows = islice(_FIRST_SEEN[kind](ids, viewpoint), _MOST[kind])
        yield from (_suggestion(kind, row) for row in rows)


def _ranked(query: Query, expression: str, viewpoint: Viewpoint) -> dict[Kind, list[int]]:
    """Return the ids of what has such a name, by kind, in the order in which they are to be suggested."""
    begins, whole = (Q(keys__contains=f" {query.title_key}{end}") for end in ("", " "))
    named = SearchName.objects.filter(vector=TsQuery(expression)).annotate(
        is_whole=Case(When(whole, then=1), default=0),
        warmth=Greatest(F("heat"), Value(coldest(viewpoint.at))),
        begins=Case(When(begins, then=1), default=0),
    )
    first, *others = (
        named.filter(**{f"{kind}__isnull": False})
        .annotate(kind=Value(kind.value), subject=F(f"{kind}_id"))
        .order_by("-is_whole", "-warmth", "-begins", "-subject")
        .values_list("kind", "is_whole", "warmth", "begins", "subject")[:_MOST_RANKED]
        for kind in Kind
    )
    ranked = defaultdict(list)
    for kind, *_merit, subject in sorted(first.union(*others, all=True), key=lambda row: row[1:], reverse=True):
        ranked[Kind(kind)].append(subject)
    return {kind: ranked[kind] for kind in Kind if ranked[kind]}


def _films(ids: list[int], viewpoint: Viewpoint) -> Iterator[Any]:
    films = Movie.objects.listed(viewpoint).only("title", "slug", "year")
    return _first_of(films, ids)


def _people(ids: list[int], viewpoint: Viewpoint) -> Iterator[Any]:
    """Keep those of whom a film can be seen."""
    films = Movie.objects.listed(viewpoint).filter(credits__person=OuterRef("pk"))
    return _first_of(Person.objects.filter(Exists(films)).only("name", "slug"), ids)


def _genres(ids: list[int], viewpoint: Viewpoint) -> Iterator[Any]:
    return _largest(Genre.objects.only("name", "slug"), "genres", ids, viewpoint)


def _tags(ids: list[int], viewpoint: Viewpoint) -> Iterator[Any]:
    return _largest(Tag.objects.only("name", "slug"), "tags", ids, viewpoint)


def _first_of(rows: "QuerySet[Any]", ids: list[int]) -> Iterator[Any]:
    """Yield the rows in the order of their ids. A few at a time: mostly the first ones are there."""
    for start in range(0, len(ids), _ASKED_AT_ONCE):
        asked = ids[start : start + _ASKED_AT_ONCE]
        found = rows.in_bulk(asked)
        yield from (found[pk] for pk in asked if pk in found)


def _largest(shelves: "QuerySet[Any]", field: str, ids: list[int], viewpoint: Viewpoint) -> Iterator[Any]:
    """Yield the shelves on which something can be seen, that with most films first."""
    sizes = remember(f"sizes of {field}", viewpoint, lambda: _sizes(field, viewpoint))
    return _first_of(shelves, sorted((pk for pk in ids if pk in sizes), key=lambda pk: -sizes[pk]))


def _sizes(field: str, viewpoint: Viewpoint) -> dict[int, int]:
    """Return how many films can be seen, by the id of their genre or tag; where there are none, there is no entry."""
    films = Movie.objects.listed(viewpoint).filter(**{f"{field}__isnull": False}).order_by()
    return dict(films.values_list(field).annotate(Count("pk")))


_FIRST_SEEN: Mapping[Kind, Callable[[list[int], Viewpoint], Iterator[Any]]] = {
    Kind.MOVIE: _films,
    Kind.PERSON: _people,
    Kind.GENRE: _genres,
    Kind.TAG: _tags,
}
_MOST: Mapping[Kind, int] = {Kind.MOVIE: 5, Kind.PERSON: 3, Kind.GENRE: 2, Kind.TAG: 2}


def _suggestion(kind: Kind, row: Any) -> Suggestion:
    return Suggestion(
        kind=kind,
        slug=row.slug,
        label=str(row),
        detail=str(row.year) if kind == Kind.MOVIE else "",
        url=row.get_absolute_url(),
    )


def _by_kind(found: Iterable[Suggestion]) -> list[Suggestion]:
    every = list(found)
    return [s for kind in Kind for s in [each for each in every if each.kind == kind][: _MOST[kind]]]
