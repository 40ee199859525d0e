"""Figures of movies, for editors and operators, and of recordings, for those who run their channel."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import access
from analytics.api.csv_files import CSV_FILE, CSVRenderer, csv_answer, table
from analytics.api.figures import (
    DAY_COLUMNS,
    MovieAudienceSerializer,
    RetentionSerializer,
    day_rows,
    movie_json,
    retention_json,
)
from analytics.api.parameters import DAYS, DAYS_NAMES, read_days
from analytics.api.streams import EXPORT
from analytics.reading.audience import latest_days, read_movie
from analytics.reading.periods import Days
from analytics.reading.retention import read_retention
from catalog.models import Movie
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.audience import movie_subject


class MovieAudienceView(APIView):
    """The figures of one movie, day by day."""

    @extend_schema(
        operation_id="movies_audience",
        tags=["audience"],
        parameters=[*DAYS, IF_NONE_MATCH],
        responses={200: MovieAudienceSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Read how often, how long and how well it was watched. A session belongs to the day on which it began."""
        movie, days = _asked(request, slug)
        return tagged(request, movie_json(movie.slug, read_movie(movie, days)))


class MovieAudienceFileView(APIView):
    """The same as a file."""

    renderer_classes = (CSVRenderer,)
    throttle_scope = EXPORT

    @extend_schema(operation_id="movies_audience_csv", tags=["audience"], parameters=DAYS, responses=CSV_FILE)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        """Read the days as CSV."""
        movie, days = _asked(request, slug)
        return csv_answer(f"movie-{movie.slug}", table(DAY_COLUMNS, day_rows(read_movie(movie, days))))


class MovieRetentionView(APIView):
    """How far the viewers of one movie get."""

    @extend_schema(
        operation_id="movies_retention",
        tags=["audience"],
        parameters=[*DAYS, IF_NONE_MATCH],
        responses={200: RetentionSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Read how often each hundredth of it was watched, of the sessions that began on these days."""
        movie, days = _asked(request, slug)
        curve = retention_json(read_retention(movie_subject(movie.pk), days))
        return tagged(request, {"movie": movie.slug, "from": days.first, "to": days.last, **curve})


def _asked(request: Request, slug: str) -> tuple[Movie, Days]:
    refuse_unknown(request, *DAYS_NAMES)
    movie = access.get_movie_for_figures(request.user, slug)
    return movie, read_days(request, latest_days(at=clock.now()))
