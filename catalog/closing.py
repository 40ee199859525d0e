"""What is to happen when viewers may not go on watching a movie: the app that hands films out registers here."""

from datetime import datetime
from typing import Protocol


class Closer(Protocol):
    """Ends what is watched of a movie; called within the transaction of the change."""

    def __call__(self, movie_id: int, *, at: datetime) -> None: ...


_closers: list[Closer] = []


def register(closer: Closer) -> None:
    _closers.append(closer)


def close_movie(movie_id: int, *, at: datetime) -> None:
    """End what is watched of a movie, as far as it may not be watched any longer."""
    for closer in _closers:
        closer(movie_id, at=at)
