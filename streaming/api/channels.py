"""Channels: for viewers those that are public, for broadcasters their own, for the desk all."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import require_permission
from catalog.api.artwork import PictureSerializer
from catalog.api.conditions import signed_in
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.models import User
from portal.texts import check_line, check_prose
from streaming import access
from streaming.api.lists import DeskList
from streaming.api.streams import StreamSerializer
from streaming.channel_pictures import picture_of_channel
from streaming.errors import ChannelExists
from streaming.models import Channel, Stream
from streaming.models.channel import LEAST_DVR_S, MOST_DVR_S
from streaming.services import channels
from streaming.viewers import describe_streams

_LONGEST_DESCRIPTION = 5000


class ChannelSerializer(serializers.Serializer[Channel]):
    """A place that somebody streams to."""

    slug = serializers.CharField(help_text="Last part of its address; it stays.")
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    visibility = serializers.ChoiceField(choices=Channel.Visibility.choices)
    dvr_s = serializers.IntegerField(help_text="How far viewers can go back, in seconds.")
    is_recorded = serializers.BooleanField(help_text="Its streams become drafts of movies.")
    created_at = serializers.DateTimeField()
    picture = serializers.SerializerMethodField(help_text="What it looks like; null: it has a generated cover.")
    stream = serializers.SerializerMethodField(help_text="The one that is live; null: none is.")

    @extend_schema_field(PictureSerializer(allow_null=True))
    def get_picture(self, channel: Channel) -> Mapping[str, Any] | None:
        picture = picture_of_channel(channel)
        return PictureSerializer(picture).data if picture else None

    @extend_schema_field(StreamSerializer(allow_null=True))
    def get_stream(self, channel: Channel) -> dict[str, Any] | None:
        told = self.context["streams"].get(channel.pk)
        return dict(StreamSerializer(told).data) if told else None


class ChannelWriteSerializer(StrictSerializer):
    """What is said of a channel; PATCH takes any part of it but the slug."""

    slug = serializers.SlugField(max_length=60)
    title = serializers.CharField(max_length=120, validators=[check_line])
    description = serializers.CharField(
        max_length=_LONGEST_DESCRIPTION, allow_blank=True, required=False, validators=[check_prose]
    )
    visibility = serializers.ChoiceField(
        choices=Channel.Visibility.choices, required=False, help_text="Absent: PUBLIC."
    )
    dvr_s = serializers.IntegerField(min_value=LEAST_DVR_S, max_value=MOST_DVR_S, required=False)
    is_recorded = serializers.BooleanField(required=False, help_text="Absent: true.")


class ChannelChangeSerializer(ChannelWriteSerializer):
    slug = None  # type: ignore[assignment]  # so a serializer leaves out what its parent has


class ChannelListView(DeskList[Channel]):
    """Channels, by their addresses."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    queryset: QuerySet[Channel] = Channel.objects.all()
    serializer_class = ChannelSerializer
    page_ordering = ("slug",)

    def get_queryset(self) -> QuerySet[Channel]:
        return _with_streams(access.get_channels(self.request.user), self.request.user)

    def get_serializer(self, rows: Any, **options: Any) -> ChannelSerializer:
        return ChannelSerializer(rows, context={"streams": _live_streams(rows)}, **options)

    @extend_schema(
        operation_id="channels_list",
        tags=["live"],
        parameters=[IF_NONE_MATCH],
        responses={200: ChannelSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="channels_create",
        tags=["live"],
        parameters=[IDEMPOTENCY_KEY],
        request=ChannelWriteSerializer,
        responses={201: ChannelSerializer, **problems(ChannelExists, *IDEMPOTENCY_PROBLEMS)},
        examples=[OpenApiExample("New", value={"slug": "studio-two", "title": "Studio Two"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Make a channel of one's own."""
        require_permission(request.user, "streaming.add_channel")
        return create_once(request, lambda: _create(request))


class ChannelView(APIView):
    """One channel."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="channels_retrieve",
        tags=["live"],
        parameters=[IF_NONE_MATCH],
        responses={200: ChannelSerializer, **NOT_MODIFIED},
    )
    def get(self, request: Request, slug: str) -> Response:
        refuse_unknown(request)
        return _answer(request, access.get_channel_for_viewing(request.user, slug))

    @extend_schema(
        operation_id="channels_partial_update",
        tags=["live"],
        request=ChannelChangeSerializer(partial=True),
        responses={200: ChannelSerializer},
        examples=[OpenApiExample("Hidden", value={"visibility": "PRIVATE"}, request_only=True)],
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change what is sent and leave the rest. Who may not watch a channel any more is cut off within a second."""
        refuse_unknown(request)
        channel = access.get_channel_for_studio(request.user, slug)
        serializer = ChannelChangeSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        changed = channels.update_channel(
            channel_id=channel.pk, facts=serializer.validated_data, by=signed_in(request), at=clock.now()
        )
        return _answer(request, changed)


def _create(request: Request) -> Response:
    serializer = ChannelWriteSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    by = signed_in(request)
    channel = channels.create_channel(**serializer.validated_data, owner=by, by=by, at=clock.now())
    return _answer(request, channel, status=201, headers={"Location": f"{request.path}{channel.slug}/"})


def _answer(request: Request, channel: Channel, **rest: Any) -> Response:
    found = _with_streams(Channel.objects.all(), request.user).get(pk=channel.pk)
    return tagged(request, ChannelSerializer(found, context={"streams": _live_streams([found])}).data, **rest)


def _with_streams(found: QuerySet[Channel], user: User | AnonymousUser) -> QuerySet[Channel]:
    live = access.without_tests_of_others(user, Stream.objects.live()).select_related("channel")
    return found.select_related("picture").prefetch_related(Prefetch("streams", queryset=live, to_attr="live_streams"))


def _live_streams(found: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """Describe the live stream of each of the channels that `_with_streams` read and that has one."""
    live = {channel.pk: channel.live_streams[0] for channel in found if channel.live_streams}
    return dict(zip(live, describe_streams(list(live.values())), strict=True))
