"""What happens to movies, as open pages are told.

Whoever holds the state of a movie applies an event only if its `version` is not below the state's: two changes that
commit at the same moment may arrive in either order.

Every event carries the whole state. Whether a viewer may know it depends on the clock and on where the viewer is, so it
is the consumer that tells those who may not see the movie `movie.hidden` instead, with its numbers alone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from catalog import groups, windows
from catalog.viewpoints import Viewpoint
from portal.events import Event

if TYPE_CHECKING:
    from catalog.models import Movie


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieState:
    """What the page of a movie says in words of its own; the `data` of a movie's snapshot.

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
        return cls(**_state(movie))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePlan:
    """When viewers can see a movie. Moments are seconds since 1970, so that the plan can travel to consumers.

    `spans` are (start, end or None, territories).
    """

    is_announced: bool
    published_at: float | None
    spans: tuple[tuple[float, float | None, tuple[str, ...]], ...]

    @classmethod
    def of(cls, movie: "Movie") -> Self:
        return cls(
            is_announced=movie.is_announced and movie.visibility == movie.Visibility.PUBLISHED,
            published_at=movie.published_at.timestamp() if movie.published_at else None,
            spans=tuple(
                (w.starts_at.timestamp(), w.ends_at.timestamp() if w.ends_at else None, tuple(w.territories))
                for w in movie.windows.all()
            ),
        )

    def is_open(self, viewpoint: Viewpoint) -> bool:
        """Tell whether viewers may open the page: the movie can be seen, or is announced."""
        if self.published_at is None or viewpoint.at.timestamp() < self.published_at:
            return False
        spans = tuple(map(_span, self.spans))
        availability = windows.availability_at(spans, at=viewpoint.at, territory=viewpoint.territory)
        return availability.is_open or (self.is_announced and availability.opens_at is not None)


# Of a movie that lists did not name, whatever its windows.
IN_NO_LIST = ReleasePlan(is_announced=False, published_at=None, spans=())


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieEvent(MovieState):
    """Base of the events of a movie. What is no state goes to consumers, who judge by it, and not to pages.

    `before` is the plan by which lists named the movie until this change, None if the change does not touch that.
    """

    release: ReleasePlan
    before: ReleasePlan | None = None

    @classmethod
    def of(cls, movie: "Movie", *, before: ReleasePlan | None = None) -> Self:
        return cls(**_state(movie), release=ReleasePlan.of(movie), before=before)

    def groups(self) -> tuple[str, ...]:
        # The catalogue's number first: it ends what is remembered, and who hears of the movie asks for it at once.
        return (groups.CATALOGUE, groups.movie(self.movie_id))

    def data(self) -> Mapping[str, object]:
        return {name: value for name, value in asdict(self).items() if name not in ("release", "before")}

    def facts(self) -> Mapping[str, Any]:
        before = asdict(self.before) if self.before else None
        return {"visibility": self.visibility, "release": asdict(self.release), "before": before}


@dataclass(frozen=True, slots=True, kw_only=True)
class MoviePublished(MovieEvent, Event):
    """An editor let viewers see a movie that they could not see before.

    Goes to everybody who has its page open: a page that said that the movie is gone shows it again. To those for whom
    no window is open it is `movie.hidden`.
    """

    type: ClassVar[str] = "movie.published"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieUpdated(MovieEvent, Event):
    """An editor changed something of a movie, or of a genre or person that it names.

    Goes to everybody who has its page open; to those who may not see it at that moment it is `movie.hidden`. What is
    no text (credits, pictures, captions, windows) is read anew from the page or the API.
    """

    type: ClassVar[str] = "movie.updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieHidden(MovieEvent, Event):
    """Viewers may not see a movie any more.

    Goes to everybody who has its page open. Viewers get `movie_id`, `version` and `visibility` alone; those who run the
    catalogue get the whole state.
    """

    type: ClassVar[str] = "movie.hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueChanged(Event):
    """Something of a film changed that lists may name.

    Goes to everybody who has a list of films open, made of the movie's own events for each of them: `is_listed` tells
    whether lists name the film where they are at that moment, and `is_new` that they did not before. Of a film that
    they do not name, `title` is empty; of one that viewers never saw, `movie_id` and `version` are 0.
    """

    type: ClassVar[str] = "catalogue.changed"

    movie_id: int
    version: int
    is_listed: bool
    is_new: bool
    title: str

    def groups(self) -> tuple[str, ...]:
        return (groups.CATALOGUE,)


def _state(movie: "Movie") -> dict[str, Any]:
    return {
        "movie_id": movie.pk,
        "version": movie.version,
        "visibility": str(movie.visibility),
        "slug": movie.slug,
        "title": movie.title,
        "original_title": movie.original_title,
        "tagline": movie.tagline,
        "synopsis": movie.synopsis,
        "year": movie.year,
        "runtime_s": movie.runtime_s,
        "genres": tuple(sorted(genre.name for genre in movie.genres.all())),
    }


def _span(plain: tuple[float, float | None, tuple[str, ...]]) -> windows.Window:
    start, end, territories = plain
    return windows.Window(
        starts_at=datetime.fromtimestamp(start, UTC),
        ends_at=None if end is None else datetime.fromtimestamp(end, UTC),
        territories=territories,
    )
