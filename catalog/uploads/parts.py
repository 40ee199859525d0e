"""What other apps show on the tab “Media” of a movie: they register here, as the catalogue knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A template, and what it is given as `part`."""

    template: str
    page: object


# Tells a person about a movie, by its id; None where there is nothing for them to see.
Teller = Callable[[User, int], Part | None]

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    _tellers.append(teller)


def parts_of(user: User, movie_id: int) -> tuple[Part, ...]:
    told = (teller(user, movie_id) for teller in _tellers)
    return tuple(part for part in told if part is not None)
