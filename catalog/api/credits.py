"""Who made a movie, for API clients."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_version, signed_in
from catalog.api.movies import THROTTLES
from catalog.api.parameters import PREVIEW, PREVIEW_NAMES, PREVIEW_PROBLEMS
from catalog.api.serializers import CreditSerializer, SlugField
from catalog.errors import CreditTwice, MovieChangedMeanwhile
from catalog.models import Credit, Movie, Person
from catalog.services.credits import CreditPlan, read_credits, replace_credits
from catalog.viewpoints import viewpoint_of
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.schema import problems
from portal.api.serializers import ShortList, StrictSerializer
from portal.texts import check_line

_MOST_CREDITS = 500
_WITH_CHARACTER = frozenset({Credit.Role.CAST, Credit.Role.NARRATOR})


class MovieCreditsSerializer(serializers.Serializer[Movie]):
    credits = CreditSerializer(many=True, help_text="By role, in the order of their billing.")


class CreditWriteSerializer(StrictSerializer):
    """One line of the credits."""

    person = SlugField(max_length=120, help_text="Slug of a person.")
    role = serializers.ChoiceField(choices=Credit.Role.choices)
    character = serializers.CharField(
        max_length=120,
        required=False,
        allow_blank=True,
        validators=[check_line],
        help_text="Of the cast and narrators: whom they play.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("character") and attrs["role"] not in _WITH_CHARACTER:
            raise serializers.ValidationError(
                {"character": [_fault("no_character", _("Only the cast plays characters."))]}
            )
        return attrs


@extend_schema_serializer(component_name="MovieCreditsWrite")
class CreditsSerializer(StrictSerializer):
    credits = ShortList(
        child=CreditWriteSerializer(),
        max_length=_MOST_CREDITS,
        help_text="Replaces all. The order of those of a role is their billing.",
    )

    def validate_credits(self, lines: list[dict[str, Any]]) -> list[CreditPlan]:
        """Turn slugs into people with one query, and name each that is none by its place."""
        people = {person.slug: person for person in Person.objects.filter(slug__in={line["person"] for line in lines})}
        unknown: dict[Any, Any] = {
            place: {"person": [_fault("unknown_person", _("There is no such person."))]}
            for place, line in enumerate(lines)
            if line["person"] not in people
        }
        if unknown:
            raise serializers.ValidationError(unknown)
        return [_plan(line, people) for line in lines]


class CreditsView(APIView):
    """The credits of a movie."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="movies_credits_retrieve",
        tags=["movies"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: MovieCreditsSerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Read who made the movie."""
        refuse_unknown(request, *PREVIEW_NAMES)
        return _answer(request, access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint_of(request)))

    @extend_schema(
        operation_id="movies_credits_update",
        tags=["movies"],
        parameters=[IF_MATCH],
        request=CreditsSerializer,
        responses={200: MovieCreditsSerializer, **problems(CreditTwice, MovieChangedMeanwhile)},
        examples=[
            OpenApiExample(
                "Two people",
                value={
                    "credits": [
                        {"person": "ada-loy", "role": "DIRECTOR"},
                        {"person": "niran-chai", "role": "CAST", "character": "The operator"},
                    ]
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, slug: str) -> Response:
        """Give the movie these credits, in this order, and no others."""
        movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint_of(request))
        serializer = CreditsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        credited = replace_credits(
            movie_id=movie.pk,
            plans=serializer.validated_data["credits"],
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=movie),
        )
        return _answer(request, credited)


def _plan(line: Mapping[str, Any], people: Mapping[str, Person]) -> CreditPlan:
    return CreditPlan(
        person=people[line["person"]], role=Credit.Role(line["role"]), character=line.get("character", "")
    )


def _answer(request: Request, movie: Movie) -> Response:
    content = {"credits": CreditSerializer(read_credits(movie), many=True).data}
    return tagged(request, content, revision=str(movie.version))


def _fault(code: str, detail: str | Promise) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(str(detail), code=code)
