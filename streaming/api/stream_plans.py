"""Broadcasts that are announced: for viewers to read, for whoever runs the channel to change and call off."""

from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.conditions import signed_in
from catalog.api.fields import MomentField
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.errors import NotFound
from portal.texts import check_line, check_prose
from streaming import access
from streaming.api.lists import DeskList
from streaming.errors import StreamPlanExists, StreamPlanIsOver, StreamPlanOutOfReach
from streaming.models import PlannedStream
from streaming.models.planned_stream import LONGEST_DESCRIPTION
from streaming.plan_events import PlanState
from streaming.services import rehearsals, stream_plans

_LONGEST_SLUG = 60


class StreamPlanSerializer(serializers.Serializer[Any]):
    """A broadcast that is announced; sockets tell the same."""

    id = serializers.UUIDField()
    channel = serializers.CharField(help_text="Slug.")
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField(help_text="When it shall begin.")
    created_at = serializers.DateTimeField(help_text="When it was announced.")
    cancelled_at = serializers.DateTimeField(allow_null=True, help_text="null: it was not called off.")


class StreamPlanChangeSerializer(StrictSerializer):
    """What is said of a broadcast to come; PATCH takes any part of it."""

    title = serializers.CharField(max_length=120, validators=[check_line])
    description = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, allow_blank=True, required=False, validators=[check_prose]
    )
    starts_at = MomentField(help_text="A moment to come, within a year.")


class StreamPlanWriteSerializer(StreamPlanChangeSerializer):
    channel = serializers.SlugField(max_length=_LONGEST_SLUG, help_text="Slug of a channel that one runs.")
    purpose = serializers.ChoiceField(choices=("broadcast", "test"), default="broadcast")
    title = serializers.CharField(max_length=120, validators=[check_line], required=False, help_text="Of a broadcast.")
    starts_at = MomentField(required=False, help_text="Of a broadcast: a moment to come, within a year.")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["purpose"] == "test":
            fault = serializers.ErrorDetail(_("A test is not announced."), code="unknown")
            wrong = [name for name in ("title", "description", "starts_at") if name in said]
        else:
            fault = serializers.ErrorDetail(str(self.fields["title"].error_messages["required"]), code="required")
            wrong = [name for name in ("title", "starts_at") if name not in said]
        faults: dict[str, Any] = {name: [fault] for name in wrong}
        if faults:
            raise serializers.ValidationError(faults)
        return said


class StreamTestSerializer(serializers.Serializer[Any]):
    """Streams that begin on the channel before `until` are tests."""

    channel = serializers.CharField(help_text="Slug.")
    purpose = serializers.ChoiceField(choices=("test",))
    until = serializers.DateTimeField()


STREAM_TO_COME = PolymorphicProxySerializer(
    component_name="StreamToCome",
    serializers=[StreamPlanSerializer, StreamTestSerializer],
    resource_type_field_name=None,
)


class StreamPlanFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    channel = django_filters.CharFilter("channel__slug", max_length=_LONGEST_SLUG, help_text="Slug of a channel.")

    class Meta:
        model = PlannedStream
        fields: ClassVar[list[str]] = []


class StreamPlanListView(DeskList[PlannedStream]):
    """Broadcasts to come, the next first. One that has begun, or was due an hour ago, is named no more."""

    permission_classes = (AllowAny,)
    queryset: QuerySet[PlannedStream] = PlannedStream.objects.all()
    serializer_class = StreamPlanSerializer
    filterset_class = StreamPlanFilter
    page_ordering = ("starts_at", "id")

    def get_queryset(self) -> QuerySet[PlannedStream]:
        return access.get_plans(self.request.user, at=clock.now())

    def get_serializer(self, rows: list[PlannedStream], **options: Any) -> StreamPlanSerializer:
        return StreamPlanSerializer([asdict(PlanState.of(plan)) for plan in rows], **options)

    @extend_schema(
        operation_id="stream_plans_list",
        tags=["live"],
        parameters=[IF_NONE_MATCH],
        responses={200: StreamPlanSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)


class StreamPlanView(APIView):
    """One broadcast that is, or was, announced."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="stream_plans_retrieve",
        tags=["live"],
        parameters=[IF_NONE_MATCH],
        responses={200: StreamPlanSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, plan_id: UUID) -> Response:
        refuse_unknown(request)
        return answer_plan(request, access.get_plan_for_viewing(request.user, plan_id))

    @extend_schema(
        operation_id="stream_plans_partial_update",
        tags=["live"],
        request=StreamPlanChangeSerializer(partial=True),
        responses={200: StreamPlanSerializer, **problems(StreamPlanIsOver, StreamPlanExists, StreamPlanOutOfReach)},
        examples=[OpenApiExample("Later", value={"starts_at": "2026-12-24T20:30:00+07:00"}, request_only=True)],
    )
    def patch(self, request: Request, plan_id: UUID) -> Response:
        """Change what is sent and leave the rest; open pages of the channel follow."""
        refuse_unknown(request)
        plan = access.get_plan_for_studio(request.user, plan_id)
        serializer = StreamPlanChangeSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changed = stream_plans.change_plan(
            plan_id=plan.pk, facts=serializer.validated_data, by=signed_in(request), at=clock.now()
        )
        return answer_plan(request, changed)

    @extend_schema(
        operation_id="stream_plans_destroy",
        tags=["live"],
        responses={204: None, **problems(StreamPlanIsOver)},
    )
    def delete(self, request: Request, plan_id: UUID) -> Response:
        """Call it off; doing it twice changes nothing. Whoever has its id can still read that it was."""
        refuse_unknown(request)
        plan = access.get_plan_for_studio(request.user, plan_id)
        stream_plans.call_off_stream(plan_id=plan.pk, by=signed_in(request), at=clock.now())
        return Response(status=204)


def answer_plan(request: Request, plan: PlannedStream, **rest: Any) -> Response:
    return tagged(request, StreamPlanSerializer(asdict(PlanState.of(plan))).data, **rest)


def create_stream(request: Request) -> Response:
    """Announce a broadcast or a test, for whoever runs the channel. Raises NotAllowed, and what the services raise."""
    serializer = StreamPlanWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    said, by, at = serializer.validated_data, signed_in(request), clock.now()
    try:
        channel = access.get_channel_for_studio(by, said.pop("channel"))
    except NotFound as error:
        fault = serializers.ErrorDetail(_("There is no such channel."), code="unknown_channel")
        raise serializers.ValidationError({"channel": [fault]}) from error
    purpose = said.pop("purpose")
    if purpose == "test":
        until = rehearsals.arm_test(channel_id=channel.pk, by=by, at=at)
        told = {"channel": channel.slug, "purpose": purpose, "until": until}
        return Response(StreamTestSerializer(told).data, status=201)
    plan = stream_plans.announce_stream(channel=channel, **said, by=by, at=at)
    return answer_plan(request, plan, status=201, headers={"Location": f"{request.path}planned/{plan.pk}/"})
