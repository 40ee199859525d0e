"""What happens to movies, as open pages are told.

Whoever holds the state of a movie applies an event only if its `version` is not below the state's: two changes that
commit at the same moment may arrive in either order.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from catalog import groups
from portal.events import Event

if TYPE_CHECKING:
    from catalog.models import Movie


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieState:
    """All that the page of a movie shows of it; the `data` of a movie's snapshot.

    `version` grows with each change of the movie; `runtime_s` is in seconds, null if unknown; `genres` are names in
    alphabetical order.
    """

    movie_id: int
    version: int
    visibility: str
    slug: str
    title: str
    original_title: str
    tagline: str
    synopsis: str
    year: int
    runtime_s: int | None
    genres: tuple[str, ...]

    @classmethod
    def of(cls, movie: "Movie") -> Self:
        return cls(
            movie_id=movie.pk,
            version=movie.version,
            visibility=str(movie.visibility),
            slug=movie.slug,
            title=movie.title,
            original_title=movie.original_title,
            tagline=movie.tagline,
            synopsis=movie.synopsis,
            year=movie.year,
            runtime_s=movie.runtime_s,
            genres=tuple(sorted(genre.name for genre in movie.genres.all())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoviePublished(MovieState, Event):
    """Viewers may see a movie that they could not see before.

    Goes to everybody who has its page open: a page that said that the movie is gone shows it again. Carries the whole
    state.
    """

    type: ClassVar[str] = "movie.published"

    def groups(self) -> tuple[str, ...]:
        return (groups.movie(self.movie_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieUpdated(MovieState, Event):
    """An editor changed what the page of a movie shows. Carries the whole state.

    Goes to everybody who has its page open; while the movie is a draft or hidden, only to those who run the catalogue.
    """

    type: ClassVar[str] = "movie.updated"

    def groups(self) -> tuple[str, ...]:
        return (groups.movie(self.movie_id),)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieHidden(Event):
    """Viewers may not see a movie any more: its visibility is now `HIDDEN`, or `DRAFT`.

    Goes to everybody who has its page open. Carries nothing of what the movie is about.
    """

    type: ClassVar[str] = "movie.hidden"

    movie_id: int
    version: int
    visibility: str

    def groups(self) -> tuple[str, ...]:
        return (groups.movie(self.movie_id),)
