"""Find the words that a misspelt one may stand for, by what is left when letters are dropped.

Two words that are one edit apart have a rest in common once at most one letter of each is dropped. The rests of every
known word are stored, so that those of a misspelt word lead to it by an index of equal texts.
"""

from itertools import combinations

from rapidfuzz.distance import OSA

# Rests are those of a word's beginning: few enough to store, and of use while the word is still being typed.
_BEGINNING = 6
SHORTEST_CORRECTED = 4
_SHORTEST_FOR_TWO = 8


def rests(word: str, *, dropped: int) -> list[str]:
    """Return the beginning of `word`, and what is left of it without any `dropped` letters or fewer."""
    start = word[:_BEGINNING]
    kept = (combinations(start, len(start) - number) for number in range(dropped + 1) if len(start) - number > 1)
    return sorted({"".join(letters) for choice in kept for letters in choice})


def stored_rests(word: str) -> list[str]:
    """Return the rests by which a known word is found; none of words too short to be told apart."""
    if len(word) < SHORTEST_CORRECTED:
        return []
    return rests(word, dropped=1 if len(word) == SHORTEST_CORRECTED else 2)


def asked_rests(word: str) -> list[str]:
    """Return the rests by which the word that `word` may stand for is looked up."""
    return rests(word, dropped=1 if len(word) < _SHORTEST_FOR_TWO else 2)


def allowed_edits(word: str) -> int:
    """Return how many edits are forgiven in a word of this length."""
    return 0 if len(word) < SHORTEST_CORRECTED else 1 if len(word) < _SHORTEST_FOR_TWO else 2


def edits(one: str, other: str) -> int:
    """Count the letters added, dropped or changed, or swapped with their neighbour, from one word to the other."""
    return OSA.distance(one, other)


def edits_to_beginning(typed: str, word: str) -> int:
    """Count the edits from what was typed to the beginning of `word` that it is nearest to."""
    return min(edits(typed, word[:end]) for end in range(len(word) + 1))


def closest(typed: str, words: "list[str]", *, is_unfinished: bool, most: int) -> list[str]:
    """Return the `most` words that are near enough, the nearest first."""
    measure = edits_to_beginning if is_unfinished else edits
    measured = [(measure(typed, word), word) for word in words]
    near = [(distance, word) for distance, word in measured if distance <= allowed_edits(typed)]
    near.sort(key=lambda entry: (entry[0], -_common(typed, entry[1]), entry[1]))
    return [word for _, word in near[:most]]


def _common(one: str, other: str) -> int:
    """Return how many letters two words share at their beginning: people rarely mistake the first."""
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared
