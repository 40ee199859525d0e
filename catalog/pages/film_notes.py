"""What viewers are told of a movie's film: the app that packages films registers here, as the catalogue knows none."""

from collections.abc import Callable

from django.utils.functional import Promise

# Says where the film of a movie stands, by the movie's id; "" where there is nothing to say.
Teller = Callable[[int], str | Promise]

_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    _tellers.append(teller)


def film_note(movie_id: int) -> str | Promise:
    told = (teller(movie_id) for teller in _tellers)
    return next((note for note in told if note), "")
