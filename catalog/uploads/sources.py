"""The films that a movie has, as far as the editors' desk shows them: the app that keeps them tells of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One film that came in, and in words where it stands; "" where another part of the page says so."""

    file_name: str
    size_bytes: int
    state_words: str
    uploaded_at: datetime


# Tells of the films of a movie, by its id, the latest first.
Lister = Callable[[int], Iterable[SourceLine]]

_listers: list[Lister] = []


def register(lister: Lister) -> None:
    _listers.append(lister)


def sources_of(movie_id: int) -> tuple[SourceLine, ...]:
    return tuple(line for lister in _listers for line in lister(movie_id))
