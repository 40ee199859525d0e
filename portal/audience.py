"""How many watch something now. The app that counts registers here; pages and answers of every app ask here.

A subject is written "stream:<uuid>" or "movie:<id>".
"""

from collections.abc import Callable, Collection, Mapping
from uuid import UUID

Reader = Callable[[Collection[str]], Mapping[str, int]]

_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Have counts read by this from now on; it leaves out subjects of which nobody can say how many watch."""
    _readers[:] = [reader]


def viewers_of(subjects: Collection[str]) -> Mapping[str, int]:
    """Return how many people watch each; what is left out is not known at the moment, which is not nobody."""
    return _readers[0](subjects) if _readers and subjects else {}


def viewers_of_one(subject: str) -> int | None:
    """Return how many people watch it; None where nobody knows."""
    return viewers_of((subject,)).get(subject)


def movie_subject(movie_id: int) -> str:
    return f"movie:{movie_id}"


def stream_subject(stream_id: UUID | str) -> str:
    return f"stream:{stream_id}"
