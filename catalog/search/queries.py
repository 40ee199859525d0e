"""Turn what somebody typed into a `tsquery`, token by token: no part of it is ever read as the syntax of a query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.search.tokens import LONGEST_WORD, Token, number_of, pairs, title_key, tokenize
from catalog.search.vectors import JOINED

LONGEST_QUERY = 100
MOST_TOKENS = 12
_LONGEST_RUN = 30
# Words that say nothing of a film and are often left out or mistaken, and that may therefore be missing.
_IDLE = frozenset({"the", "a", "an", "and", "und", "och", "og"})
# Beyond so many words nobody joins two by mistake without the others finding the film.
_MOST_JOINED = 5
_SHORTEST_PREFIX = 3
_SHORTEST_JOINED_PREFIX = 6
# Runs of such lengths can bear one wrong character. Shorter ones would find anything.
_NEAR_RUN = (4, 12)


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `text` is what was typed, `tokens` what counts of it: none of punctuation alone."""

    text: str
    tokens: tuple[Token, ...]

    @property
    def is_empty(self) -> bool:
        return not self.tokens

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.tokens if not token.is_run)

    @property
    def title_key(self) -> str:
        return title_key(self.text)

    def expression(self, *, spellings: Mapping[str, Sequence[str]] | None = None) -> str:
        """Return the `tsquery` of what has all words, the last of which may go on; two of them may stand as one.

        `spellings` are words that may stand for one of them.
        """
        last = len(self.tokens) - 1
        clauses = [
            _any([_clause(token, is_last=place == last), any_of((spellings or {}).get(token.text, ()))])
            for place, token in enumerate(self.tokens)
        ]
        return _any([_all(clauses), *self._joined(clauses)])

    def near_expression(self) -> str:
        """Return the `tsquery` of what lacks one of several words, or has one character of a run wrong; "" if none."""
        clauses = [_near_run(token.text) if token.is_run else _clause(token, is_last=True) for token in self.tokens]
        if len(clauses) == 1:
            return clauses[0] if self.tokens[0].is_run else ""
        lacking = [_all([*clauses[:place], *clauses[place + 1 :]]) for place in range(len(clauses))]
        return _any(clause for clause in lacking if clause)

    def respelled(self, spellings: Mapping[str, str]) -> "Query":
        """Return the query with other spellings of some of its words."""
        tokens = tuple(Token(spellings.get(token.text, token.text), token.is_run) for token in self.tokens)
        return Query(text=" ".join(token.text for token in tokens), tokens=tokens)

    def _joined(self, clauses: Sequence[str]) -> Iterable[str]:
        if len(self.tokens) > _MOST_JOINED:
            return
        for place in range(len(self.tokens) - 1):
            one, other = self.tokens[place : place + 2]
            if not one.is_run and not other.is_run:
                both = _word_clause(f"{one.text}{other.text}"[:LONGEST_WORD], is_last=place + 2 == len(self.tokens))
                yield _all([*clauses[:place], both, *clauses[place + 2 :]])


def parse_query(text: str) -> Query:
    """Read what somebody typed; what is beyond the limits is cut off."""
    text = " ".join(text.split())[:LONGEST_QUERY]
    tokens = [Token(token.text[:_LONGEST_RUN], token.is_run) for token in tokenize(text)[:MOST_TOKENS]]
    telling = [token for token in tokens if token.text not in _IDLE]
    return Query(text=text, tokens=tuple(telling or tokens))


def any_of(words: Iterable[str]) -> str:
    """Return the `tsquery` of what has one of these words; "" for none."""
    return _any(f"'{word}'" for word in words)


def phrase_of(run: str) -> str:
    """Return the `tsquery` of a run: its pairs, one after the other. A single character may begin any pair."""
    if len(run) == 1:
        return f"'{run}':*"
    return _combined(" <-> ", [f"'{pair}'" for pair in pairs(run)[:-1]])


def _clause(token: Token, *, is_last: bool) -> str:
    return phrase_of(token.text) if token.is_run else _word_clause(token.text, is_last=is_last)


def _word_clause(word: str, *, is_last: bool) -> str:
    # The word itself besides its beginning: what has all of it ranks higher.
    forms = [f"'{word}'"]
    if is_last or len(word) >= _SHORTEST_PREFIX:
        forms.append(f"'{word}':*")
    if len(word) >= _SHORTEST_PREFIX:
        forms.append(f"'{JOINED}{word}'{':*' if len(word) >= _SHORTEST_JOINED_PREFIX else ''}")
    number = number_of(word)
    if number:
        forms.append(f"'{number}'")
    return _any(forms)


def _near_run(run: str) -> str:
    """Return what has the run but for one character: another there, one too many, or one that is missing."""
    if not _NEAR_RUN[0] <= len(run) <= _NEAR_RUN[1]:
        return phrase_of(run)
    splits = [(run[:place], run[place + skipped :]) for place in range(len(run)) for skipped in (0, 1)]
    return _any(_all(phrase_of(part) for part in split if len(part) > 1) for split in splits)


def _all(clauses: Iterable[str]) -> str:
    return _combined(" & ", clauses)


def _any(clauses: Iterable[str]) -> str:
    return _combined(" | ", dict.fromkeys(clauses))


def _combined(operator: str, clauses: Iterable[str]) -> str:
    given = [clause for clause in clauses if clause]
    return given[0] if len(given) == 1 else f"({operator.join(given)})" if given else ""
