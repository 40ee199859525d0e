"""Who wants to know that a movie has other captions: the app that packages films registers here."""

from collections.abc import Callable

# Takes a movie's id; called within the transaction of the change.
Follower = Callable[[int], None]

_followers: list[Follower] = []


def register(follower: Follower) -> None:
    _followers.append(follower)


def tell(movie_id: int) -> None:
    for follower in _followers:
        follower(movie_id)
