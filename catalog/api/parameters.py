"""What a query may say: which movies, which page of them, and from when and where somebody looks."""

from drf_spectacular.utils import OpenApiParameter

from catalog.listing.query import Availability, Sort
from catalog.models import Movie
from catalog.search.queries import LONGEST_QUERY
from portal.api.pagination import CURSOR_PARAM, PAGE_SIZE_PARAM
from portal.api.schema import problems
from portal.errors import NotAllowed

ANY_VISIBILITY = "ANY"
# As on the pages: movies are the longest rows of the API.
MOVIES_ON_A_PAGE = 24

PREVIEW = [
    OpenApiParameter(
        "at",
        str,
        description=(
            "For those who run the catalogue: what viewers see at that moment (ISO 8601; without an offset, in the "
            "portal's time zone)."
        ),
    ),
    OpenApiParameter("territory", str, description="For them too: what viewers see there, such as TH."),
]
PREVIEW_PROBLEMS = problems(NotAllowed)
PREVIEW_NAMES = tuple(parameter.name for parameter in PREVIEW)
MOVIE_LIST = [
    OpenApiParameter(
        "q", str, description=f"Words of titles, people, shelves or story, at most {LONGEST_QUERY} characters."
    ),
    *(
        OpenApiParameter(name, str, many=True, description=f"{what}; several: of any of them.")
        for name, what in (
            ("genre", "Slug of a genre"),
            ("tag", "Slug of a tag"),
            ("person", "Slug of somebody in the credits"),
            ("country", "Code of a country"),
            ("language", "Tag of a language; zh is any Chinese"),
        )
    ),
    OpenApiParameter("year", int, description="The same as `year_from` and `year_to`."),
    OpenApiParameter("year_from", int),
    OpenApiParameter("year_to", int),
    OpenApiParameter("age", int, enum=Movie.MinimumAge.values, description="What people of this age may see."),
    OpenApiParameter("availability", str, enum=list(Availability), description="Absent: now."),
    OpenApiParameter(
        "sort",
        str,
        enum=[f"{sign}{sort}" for sort in Sort for sign in ("", "-")],
        description="With a hyphen descending. Absent: what fits the question best.",
    ),
    OpenApiParameter(
        "visibility",
        str,
        enum=[*Movie.Visibility.values, ANY_VISIBILITY],
        description="For those who run the catalogue: all movies of this visibility, whether or not viewers find "
        "them, last changed first. Goes with no `availability`.",
    ),
    OpenApiParameter(CURSOR_PARAM, str, description="From `next` or `previous` of another page."),
    OpenApiParameter(PAGE_SIZE_PARAM, int, description=f"Rows on a page: 1 to 100; {MOVIES_ON_A_PAGE} if absent."),
    *PREVIEW,
]
