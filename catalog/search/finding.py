"""Ask PostgreSQL what a query finds, and how well."""

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Case, F, IntegerField, When
from django.db.models.functions import Cast

from catalog.models import MovieQuerySet
from catalog.search.queries import Query

# Of words in the synopsis, in taglines and shelves, in original titles and people's names, and in titles.
_WEIGHTS = [0.05, 0.2, 0.5, 1.0]
# A rank is a number from 0 to 1. As a whole number it stands in a cursor and comes back as it was.
_RANK_UNIT = 1_000_000
_IS_TITLE, _BEGINS_TITLE = 4 * _RANK_UNIT, _RANK_UNIT


class TsQuery(SearchQuery):
    """A `tsquery` as we wrote it: read by the type's input function, and parsed by no configuration."""

    template = "%(expressions)s::tsquery"

    def __init__(self, expression: str) -> None:
        super().__init__(expression, search_type="raw")


def count_at_most(movies: MovieQuerySet, most: int) -> int:
    """Count the movies; `most` + 1 stands for all that are more, as nobody reads that far."""
    counted: int = movies.order_by()[: most + 1].count()
    return counted


def matching(movies: MovieQuerySet, expression: str) -> MovieQuerySet:
    """Keep the movies whose document matches a `tsquery`; of the empty one, none."""
    if not expression:
        return movies.none()
    return movies.filter(search_document__vector=TsQuery(expression))


def with_relevance(movies: MovieQuerySet, query: Query, expression: str) -> MovieQuerySet:
    """Annotate what matches with `relevance`, a whole number: by the weight of its words, first by its whole title."""
    rank = SearchRank(F("search_document__vector"), TsQuery(expression), weights=_WEIGHTS)
    by_title = Case(
        When(search_document__title_keys__contains=f" {query.title_key} ", then=_IS_TITLE),
        When(search_document__title_keys__contains=f" {query.title_key}", then=_BEGINS_TITLE),
        default=0,
    )
    return movies.annotate(relevance=Cast(rank * _RANK_UNIT, IntegerField()) + by_title)
