"""Films that have something in common with another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, QuerySet, Value

from catalog.models import Movie
from catalog.viewpoints import Viewpoint

# How much a shared person, tag or genre says: a director is rarer than a genre.
_WEIGHTS = {"credits__person": 5, "tags": 3, "genres": 2}
# The newest of each kind: a genre may have thousands, and the answer is one shelf.
_CANDIDATES = 60


def find_similar(movie: Movie, relations: Mapping[str, Sequence[int]], viewpoint: Viewpoint, *, most: int) -> list[int]:
    """Return the keys of the listed films that share most with `movie`, the nearest first.

    `relations` holds the keys of its people, tags and genres, by the names that films look them up by.
    """
    parts = [_sharing(movie, name, keys, viewpoint) for name, keys in relations.items() if keys]
    if not parts:
        return []
    first, *others = parts
    scores: Counter[int] = Counter()
    newest: dict[int, datetime] = {}
    # A film that shares two genres comes twice.
    for pk, available_at, weight in first.union(*others, all=True) if others else first:
        scores[pk] += weight
        newest[pk] = available_at
    return sorted(scores, key=lambda pk: (scores[pk], newest[pk], pk), reverse=True)[:most]


def _sharing(movie: Movie, name: str, keys: Sequence[int], viewpoint: Viewpoint) -> "QuerySet[Any, Any]":
    """Select the newest listed films with one of these relations; each part stops by itself."""
    return (
        Movie.objects.listed(viewpoint)
        .filter(**{f"{name}__in": keys})
        .exclude(pk=movie.pk)
        .annotate(weight=Value(_WEIGHTS[name], output_field=IntegerField()))
        .newest_first()
        .values_list("pk", "first_available_at", "weight")[:_CANDIDATES]
    )
