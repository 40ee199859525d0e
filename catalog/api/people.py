"""The people of the credits, for API clients."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_version, signed_in
from catalog.api.lists import CatalogueList
from catalog.api.movies import THROTTLES
from catalog.api.parameters import PREVIEW, PREVIEW_NAMES, PREVIEW_PROBLEMS
from catalog.api.serializers import SlugField
from catalog.errors import PersonChangedMeanwhile, PersonIsCredited, SlugTaken
from catalog.models import Credit, Movie, Person
from catalog.models.people import LONGEST_BIOGRAPHY
from catalog.search.finding import TsQuery
from catalog.search.queries import parse_query
from catalog.services import people
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.texts import check_line, check_prose

_MOST_FILMS = 100


class PersonSerializer(serializers.Serializer[Person]):
    slug = serializers.CharField()
    name = serializers.CharField()
    original_name = serializers.CharField(help_text="In its own script; empty if it has no other.")
    biography = serializers.CharField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="Grows with each change; the ETag begins with the same number.")
    url = serializers.CharField(source="get_absolute_url", help_text="Path of their page.")


class FilmSerializer(serializers.Serializer[Any]):
    """A credit, from the person's side."""

    slug = serializers.CharField(source="movie.slug")
    title = serializers.CharField(source="movie.title")
    year = serializers.IntegerField(source="movie.year")
    role = serializers.ChoiceField(choices=Credit.Role.choices)
    character = serializers.CharField()


class PersonDetailSerializer(PersonSerializer):
    films = FilmSerializer(
        many=True, help_text=f"At most {_MOST_FILMS}, the newest first; of more, `movies/?person=` has all."
    )


class PersonWriteSerializer(StrictSerializer):
    """What an editor says of a person; PATCH takes any part of it."""

    name = serializers.CharField(max_length=120, validators=[check_line])
    original_name = serializers.CharField(max_length=120, required=False, allow_blank=True, validators=[check_line])
    slug = SlugField(max_length=120, required=False, allow_blank=True, help_text="Absent or empty: made from the name.")
    biography = serializers.CharField(
        max_length=LONGEST_BIOGRAPHY, required=False, allow_blank=True, validators=[check_prose]
    )


class PersonFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    q = django_filters.CharFilter(
        method="search", max_length=100, help_text="Parts of a name, or how its words begin, with or without accents."
    )

    class Meta:
        model = Person
        fields: ClassVar[list[str]] = []

    def search(self, queryset: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        for part in value.split():
            queryset = queryset.filter(_is_named(part))
        return queryset


def _is_named(part: str) -> Q:
    """Find a part as it stands in a name, and as search finds it: with any case and accents, at a word's beginning."""
    expression = parse_query(part).expression()
    found = Q(search_name__vector=TsQuery(expression)) if expression else Q()
    return Q(name__icontains=part) | Q(original_name__icontains=part) | found


class PersonListView(CatalogueList[Person]):
    """People, by name: those whose films viewers find, and all to those who run the catalogue."""

    serializer_class = PersonSerializer
    filterset_class = PersonFilter
    page_ordering = ("name", "id")
    other_parameters = PREVIEW_NAMES

    def get_queryset(self) -> QuerySet[Person]:
        return access.people_visible_to(self.request.user, viewpoint=self.viewpoint)

    @extend_schema(
        operation_id="people_list",
        tags=["people"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: PersonSerializer(many=True), **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="people_create",
        tags=["people"],
        parameters=[IDEMPOTENCY_KEY],
        request=PersonWriteSerializer,
        responses={201: PersonDetailSerializer, **problems(SlugTaken, *IDEMPOTENCY_PROBLEMS)},
        examples=[OpenApiExample("Somebody", value={"name": "Ada Loy"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Add a person; several may have one name, each at an address of their own."""
        access.require_permission(request.user, "catalog.add_person")
        return create_once(request, lambda: _create(request))


class PersonView(APIView):
    """One person."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="people_retrieve",
        tags=["people"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: PersonDetailSerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Read about a person, with the films that the caller may know of."""
        refuse_unknown(request, *PREVIEW_NAMES)
        viewpoint = viewpoint_of(request)
        return _answer(request, access.get_person_for_viewing(request.user, slug, viewpoint=viewpoint), viewpoint)

    @extend_schema(
        operation_id="people_partial_update",
        tags=["people"],
        parameters=[IF_MATCH],
        request=PersonWriteSerializer(partial=True),
        responses={200: PersonDetailSerializer, **problems(SlugTaken, PersonChangedMeanwhile)},
        examples=[OpenApiExample("Another name", value={"name": "Ada Loy-Chai"}, request_only=True)],
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is sent and leave the rest; the open pages of their films follow."""
        viewpoint = viewpoint_of(request)
        person = _for_editing(request, slug, "catalog.change_person")
        serializer = PersonWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        updated = people.update_person(
            person_id=person.pk,
            changes=serializer.validated_data,
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=person),
        )
        return _answer(request, updated, viewpoint)

    @extend_schema(
        operation_id="people_destroy",
        tags=["people"],
        parameters=[IF_MATCH],
        responses={204: None, **problems(PersonIsCredited, PersonChangedMeanwhile)},
    )
    def delete(self, request: Request, slug: str) -> Response:
        """Remove a person whom no film credits, such as one added twice."""
        person = _for_editing(request, slug, "catalog.delete_person")
        people.delete_person(
            person_id=person.pk,
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=person),
        )
        return Response(status=204)


def _for_editing(request: Request, slug: str, permission: str) -> Person:
    person = access.get_person_for_viewing(request.user, slug, viewpoint=viewpoint_of(request))
    access.require_permission(request.user, permission)
    return person


def _create(request: Request) -> Response:
    serializer = PersonWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    facts = serializer.validated_data
    person = people.create_person(name=facts["name"], facts=facts, by=signed_in(request), at=clock.now())
    headers = {"Location": f"{request.path}{person.slug}/"}
    return _answer(request, person, Viewpoint(at=clock.now()), status=201, headers=headers)


def _answer(request: Request, person: Person, viewpoint: Viewpoint, **rest: Any) -> Response:
    movies = Movie.objects.shown(viewpoint)
    if access.sees_hidden_movies(request.user) and not viewpoint.is_preview:
        movies = Movie.objects.all()
    films = person.credits.filter(movie__in=movies).select_related("movie").order_by("-movie__year", "pk")
    content = {**PersonSerializer(person).data, "films": FilmSerializer(films[:_MOST_FILMS], many=True).data}
    return tagged(request, content, revision=str(person.version), **rest)
