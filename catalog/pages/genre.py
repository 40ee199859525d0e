"""The page of a genre: its films."""

from dataclasses import dataclass

from django.http import QueryDict

from catalog.listing.query import ListingQuery
from catalog.metadata import Metadata
from catalog.models import Genre
from catalog.pages.meta import shelf_meta
from catalog.pages.movie_list import FilmSlice, read_films
from catalog.viewpoints import Viewpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class GenrePage:
    """One page of a genre's films."""

    meta: Metadata
    name: str
    films: FilmSlice


def genre_page(genre: Genre, parameters: QueryDict, *, viewpoint: Viewpoint) -> GenrePage:
    """Read the page that the parameters ask for: a place in the list, and an order. Raises MalformedRequest."""
    asked, _faults = ListingQuery.parse(parameters)
    query, path = ListingQuery(genres=(genre.slug,), order=asked.order), genre.get_absolute_url()
    cursor = parameters.get("cursor", "")
    films = read_films(query, cursor=cursor, path=path, viewpoint=viewpoint, fixed=("genres",))
    is_first = not (cursor or query.order)
    return GenrePage(
        meta=shelf_meta(name=genre.name, path=path, total=films.listing.total, is_first=is_first),
        name=genre.name,
        films=films,
    )
