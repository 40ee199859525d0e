"""The ladder, for those who run the portal."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import require_permission
from catalog.api.conditions import IF_MATCH, signed_in
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, revisions_in, tagged
from portal.api.filters import refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.texts import check_line
from streaming import access
from streaming.api.lists import DeskList
from streaming.errors import QualityLevelChangedMeanwhile, QualityLevelExists
from streaming.models import QualityLevel
from streaming.models.quality_level import LARGEST_SIDE_PX, LEAST_BITRATE_BPS, LEAST_SIDE_PX, MOST_BITRATE_BPS
from streaming.services import quality_levels


class QualityLevelSerializer(serializers.Serializer[QualityLevel]):
    """A rung of the ladder: a picture of this size at most, at this bit rate at most."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    codec = serializers.ChoiceField(choices=QualityLevel.Codec.choices)
    width_px = serializers.IntegerField()
    height_px = serializers.IntegerField()
    bitrate_bps = serializers.IntegerField(help_text="In bits a second, at 25 or 30 frames a second.")
    is_enabled = serializers.BooleanField(help_text="Films that are packaged from now on get it.")


class QualityLevelWriteSerializer(StrictSerializer):
    """What an editor says of a rung; PATCH takes any part of it."""

    name = serializers.CharField(max_length=20, validators=[check_line])
    codec = serializers.ChoiceField(choices=QualityLevel.Codec.choices, required=False, help_text="Absent: H264.")
    width_px = serializers.IntegerField(min_value=LEAST_SIDE_PX, max_value=LARGEST_SIDE_PX)
    height_px = serializers.IntegerField(min_value=LEAST_SIDE_PX, max_value=LARGEST_SIDE_PX)
    bitrate_bps = serializers.IntegerField(min_value=LEAST_BITRATE_BPS, max_value=MOST_BITRATE_BPS)
    is_enabled = serializers.BooleanField(required=False, help_text="Absent: true.")


class QualityLevelListView(DeskList[QualityLevel]):
    """The ladder, the highest rung first."""

    queryset: QuerySet[QualityLevel] = QualityLevel.objects.all()
    serializer_class = QualityLevelSerializer
    page_ordering = ("-height_px", "id")

    def get_queryset(self) -> QuerySet[QualityLevel]:
        return access.get_quality_levels(self.request.user)

    @extend_schema(
        operation_id="quality_levels_list",
        tags=["quality-levels"],
        parameters=[IF_NONE_MATCH],
        responses={200: QualityLevelSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="quality_levels_create",
        tags=["quality-levels"],
        parameters=[IDEMPOTENCY_KEY],
        request=QualityLevelWriteSerializer,
        responses={201: QualityLevelSerializer, **problems(QualityLevelExists, *IDEMPOTENCY_PROBLEMS)},
        examples=[
            OpenApiExample(
                "A rung of one's own",
                value={"name": "540p", "width_px": 960, "height_px": 540, "bitrate_bps": 2_500_000},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Add a rung; what was packaged before stays as it is."""
        require_permission(request.user, "streaming.add_qualitylevel")
        return create_once(request, lambda: _create(request))


class QualityLevelView(APIView):
    """One rung of the ladder."""

    @extend_schema(
        operation_id="quality_levels_retrieve",
        tags=["quality-levels"],
        parameters=[IF_NONE_MATCH],
        responses={200: QualityLevelSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, level_id: int) -> Response:
        refuse_unknown(request)
        return _answer(request, access.get_quality_level_for_viewing(request.user, level_id))

    @extend_schema(
        operation_id="quality_levels_partial_update",
        tags=["quality-levels"],
        parameters=[IF_MATCH],
        request=QualityLevelWriteSerializer(partial=True),
        responses={200: QualityLevelSerializer, **problems(QualityLevelExists, QualityLevelChangedMeanwhile)},
        examples=[OpenApiExample("Out of use", value={"is_enabled": False}, request_only=True)],
    )
    def patch(self, request: Request, level_id: int) -> Response:
        """Change what is sent and leave the rest; films that are packaged from now on follow."""
        level = _for_editing(request, level_id, "streaming.change_qualitylevel")
        serializer = QualityLevelWriteSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changed = quality_levels.update_quality_level(
            level_id=level.pk,
            facts=serializer.validated_data,
            by=signed_in(request),
            at=clock.now(),
            seen=revisions_in(request),
        )
        return _answer(request, changed)

    @extend_schema(
        operation_id="quality_levels_destroy",
        tags=["quality-levels"],
        parameters=[IF_MATCH],
        responses={204: None, **problems(QualityLevelChangedMeanwhile)},
    )
    def delete(self, request: Request, level_id: int) -> Response:
        """Remove a rung; what was packaged with it stays as it is."""
        level = _for_editing(request, level_id, "streaming.delete_qualitylevel")
        quality_levels.delete_quality_level(
            level_id=level.pk, by=signed_in(request), at=clock.now(), seen=revisions_in(request)
        )
        return Response(status=204)


def _for_editing(request: Request, level_id: int, permission: str) -> QualityLevel:
    level = access.get_quality_level_for_viewing(request.user, level_id)
    require_permission(request.user, permission)
    return level


def _create(request: Request) -> Response:
    serializer = QualityLevelWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    level = quality_levels.create_quality_level(facts=serializer.validated_data, by=signed_in(request), at=clock.now())
    return _answer(request, level, status=201, headers={"Location": f"{request.path}{level.pk}/"})


def _answer(request: Request, level: QualityLevel, **rest: Any) -> Response:
    revision = quality_levels.revision_of(level)
    return tagged(request, QualityLevelSerializer(level).data, revision=revision, **rest)
