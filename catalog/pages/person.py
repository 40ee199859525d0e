"""The page of a person: the films they worked on, by what they did."""

from dataclasses import dataclass
from itertools import groupby

from catalog.metadata import Metadata
from catalog.models import Credit, Movie, Person
from catalog.pages.cards import MovieCard, cards_of, with_cards
from catalog.pages.meta import person_meta
from catalog.viewpoints import Viewpoint

# Nobody has made more films than this; a data error must not make a page of megabytes.
_MOST_CREDITS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmography:
    """What somebody did in which films, the latest first."""

    role: str
    movies: tuple[MovieCard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """Somebody whom films name. `original_name` is "" where it says nothing new."""

    meta: Metadata
    name: str
    original_name: str
    biography: str
    url: str
    filmographies: tuple[Filmography, ...]


def person_page(person: Person, *, viewpoint: Viewpoint) -> PersonPage:
    """Read the page of a person, with those of their films that stand in lists."""
    filmographies = tuple(_filmographies(person, viewpoint))
    return PersonPage(
        meta=person_meta(person, has_films=bool(filmographies)),
        name=person.name,
        original_name=person.original_name if person.original_name != person.name else "",
        biography=person.biography,
        url=person.get_absolute_url(),
        filmographies=filmographies,
    )


def _filmographies(person: Person, viewpoint: Viewpoint) -> list[Filmography]:
    shown = Movie.objects.shown(viewpoint)
    roles = person.credits.filter(movie__in=shown).values_list("role", "movie_id").distinct()[:_MOST_CREDITS]
    by_role = sorted(roles, key=lambda line: (list(Credit.Role).index(Credit.Role(line[0])), line[1]))
    films = with_cards(Movie.objects.all()).in_bulk({movie_id for _, movie_id in by_role})
    return [
        Filmography(
            role=str(Credit.Role(role).label),
            movies=cards_of(
                sorted((films[movie_id] for _, movie_id in lines), key=lambda film: (-film.year, film.title)), viewpoint
            ),
        )
        for role, lines in groupby(by_role, key=lambda line: line[0])
    ]
