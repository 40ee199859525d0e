"""Streams: what is on air, what was and what will be, how it ended, and the playback of it."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.conditions import signed_in
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.schema import problems
from streaming import access
from streaming.api.lists import DeskList
from streaming.api.playback import PlaybackSerializer
from streaming.api.stream_plans import STREAM_TO_COME, StreamPlanWriteSerializer, create_stream
from streaming.errors import (
    StreamIsOver,
    StreamNotPlayable,
    StreamPlanExists,
    StreamPlanOutOfReach,
    TooManyStreamPlans,
)
from streaming.models import Stream
from streaming.services import live, live_playback
from streaming.viewers import describe_stream, describe_streams

_LONGEST_SLUG = 60


class StreamQualitySerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    width_px = serializers.IntegerField()
    height_px = serializers.IntegerField()
    bitrate_bps = serializers.IntegerField(help_text="What it stays below.")
    # Older streams do not say.
    is_copied = serializers.BooleanField(default=False, help_text="It is what the encoder sends, passed on as it is.")


class StreamSerializer(serializers.Serializer[Any]):
    """Where a stream stands; sockets tell the same."""

    id = serializers.UUIDField()
    channel = serializers.CharField(help_text="Slug.")
    title = serializers.CharField(allow_blank=True, help_text="What it was announced as; empty: it was not.")
    plan = serializers.UUIDField(allow_null=True, help_text="Id of that announcement.")
    is_test = serializers.BooleanField(help_text="Nobody but who runs the channel is told of it.")
    state = serializers.ChoiceField(choices=Stream.State.choices)
    phase = serializers.ChoiceField(choices=Stream.Phase.choices, help_text="What viewers are told.")
    started_at = serializers.DateTimeField(help_text="When its encoder connected.")
    active_at = serializers.DateTimeField(allow_null=True, help_text="Since when media flows.")
    playable_at = serializers.DateTimeField(allow_null=True, help_text="Since when players can start.")
    interrupted_at = serializers.DateTimeField(allow_null=True, help_text="Since when it waits for its encoder.")
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.ChoiceField(choices=Stream.EndReason.choices, allow_blank=True)
    error = serializers.CharField(allow_blank=True, help_text="Code of what went wrong.")
    dvr_s = serializers.IntegerField(help_text="How far viewers can go back, in seconds.")
    width_px = serializers.IntegerField(allow_null=True, help_text="Of what the encoder sends.")
    height_px = serializers.IntegerField(allow_null=True)
    qualities = StreamQualitySerializer(many=True, help_text="What viewers can choose, the best first.")
    warnings = serializers.ListField(child=serializers.CharField(), help_text="Codes for its broadcaster.")
    viewers = serializers.IntegerField(
        allow_null=True, help_text="How many people watch it now; null: not known at the moment."
    )


class LivePlaybackSerializer(PlaybackSerializer):
    """A session with a stream: the members of a film's, and those of a stream."""

    is_live = serializers.BooleanField(help_text="true.")
    stream = serializers.UUIDField()
    channel = serializers.CharField(help_text="Slug.")
    state = serializers.ChoiceField(choices=Stream.State.choices)
    phase = serializers.ChoiceField(choices=Stream.Phase.choices)
    dvr_s = serializers.IntegerField(help_text="How far the viewer can go back, in seconds.")
    target_latency_s = serializers.FloatField(help_text="How far behind the encoder a player should be.")


class StreamFilter(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    channel = django_filters.CharFilter("channel__slug", max_length=_LONGEST_SLUG, help_text="Slug of a channel.")
    state = django_filters.MultipleChoiceFilter(
        choices=Stream.State.choices, distinct=False, help_text="Several: in any of them."
    )

    class Meta:
        model = Stream
        fields: ClassVar[list[str]] = []


class StreamListView(DeskList[Stream]):
    """Streams, the newest first. `?state=ACTIVE` are those on air."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    queryset: QuerySet[Stream] = Stream.objects.all()
    serializer_class = StreamSerializer
    filterset_class = StreamFilter
    page_ordering = ("-started_at", "-id")

    def get_queryset(self) -> QuerySet[Stream]:
        return access.get_streams(self.request.user)

    def get_serializer(self, rows: list[Stream], **options: Any) -> StreamSerializer:
        return StreamSerializer(describe_streams(rows), **options)

    @extend_schema(
        operation_id="streams_list",
        tags=["live"],
        parameters=[IF_NONE_MATCH],
        responses={200: StreamSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="streams_create",
        tags=["live"],
        parameters=[IDEMPOTENCY_KEY],
        request=StreamPlanWriteSerializer,
        responses={
            201: STREAM_TO_COME,
            **problems(StreamPlanExists, TooManyStreamPlans, StreamPlanOutOfReach, *IDEMPOTENCY_PROBLEMS),
        },
        examples=[
            OpenApiExample(
                "An evening to come",
                value={"channel": "studio-one", "title": "Harbour night", "starts_at": "2026-12-24T20:00:00+07:00"},
                request_only=True,
            ),
            OpenApiExample("To try it out", value={"channel": "studio-one", "purpose": "test"}, request_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """Announce a broadcast, which the stream carries out that goes on air within an hour of that moment.

        With the purpose `test`, what begins within 15 minutes is shown to nobody but who runs the channel.
        """
        return create_once(request, lambda: create_stream(request))


class StreamView(APIView):
    """One stream."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="streams_retrieve",
        tags=["live"],
        parameters=[IF_NONE_MATCH],
        responses={200: StreamSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, stream_id: UUID) -> Response:
        refuse_unknown(request)
        return tagged(request, stream_json(access.get_stream_for_viewing(request.user, stream_id)))


class StreamEndView(APIView):
    """The end of a stream, by hand."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="streams_end_create",
        tags=["live"],
        request=None,
        responses={200: StreamSerializer, **problems(StreamIsOver)},
    )
    def post(self, request: Request, stream_id: UUID) -> Response:
        """Send the encoder away; nobody watches on. One that tries again begins another stream: revoke its key."""
        refuse_unknown(request)
        stream = access.get_stream_for_studio(request.user, stream_id)
        ended = live.stop_stream(stream_id=stream.pk, by=signed_in(request), at=clock.now())
        return Response(stream_json(ended))


class StreamPlaybackView(APIView):
    """Playback of one stream."""

    permission_classes = (AllowAny,)
    throttle_scope = "playback"

    @extend_schema(
        operation_id="streams_playback_create",
        tags=["playback"],
        request=None,
        responses={201: LivePlaybackSerializer, **problems(StreamIsOver, StreamNotPlayable)},
    )
    def post(self, request: Request, stream_id: UUID) -> Response:
        """Begin to watch: get addresses that are good for this session alone, and not for ever."""
        refuse_unknown(request)
        stream = access.get_stream_for_viewing(request.user, stream_id)
        opened = live_playback.open_live_playback(stream=stream, viewer=request.user, at=clock.now())
        return Response(opened.as_json(), status=201, headers={"Cache-Control": "no-store"})


def stream_json(stream: Stream) -> dict[str, Any]:
    return dict(StreamSerializer(describe_stream(stream)).data)
