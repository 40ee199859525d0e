"""The page of one film."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalog import access
from catalog.caching import remember
from catalog.codes import language_name, territory_name
from catalog.metadata import Metadata
from catalog.models import Caption, Credit, Genre, Movie, Tag
from catalog.pages.cards import MovieCard, cards_of, with_cards
from catalog.pages.links import Link
from catalog.pages.meta import MovieRelations, movie_meta
from catalog.pages.preview import keep
from catalog.services.credits import read_credits
from catalog.similar import find_similar
from catalog.viewpoints import Viewpoint
from portal import audience

_Shelf = TypeVar("_Shelf", Genre, Tag)

_MOST_SIMILAR = 12
# So many people, by their billing, may lead to similar films.
_TELLING_PEOPLE = 6

_NOTES = {
    Movie.Visibility.DRAFT: gettext_lazy("A draft: viewers do not see this film yet."),
    Movie.Visibility.HIDDEN: gettext_lazy("Hidden: viewers do not see this film."),
    Movie.Visibility.UNLISTED: gettext_lazy("Unlisted: only those who have the address find this film."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """A person in the credits, and whom they play; "" for those who play nobody."""

    name: str
    url: str
    character: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditGroup:
    """Those who did the same, in the order of their billing."""

    role: str
    label: str
    people: tuple[Credited, ...]

    @property
    def has_characters(self) -> bool:
        return any(person.character for person in self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoviePage:
    """One film. `notes` tell those who run the catalogue why viewers do not find it.

    `leaves_at` is the end of what viewers see now, `opens_at` the begin of what they will; each None if not foreseen.
    `next_change_at` is the earlier one, at which the page, read at `seen_at`, ceases to be true.
    `visibility` is for the script of those who run the catalogue; "" for viewers.
    `viewers` is how many watch at this moment, None where nobody knows: see `with_viewers`.
    """

    meta: Metadata
    movie_id: int
    movie: MovieCard
    version: int
    tagline: str
    original_title: str
    synopsis: str
    genres: tuple[Link, ...]
    tags: tuple[Link, ...]
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    captions: tuple[str, ...]
    rating: str
    trailer_url: str
    credits: tuple[CreditGroup, ...]
    similar: tuple[MovieCard, ...]
    leaves_at: datetime | None
    opens_at: datetime | None
    seen_at: datetime
    next_change_at: datetime | None
    notes: tuple[str | Promise, ...]
    visibility: str
    socket_path: str
    viewers: int | None = None

    @property
    def subject(self) -> str:
        return audience.movie_subject(self.movie_id)


def with_viewers(page: MoviePage, viewpoint: Viewpoint) -> MoviePage:
    """Say how many watch the film, which is remembered with no page; of another moment nobody knows."""
    return page if viewpoint.is_preview else replace(page, viewers=audience.viewers_of_one(page.subject))


def movie_page_for_viewers(slug: str, *, viewpoint: Viewpoint) -> MoviePage:
    """Read what every viewer sees at an address, or what is true still of the last time. Raises NotFound."""

    def build() -> MoviePage:
        movie = access.get_movie_for_viewing(AnonymousUser(), slug, viewpoint=viewpoint)
        return movie_page(movie, viewpoint=viewpoint, sees_hidden=False)

    page = remember(f"movie page:{slug}", viewpoint, build)
    return replace(page, seen_at=viewpoint.at)


def movie_page(movie: Movie, *, viewpoint: Viewpoint, sees_hidden: bool) -> MoviePage:
    prefetch_related_objects([movie], "artwork")
    availability = movie.availability_at(viewpoint)
    credited, captions = read_credits(movie), list(movie.captions.without_text().in_order())
    genres, tags = _by_name(movie.genres.all()), _by_name(movie.tags.all())
    return MoviePage(
        meta=movie_meta(
            movie,
            MovieRelations(
                credits=tuple(credited),
                genres=tuple(map(str, genres)),
                tags=tuple(map(str, tags)),
                captions=tuple(dict.fromkeys(caption.language for caption in captions)),
            ),
        ),
        movie_id=movie.pk,
        movie=MovieCard.of(movie, viewpoint),
        version=movie.version,
        tagline=movie.tagline,
        original_title=movie.original_title if movie.original_title != movie.title else "",
        synopsis=movie.synopsis,
        genres=_links(genres, viewpoint),
        tags=_links(tags, viewpoint),
        countries=tuple(map(territory_name, movie.countries)),
        languages=tuple(map(language_name, movie.languages)),
        captions=tuple(dict.fromkeys(_caption_name(caption) for caption in captions)),
        rating=str(Movie.MinimumAge(movie.minimum_age).label) if movie.minimum_age is not None else "",
        trailer_url=movie.trailer_url,
        credits=tuple(_credit_groups(credited, viewpoint)),
        similar=_similar(movie, credited, tags, viewpoint),
        leaves_at=availability.closes_at,
        opens_at=availability.opens_at,
        seen_at=viewpoint.at,
        next_change_at=availability.next_change_at,
        notes=tuple(_notes(movie, viewpoint)) if sees_hidden else (),
        visibility=str(movie.visibility) if sees_hidden else "",
        socket_path=f"/ws/movies/{movie.slug}/",
    )


def _caption_name(caption: Caption) -> str:
    """Return "Thai", or "Thai (captions)" for what is more than a translation."""
    name = language_name(caption.language)
    if caption.kind == Caption.Kind.SUBTITLES:
        return name
    return f"{name} ({caption.get_kind_display().lower()})"


def _notes(movie: Movie, viewpoint: Viewpoint) -> Iterable[str | Promise]:
    visibility = Movie.Visibility(movie.visibility)
    if visibility in _NOTES:
        yield _NOTES[visibility]
    if movie.is_watchable and not movie.availability_at(viewpoint).is_open:
        yield gettext_lazy("None of its windows is open: viewers cannot see this film now.")


def _by_name(shelves: Iterable[_Shelf]) -> list[_Shelf]:
    return sorted(shelves, key=str)


def _links(shelves: Iterable[Genre] | Iterable[Tag], viewpoint: Viewpoint) -> tuple[Link, ...]:
    return tuple(Link(label=shelf.name, url=keep(shelf.get_absolute_url(), viewpoint)) for shelf in shelves)


def _credit_groups(credited: Iterable[Credit], viewpoint: Viewpoint) -> Iterable[CreditGroup]:
    for role, lines in groupby(credited, key=lambda line: line.role):
        yield CreditGroup(
            role=role,
            label=str(Credit.Role(role).label),
            people=tuple(
                Credited(
                    name=line.person.name,
                    url=keep(line.person.get_absolute_url(), viewpoint),
                    character=line.character,
                )
                for line in lines
            ),
        )


def _similar(movie: Movie, credited: list[Credit], tags: list[Tag], viewpoint: Viewpoint) -> tuple[MovieCard, ...]:
    people = list(dict.fromkeys(line.person_id for line in credited))[:_TELLING_PEOPLE]
    relations = {
        "credits__person": people,
        "tags": [tag.pk for tag in tags],
        "genres": [genre.pk for genre in movie.genres.all()],
    }
    keys = find_similar(movie, relations, viewpoint, most=_MOST_SIMILAR)
    found = with_cards(Movie.objects.all()).in_bulk(keys)
    return cards_of((found[key] for key in keys if key in found), viewpoint)
