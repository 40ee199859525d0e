"""The player on the page of a film: the app that plays films registers here, as the catalogue plays none."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest
from django.utils.functional import Promise

from catalog.pages.cards import MovieCard
from catalog.pages.movie import MoviePage
from catalog.viewpoints import Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """What stands on a film's page in place of its picture, behind it, and in the page's head; all are given `part`.

    `note` tells of a film that cannot be played yet; "" for one that can.
    """

    template: str
    script_template: str
    head_template: str
    part: object
    note: str | Promise = ""


class Player(Protocol):
    """Plays films."""

    def tell(self, request: HttpRequest, page: MoviePage, viewpoint: Viewpoint) -> Playing | None:
        """Return the player of a film for whoever asks for its page; None where there is nothing to play."""

    def playable_among(self, movie_ids: Collection[int]) -> Collection[int]:
        """Return those of which there is a film; whether somebody may see it now is not asked."""


_players: list[Player] = []


def register(player: Player) -> None:
    _players.append(player)


def playing_of(request: HttpRequest, page: MoviePage, viewpoint: Viewpoint) -> Playing | None:
    """Return what the first of the players has for a film: to be asked for each view, as it may begin a session."""
    told = (player.tell(request, page, viewpoint) for player in _players)
    return next((playing for playing in told if playing is not None), None)


def watch_url_of(card: MovieCard) -> str:
    """Return the page of a film, which begins to play there; "" where there is nothing to play, or not yet."""
    if card.opens_at is not None or card.movie_id not in playable_among((card.movie_id,)):
        return ""
    return card.url


def playable_among(movie_ids: Collection[int]) -> frozenset[int]:
    return frozenset(found for player in _players for found in player.playable_among(movie_ids))
