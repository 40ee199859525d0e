"""Write what PostgreSQL indexes of a film: a `tsvector` made of our own tokens.

PostgreSQL's parser is not asked: it knows no word of Thai, and takes hyphens and dots for addresses. A lexeme is
written with its places and weights, `'amelie':1A,9D`, and read by the type's own input function.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from catalog.search.tokens import Token, join_runs, joined_words, number_of, pairs, tokenize, words_after_elision

Weight = Literal["A", "B", "C", "D"]

# Before two words written as one. No word begins with it, so that whoever looks for "them" does not find "The Man".
JOINED = "+"
_LAST_PLACE = 16383  # of a tsvector
_MOST_PLACES = 255  # of one lexeme


class Vector:
    """Collects the lexemes of one film, text by text."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, Weight]] = defaultdict(dict)
        self._next = 1

    def add(self, text: str, weight: Weight, *, is_name: bool = False) -> None:
        """Add a text; of a name, also each two neighbours as one word."""
        tokens = list(join_runs(tokenize(text)))
        starts = [self._add_token(token, weight) for token in tokens]
        if is_name:
            for place, joined in joined_words(tokens):
                self._put(f"{JOINED}{joined}", starts[place], weight)
        for token in words_after_elision(text):
            self._add_token(token, weight)
        # So that no phrase leads from one text into the next.
        self._next += 1

    def __str__(self) -> str:
        return " ".join(f"'{lexeme}':{_format_places(places)}" for lexeme, places in sorted(self._places.items()))

    def _add_token(self, token: Token, weight: Weight) -> int:
        start = self._next
        lexemes: Sequence[str] = pairs(token.text) if token.is_run else [token.text]
        for lexeme in lexemes:
            self._put(lexeme, self._next, weight)
            self._next += 1
        number = number_of(token.text)
        if number:
            self._put(number, start, weight)
        return start

    def _put(self, lexeme: str, place: int, weight: Weight) -> None:
        places = self._places[lexeme]
        if len(places) < _MOST_PLACES:
            places.setdefault(min(place, _LAST_PLACE), weight)


def unplaced_vector(lexemes: Iterable[str]) -> str:
    """Return the `tsvector` of what only is there or not."""
    return " ".join(f"'{lexeme}'" for lexeme in lexemes)


def words_of(texts: Iterable[str]) -> set[str]:
    """Return the words, runs left out, that a misspelt word may stand for."""
    return {token.text for text in texts for token in tokenize(text) if not token.is_run}


def _format_places(places: dict[int, Weight]) -> str:
    return ",".join(f"{place}{weight}" for place, weight in places.items())
