"""What of a movie, a person, a genre or a tag the search is given to find it by."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.search.tokens import sort_key, title_keys
from catalog.search.vectors import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieTexts:
    """All of a movie that is searched. `people` are names, in every script; `shelves` names of genres and tags."""

    title: str
    original_title: str = ""
    tagline: str = ""
    synopsis: str = ""
    year: int
    people: Iterable[str] = ()
    characters: Iterable[str] = ()
    shelves: Iterable[str] = ()

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(title for title in (self.title, self.original_title) if title))

    @property
    def title_keys(self) -> str:
        return title_keys(*self.titles)

    @property
    def sort_title(self) -> str:
        return sort_key(self.title)

    def vector(self) -> str:
        """Return the `tsvector` of the whole movie; what weighs least comes last, as places are limited."""
        vector = Vector()
        vector.add(self.title, "A", is_name=True)
        for name in (self.original_title, *self.people):
            vector.add(name, "B", is_name=True)
        for text in (*self.shelves, *self.characters, self.tagline):
            vector.add(text, "C", is_name=True)
        vector.add(str(self.year), "D")
        vector.add(self.synopsis, "D")
        return str(vector)

    def names(self) -> Iterator[str]:
        """Yield the texts whose words others may misspell."""
        yield from self.titles
        yield from self.characters


def name_vector(*names: str) -> str:
    """Return the `tsvector` of a name in its several forms."""
    vector = Vector()
    for name in names:
        vector.add(name, "A", is_name=True)
    return str(vector)
