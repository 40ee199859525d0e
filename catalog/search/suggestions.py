"""What to suggest to somebody who is typing: films, people, genres and tags whose names go on like that.

Names are ranked first and then held against what can be seen, from the best on: so a letter that half of all names
begin with costs hardly more than a rare word.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest

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
        seen = _SEEN[kind](ids, viewpoint)
        found = {row.pk: row for row in seen}
        rows = [found[pk] for pk in ids if pk in found]
        if kind in (Kind.GENRE, Kind.TAG):
            rows.sort(key=lambda row: -row.films)
        yield from (_suggestion(kind, row) for row in rows[: _MOST[kind]])


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


def _films(ids: list[int], viewpoint: Viewpoint) -> "QuerySet[Any]":
    return Movie.objects.listed(viewpoint).filter(pk__in=ids).only("title", "slug", "year")


def _people(ids: list[int], viewpoint: Viewpoint) -> "QuerySet[Any]":
    """Keep those of whom a film can be seen."""
    films = Movie.objects.listed(viewpoint).filter(credits__person=OuterRef("pk"))
    return Person.objects.filter(Exists(films), pk__in=ids).only("name", "slug")


def _genres(ids: list[int], viewpoint: Viewpoint) -> "QuerySet[Any]":
    films = Movie.objects.listed(viewpoint).filter(genres=OuterRef("pk"))
    return Genre.objects.filter(Exists(films), pk__in=ids).annotate(films=_PUBLISHED)


def _tags(ids: list[int], viewpoint: Viewpoint) -> "QuerySet[Any]":
    films = Movie.objects.listed(viewpoint).filter(tags=OuterRef("pk"))
    return Tag.objects.filter(Exists(films), pk__in=ids).annotate(films=_PUBLISHED)


# Which genre is the larger changes with no window: to count only what can be seen now would cost more than it tells.
_PUBLISHED = Count("movies", filter=Q(movies__visibility=Movie.Visibility.PUBLISHED))
_SEEN: Mapping[Kind, Callable[[list[int], Viewpoint], "QuerySet[Any]"]] = {
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
