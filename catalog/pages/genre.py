"""The page of a genre: its films."""

from dataclasses import dataclass

from catalog.metadata import Metadata
from catalog.models import Genre, Movie
from catalog.pages.cards import MovieCard
from catalog.pages.meta import shelf_meta
from catalog.pages.movie_list import read_slice
from catalog.viewpoints import Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class GenrePage:
    """One page of a genre's films, newest first; a URL is "" where there is no page."""

    meta: Metadata
    name: str
    url: str
    total: int
    movies: tuple[MovieCard, ...]
    next_url: str
    previous_url: str


def genre_page(genre: Genre, *, cursor: str, viewpoint: Viewpoint) -> GenrePage:
    """Read the page at `cursor`, as `next_url` carries it; "" is the first. Raises MalformedRequest."""
    found = Movie.objects.listed(viewpoint).filter(genres=genre)
    total = found.count()
    part = read_slice(found, cursor, genre.get_absolute_url(), {}, viewpoint)
    return GenrePage(
        meta=shelf_meta(name=genre.name, path=genre.get_absolute_url(), total=total, is_first=not cursor),
        name=genre.name,
        url=genre.get_absolute_url(),
        total=total,
        movies=part.movies,
        next_url=part.next_url,
        previous_url=part.previous_url,
    )
