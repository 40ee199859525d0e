"""What somebody may have meant whose words find nothing."""

from collections.abc import Sequence

from django.db.models import F, Func, TextField

from catalog.models import Movie, MovieQuerySet, SearchWord
from catalog.search.finding import TsQuery, matching, with_relevance
from catalog.search.queries import Query, any_of
from catalog.search.spelling import SHORTEST_CORRECTED, asked_rests, closest

_MOST_LOOKED_AT = 500
_MOST_SPELLINGS = 5


def respell(query: Query, movies: MovieQuerySet) -> Query | None:
    """Return the query as it would be spelled to find the best of `movies`; None if no spelling finds any.

    Only words of those movies are ever proposed: of hidden films nothing shows.
    """
    spellings = spellings_of(query.words, is_unfinished=False)
    if not any(spellings.values()):
        return None
    if len(query.tokens) == 1 and len(spellings[query.words[0]]) == 1:
        # There is nothing to choose, so nothing has to be ranked.
        other = query.respelled({query.words[0]: spellings[query.words[0]][0]})
        return other if matching(movies, other.expression()).exists() else None
    lexemes = _lexemes_of_best(query, query.expression(spellings=spellings), movies)
    if not lexemes:
        return None
    chosen = {word: _chosen(word, others, lexemes) for word, others in spellings.items()}
    return query.respelled(chosen)


def spellings_of(words: Sequence[str], *, is_unfinished: bool) -> dict[str, list[str]]:
    """Return the known words that each word may stand for, the nearest first; the last may be `is_unfinished`."""
    return {
        word: closest(word, _alike(word), is_unfinished=is_unfinished and word == words[-1], most=_MOST_SPELLINGS)
        for word in words
        if len(word) >= SHORTEST_CORRECTED
    }


def _alike(word: str) -> list[str]:
    known = SearchWord.objects.filter(rests=TsQuery(any_of(asked_rests(word))))
    return list(known.values_list("word", flat=True)[:_MOST_LOOKED_AT])


def _lexemes_of_best(query: Query, expression: str, movies: MovieQuerySet) -> list[str]:
    lexemes = Func(F("search_document__vector"), function="tsvector_to_array", output_field=TextField())
    ranked = with_relevance(matching(movies, expression), query, expression).order_by(F("relevance").desc(), "-pk")
    best = ranked.only("pk").first()
    if best is None:
        return []
    # By itself: PostgreSQL would take the words of everything that matches apart before it sorts.
    return list(Movie.objects.values_list(lexemes, flat=True).get(pk=best.pk))


def _chosen(word: str, spellings: Sequence[str], lexemes: Sequence[str]) -> str:
    if any(lexeme.startswith(word) for lexeme in lexemes):
        return word
    return next((spelling for spelling in spellings if spelling in lexemes), word)
