"""Genres for API clients."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_name, revision_of_name, signed_in
from catalog.api.lists import CatalogueList
from catalog.api.movies import THROTTLES
from catalog.api.serializers import ShelfSerializer, SlugField
from catalog.errors import NameTaken, ShelfChangedMeanwhile, SlugTaken
from catalog.models import Genre
from catalog.services import genres
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.texts import check_line

_LONGEST_NAME = 60


class GenreWriteSerializer(StrictSerializer):
    name = serializers.CharField(max_length=_LONGEST_NAME, validators=[check_line])
    slug = SlugField(max_length=60, required=False, allow_blank=True, help_text="Absent: made from the name.")


class GenreRenameSerializer(StrictSerializer):
    name = serializers.CharField(max_length=_LONGEST_NAME, validators=[check_line])


class GenreListView(CatalogueList[Genre]):
    """Every genre, by name."""

    queryset: QuerySet[Genre] = Genre.objects.all()
    serializer_class = ShelfSerializer
    page_ordering = ("name", "id")

    @extend_schema(
        operation_id="genres_list",
        tags=["genres"],
        parameters=[IF_NONE_MATCH],
        responses={200: ShelfSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="genres_create",
        tags=["genres"],
        parameters=[IDEMPOTENCY_KEY],
        request=GenreWriteSerializer,
        responses={201: ShelfSerializer, **problems(NameTaken, SlugTaken, *IDEMPOTENCY_PROBLEMS)},
        examples=[OpenApiExample("A new genre", value={"name": "Science fiction"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Add a genre."""
        access.require_permission(request.user, "catalog.add_genre")
        return create_once(request, lambda: _create(request))


class GenreView(APIView):
    """One genre."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="genres_retrieve",
        tags=["genres"],
        parameters=[IF_NONE_MATCH],
        responses={200: ShelfSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, slug: str) -> Response:
        refuse_unknown(request)
        return _answer(request, access.get_genre(slug))

    @extend_schema(
        operation_id="genres_partial_update",
        tags=["genres"],
        parameters=[IF_MATCH],
        request=GenreRenameSerializer,
        responses={200: ShelfSerializer, **problems(NameTaken, ShelfChangedMeanwhile)},
        examples=[OpenApiExample("Another name", value={"name": "Comedies"}, request_only=True)],
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Rename a genre; its address stays, and the open pages of its movies follow."""
        genre = access.get_genre(slug)
        access.require_permission(request.user, "catalog.change_genre")
        serializer = GenreRenameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        renamed = genres.rename_genre(
            genre_id=genre.pk,
            name=serializer.validated_data["name"],
            by=signed_in(request),
            at=clock.now(),
            expected_name=expected_name(request, of=genre),
        )
        return _answer(request, renamed)


def _create(request: Request) -> Response:
    serializer = GenreWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    genre = genres.create_genre(**serializer.validated_data, by=signed_in(request), at=clock.now())
    return _answer(request, genre, status=201, headers={"Location": f"{request.path}{genre.slug}/"})


def _answer(request: Request, genre: Genre, **rest: Any) -> Response:
    return tagged(request, ShelfSerializer(genre).data, revision=revision_of_name(genre), **rest)
