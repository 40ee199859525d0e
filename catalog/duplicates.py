"""Films that a new one may be a second copy of: those with the same title, or one that differs by a typing error."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db.models import Case, Q, When

from catalog.models import Movie
from catalog.models.search import SearchDocument
from catalog.search.spelling import allowed_edits, edits
from catalog.search.tokens import title_keys

# Whoever mistypes a title rarely mistypes both of its ends.
_END = 4
_MOST_COMPARED = 500
_MOST_TOLD = 5
_FAR = 100


def find_similar_titles(*titles: str, other_than: int | None = None) -> list[Movie]:
    """Return the films that have such a title, as their title or as their original one; the nearest first."""
    keys = title_keys(*titles).split()
    if not keys:
        return []
    measured = [
        (_nearest(keys, document.title_keys.split()), document.movie.year, document.movie_id, document.movie)
        for document in _candidates(keys, other_than)
    ]
    near = sorted(entry[:3] for entry in measured if entry[0] < _FAR)[:_MOST_TOLD]
    movies = {entry[2]: entry[3] for entry in measured}
    return [movies[pk] for _distance, _year, pk in near]


def _candidates(keys: Sequence[str], other_than: int | None) -> Iterable[SearchDocument]:
    """Return what shares the beginning or the end of a title: few enough to be compared letter by letter."""
    ends = (Q(title_keys__contains=f" {key[:_END]}") | Q(title_keys__contains=f"{key[-_END:]} ") for key in keys)
    shares = reduce(or_, ends)
    documents = SearchDocument.objects.filter(shares).exclude(movie=other_than).select_related("movie")
    # The very same titles first, should there be too many.
    same = reduce(or_, (Q(title_keys__contains=f" {key} ") for key in keys))
    return documents.order_by(Case(When(same, then=0), default=1), "movie")[:_MOST_COMPARED]


def _nearest(keys: Sequence[str], known: Iterable[str]) -> int:
    return min((_distance(key, other) for other in known for key in keys), default=_FAR)


def _distance(one: str, other: str) -> int:
    """Return how many letters differ; `_FAR` if they are more than a typing error, as in titles that are numbered."""
    if one == other:
        return 0
    allowed = allowed_edits(one)
    if abs(len(one) - len(other)) > allowed or _digits(one) != _digits(other):
        return _FAR
    distance = edits(one, other)
    return distance if distance <= allowed else _FAR


def _digits(key: str) -> str:
    return "".join(filter(str.isdigit, key))
