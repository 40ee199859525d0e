"""Shelves of the home page that other apps fill: they register from `AppConfig.ready`, as the catalogue knows none."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise

from catalog.viewpoints import Viewpoint


class Card(Hashable, Protocol):
    """What components/_movie_card.html needs to know of whatever stands on a shelf."""

    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def art_key(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One shelf. `url` leads to all of it; "" where the shelf is all."""

    title: str | Promise
    movies: tuple[Card, ...]
    url: str = ""


Provider = Callable[[Viewpoint], Row]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a shelf; it stands on the page while there is anything on it."""
    _providers.append(provider)


def registered_rows(viewpoint: Viewpoint) -> Iterator[Row]:
    for provider in _providers:
        yield provider(viewpoint)
