"""Titles, names and synopses in English, Thai and Chinese, whose words are as unevenly frequent as those of people.

The n-th word of a vocabulary comes up in proportion to 1/(n + 20) (Zipf and Mandelbrot, without the words that only
bind), so a search for one word finds half of the catalogue, and for another a single film.
"""

import tomllib
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Literal

Language = Literal["en", "th", "zh"]

_WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))

_MOST_INVENTED = 8000
_OFFSET = 21


class Writer:
    """Writes by lot: the same texts in the same order for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def words(self, language: Language, count: int) -> list[str]:
        vocabulary, weights = _weighted(language)
        return self.random.choices(vocabulary, cum_weights=weights, k=count)

    def title(self, language: Language) -> str:
        if language != "en":
            return "".join(self.words(language, self.random.randint(2, 4)))
        words = [word.capitalize() for word in self.words("en", self.random.choice((1, 2, 2, 3, 3, 4)))]
        if len(words) > 1 and self.random.random() < 0.3:
            words.insert(1, self.random.choice(_WORDS["binding"]))
        return f"{'The ' if self.random.random() < 0.25 else ''}{' '.join(words)}"

    def name(self) -> str:
        given, family = self.random.choice(_words("given")), self.random.choice(_families())
        return f"{given} {family}"

    def name_in_own_script(self) -> str:
        """Return a Thai or a Chinese name."""
        if self.random.random() < 0.5:
            given, family = self.random.choice(_words("thai_given")), self.random.choice(_words("thai_family"))
            return f"{given} {family}"
        family = self.random.choice(_words("chinese_family"))
        return family + "".join(self.random.choices(_words("chinese_given"), k=2))

    def sentence(self, words: int) -> str:
        return f"{' '.join(self.words('en', words)).capitalize()}."


def misspell(word: str, random: Random) -> str:
    """Return the word as a hasty typist leaves it: two letters swapped, or one left out."""
    place = random.randrange(1, len(word) - 1)
    if random.random() < 0.5:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place + 1 :]


@cache
def _words(name: str) -> list[str]:
    return str(_WORDS[name]).split()


@cache
def _weighted(language: Language) -> tuple[list[str], list[float]]:
    """Return a vocabulary and its cumulative weights."""
    english = list(dict.fromkeys([*_words("english"), *_invented()]))
    vocabulary = {"en": english, "th": _words("thai"), "zh": _words("chinese")}[language]
    return vocabulary, list(accumulate(1 / (rank + _OFFSET) for rank in range(len(vocabulary))))


@cache
def _invented() -> tuple[str, ...]:
    """Return the long tail of a language: words that a film or two has in its title."""
    random, syllables = Random(7), _words("syllables")
    return tuple("".join(random.choices(syllables, k=random.randint(2, 4))) for _ in range(_MOST_INVENTED))


@cache
def _families() -> tuple[str, ...]:
    return (*_words("family") * 20, *(word.capitalize() for word in _invented()[:3000]))
