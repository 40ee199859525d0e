"""Cut folded texts into what is looked for: words, and runs of the scripts that set no words apart.

A run is indexed by its pairs of characters, in their order, so that any part of it is found as a phrase of pairs,
wherever its words begin.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from catalog.search.folding import fold, is_part_of_word, is_spaceless

# PostgreSQL takes 2046 bytes; nobody looks for a word as long as that.
LONGEST_WORD = 40
# Initials with a dot or a star after each, "E.T." or "M*A*S*H", are one word.
_INITIALS = re.compile(r"(?<!\w)(?:\w[.*]){2,}\w?(?!\w)")
_ARTICLES = frozenset({"the", "a", "an", "le", "la", "les", "der", "die", "das", "el", "los", "las", "il", "lo", "gli"})
_ELISION = re.compile(r"\b(?:l|d|qu|un|dell|all|nell|sull)['’](\w+)", re.IGNORECASE)
_ELIDED_ARTICLE = re.compile(r"^(l|d|un)['’]", re.IGNORECASE)
_NUMERALS = {
    text: str(number)
    for number, text in enumerate(
        ("ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi"), start=2
    )
}  # fmt: skip
_NUMBER = re.compile(r"\d+")
_THAI_LEADING_VOWEL = re.compile("([เ-ไ])([ก-ฮ])")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a run of a script without spaces; folded."""

    text: str
    is_run: bool = False


def tokenize(text: str) -> list[Token]:
    """Return the words and runs of `text` in their order."""
    folded = _INITIALS.sub(lambda initials: re.sub(r"[.*]", "", initials.group()), fold(text))
    return [token for part in _parts(folded) for token in _by_script(part)]


def join_runs(tokens: Iterable[Token]) -> Iterator[Token]:
    """Make one run of neighbours: a space between them is as may be, so whoever leaves it out should find them."""
    for is_run, group in groupby(tokens, key=lambda token: token.is_run):
        if is_run:
            yield Token("".join(token.text for token in group), is_run=True)
        else:
            yield from group


def pairs(run: str) -> list[str]:
    """Return each character of a run with the next; the last one stands alone."""
    return [run[place : place + 2] for place in range(len(run))]


def joined_words(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield the place of each word that another follows, and both as one: "spider", "man" give "spiderman"."""
    for place, (one, other) in enumerate(pairwise(tokens)):
        if not one.is_run and not other.is_run:
            yield place, f"{one.text}{other.text}"[:LONGEST_WORD]


def words_after_elision(text: str) -> list[Token]:
    """Return the words that an article or preposition has grown onto: "avventura" of "L'Avventura"."""
    return [token for word in _ELISION.findall(text) for token in tokenize(word)]


def number_of(word: str) -> str:
    """Return "2" for "ii"; "" for what is no Roman numeral that numbers sequels."""
    return _NUMERALS.get(word, "")


def title_key(text: str) -> str:
    """Return a title without anything between its words, by which it is recognised: "Spider-Man" as "Spider Man"."""
    return "".join(token.text for token in tokenize(text))


def title_keys(*titles: str) -> str:
    """Return the keys of a film's titles, with and without their article, each between spaces."""
    keys = {title_key(variant) for title in titles for variant in (title, strip_article(title))} - {""}
    return f" {' '.join(sorted(keys))} "


def sort_key(title: str) -> str:
    """Return what a list by title goes by: no article, numbers by their value, Thai vowels after their consonant."""
    folded = " ".join(token.text for token in tokenize(strip_article(title)))
    numbered = _NUMBER.sub(lambda number: number.group().zfill(6), folded)
    return _THAI_LEADING_VOWEL.sub(r"\2\1", numbered)[:250]


def strip_article(title: str) -> str:
    """Return a title without the article that it begins with, unless that is all of it."""
    bare = _ELIDED_ARTICLE.sub("", title)
    first, _, rest = bare.partition(" ")
    return rest if rest.strip() and first.casefold() in _ARTICLES else bare


def _parts(folded: str) -> Iterator[str]:
    for is_word, characters in groupby(folded, key=is_part_of_word):
        if is_word:
            yield "".join(characters)


def _by_script(part: str) -> Iterator[Token]:
    for is_run, characters in groupby(part, key=is_spaceless):
        text = "".join(characters)
        yield Token(text if is_run else text[:LONGEST_WORD], is_run=is_run)
