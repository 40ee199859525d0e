"""Movies and genres for API clients."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_version, signed_in
from catalog.api.serializers import GenreSerializer, MovieSerializer, MovieWriteSerializer, VisibilitySerializer
from catalog.errors import MovieChangedMeanwhile, MovieWasPublished, SlugTaken
from catalog.models import Genre, Movie, MovieQuerySet
from catalog.services import movies
from catalog.viewpoints import viewpoint_of
from portal import clock, errors
from portal.api.filters import StrictFilterBackend
from portal.api.pagination import CursorPages
from portal.api.schema import problems

_VISIBILITY = "visibility"


class MovieFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    q = django_filters.CharFilter(method="search", max_length=100, help_text="Part of a title or of a genre's name.")
    genre = django_filters.CharFilter("genres__slug", help_text="Slug of a genre.")
    year = django_filters.NumberFilter()
    visibility = django_filters.ChoiceFilter(
        choices=Movie.Visibility.choices,
        help_text="For editors: movies of this visibility, last changed first. Absent: what viewers find.",
    )

    class Meta:
        model = Movie
        fields: ClassVar[list[str]] = []

    def search(self, queryset: MovieQuerySet, name: str, value: str) -> MovieQuerySet:
        return queryset.matching(value)


class MovieListView(ListAPIView[Movie]):
    """The movies that viewers find, newest first; editors add to them."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    serializer_class = MovieSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = MovieFilter
    pagination_class = CursorPages

    @property
    def page_ordering(self) -> tuple[str, str]:
        # Of other movies than the listed, `first_available_at` may be null.
        return ("-updated_at", "-id") if self._is_for_editors() else ("-first_available_at", "-id")

    def get_queryset(self) -> QuerySet[Movie]:
        if not self._is_for_editors():
            return Movie.objects.listed(viewpoint_of(self.request)).prefetch_related("genres")
        if not access.sees_hidden_movies(self.request.user):
            raise errors.NotAllowed(_("Only those who run the catalogue may ask for a visibility."))
        return Movie.objects.prefetch_related("genres")

    @extend_schema(
        operation_id="movies_list",
        tags=["movies"],
        responses={200: MovieSerializer(many=True), **problems(errors.NotAllowed)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="movies_create",
        tags=["movies"],
        request=MovieWriteSerializer,
        responses={201: MovieSerializer, **problems(SlugTaken)},
    )
    def post(self, request: Request) -> Response:
        """Add a movie, as a draft."""
        access.require_may_add_movies(request.user)
        serializer = MovieWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        facts = serializer.validated_data
        movie = movies.create_movie(
            title=facts["title"], year=facts["year"], facts=facts, by=signed_in(request), at=clock.now()
        )
        return _answer(movie, status=201, headers={"Location": f"{request.path}{movie.slug}/"})

    def _is_for_editors(self) -> bool:
        return _VISIBILITY in self.request.query_params


class MovieView(APIView):
    """One movie."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(operation_id="movies_retrieve", tags=["movies"], responses=MovieSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Read a movie; its ETag is for `If-Match`."""
        return _answer(access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint_of(request)))

    @extend_schema(
        operation_id="movies_partial_update",
        tags=["movies"],
        parameters=[IF_MATCH],
        request=MovieWriteSerializer(partial=True),
        responses={200: MovieSerializer, **problems(SlugTaken, MovieChangedMeanwhile)},
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is sent and leave the rest."""
        at = clock.now()
        movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint_of(request))
        serializer = MovieWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        updated = movies.update_movie(
            movie_id=movie.pk,
            changes=serializer.validated_data,
            by=signed_in(request),
            at=at,
            expected_version=expected_version(request),
        )
        return _answer(updated)


class MovieVisibilityView(APIView):
    """Who may see a movie."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="movies_visibility_update",
        tags=["movies"],
        parameters=[IF_MATCH],
        request=VisibilitySerializer,
        responses={200: MovieSerializer, **problems(MovieWasPublished, MovieChangedMeanwhile)},
    )
    def put(self, request: Request, slug: str) -> Response:
        """Publish, unlist or hide a movie; open pages follow at once."""
        at = clock.now()
        movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint_of(request))
        serializer = VisibilitySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        updated = movies.change_visibility(
            movie_id=movie.pk,
            visibility=Movie.Visibility(serializer.validated_data["visibility"]),
            by=signed_in(request),
            at=at,
            expected_version=expected_version(request),
        )
        return _answer(updated)


class GenreListView(ListAPIView[Genre]):
    """Every genre, by name."""

    permission_classes = (AllowAny,)
    queryset: QuerySet[Genre] = Genre.objects.all()
    serializer_class = GenreSerializer
    filter_backends = (StrictFilterBackend,)
    pagination_class = CursorPages
    page_ordering = ("name", "id")

    @extend_schema(operation_id="genres_list", tags=["movies"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)


def _answer(movie: Movie, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        MovieSerializer(movie).data, status=status, headers={"ETag": f'"{movie.version}"', **(headers or {})}
    )
