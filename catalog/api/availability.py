"""When and where movies can be seen, for API clients."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_version, signed_in
from catalog.api.fields import EachOnce, MomentField, TerritoryField, TimeZoneField
from catalog.api.movies import THROTTLES, sees_windows
from catalog.api.parameters import PREVIEW, PREVIEW_NAMES, PREVIEW_PROBLEMS
from catalog.api.serializers import AvailabilitySerializer, WindowSerializer, describe_availability, describe_windows
from catalog.errors import MovieChangedMeanwhile, WindowEndsBeforeItStarts, WindowsOverlap
from catalog.models import Movie
from catalog.models.availability import MOST_TERRITORIES
from catalog.services.availability import WindowPlan, replace_windows
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.schema import problems
from portal.api.serializers import ShortList, StrictSerializer

_MOST_WINDOWS = 100


class MovieAvailabilitySerializer(serializers.Serializer[Movie]):
    availability = AvailabilitySerializer
    windows = WindowSerializer(many=True, allow_null=True, help_text="null to viewers.")


class WindowWriteSerializer(StrictSerializer):
    """A span of time, half-open: one may begin at the moment at which another ends."""

    starts_at = MomentField(help_text="With an offset.")
    ends_at = MomentField(required=False, allow_null=True, help_text="First moment after it; null: it stays open.")
    time_zone = TimeZoneField(
        required=False, max_length=64, help_text="In which its editor thinks, such as Asia/Bangkok; UTC if absent."
    )
    territories = EachOnce(
        child=TerritoryField(), max_length=MOST_TERRITORIES, required=False, help_text="ISO 3166-1; none: everywhere."
    )


@extend_schema_serializer(component_name="AvailabilityWindows")
class WindowsSerializer(StrictSerializer):
    windows = ShortList(
        child=WindowWriteSerializer(), max_length=_MOST_WINDOWS, help_text="Replaces all; none: no limit."
    )


class AvailabilityView(APIView):
    """When and where a movie can be seen."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    throttle_scopes = THROTTLES

    @extend_schema(
        operation_id="movies_availability_retrieve",
        tags=["movies"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: MovieAvailabilitySerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str) -> Response:
        """Read whether it can be seen now, and until or from when; its windows if you run the catalogue."""
        refuse_unknown(request, *PREVIEW_NAMES)
        viewpoint = viewpoint_of(request)
        return _answer(request, access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint), viewpoint)

    @extend_schema(
        operation_id="movies_availability_update",
        tags=["movies"],
        parameters=[IF_MATCH],
        request=WindowsSerializer,
        responses={
            200: MovieAvailabilitySerializer,
            **problems(WindowEndsBeforeItStarts, WindowsOverlap, MovieChangedMeanwhile),
        },
        examples=[
            OpenApiExample(
                "Two windows",
                value={
                    "windows": [
                        {
                            "starts_at": "2026-12-03T20:00:00+07:00",
                            "ends_at": "2027-01-03T00:00:00+07:00",
                            "time_zone": "Asia/Bangkok",
                            "territories": ["TH", "LA"],
                        },
                        {"starts_at": "2027-02-01T00:00:00Z"},
                    ]
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: Request, slug: str) -> Response:
        """Give the movie these windows and no others; open pages follow at once."""
        viewpoint = viewpoint_of(request)
        movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint)
        serializer = WindowsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        scheduled = replace_windows(
            movie_id=movie.pk,
            plans=[_plan(window) for window in serializer.validated_data["windows"]],
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=movie),
        )
        return _answer(request, scheduled, viewpoint)


def _plan(window: dict[str, Any]) -> WindowPlan:
    return WindowPlan(**{**window, "territories": tuple(window.get("territories", ()))})


def _answer(request: Request, movie: Movie, viewpoint: Viewpoint) -> Response:
    content = {
        "availability": describe_availability(movie, viewpoint),
        "windows": describe_windows(movie) if sees_windows(request, viewpoint) else None,
    }
    return tagged(request, content, revision=str(movie.version))
