"""Playing movies: sessions, where viewers left off, and what goes wrong in their players."""

from math import isfinite
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import get_movie_for_viewing
from catalog.api.conditions import signed_in
from catalog.models.movie import LONGEST_RUNTIME_S
from catalog.viewpoints import viewpoint_of
from portal import clock
from portal.api.filters import refuse_unknown
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from streaming import access
from streaming.errors import MovieNotAvailable, MovieNotReady
from streaming.playback import CAPTION_KINDS
from streaming.services import playback, playback_reports, playback_sessions, watch_positions
from streaming.services.playback_reports import FailureCode
from streaming.visitors import know_again, visitor_of

_LONGEST_DETAIL = 300


class SecondsField(serializers.FloatField):
    """Seconds of a film; what is no number, such as "NaN", is none here either."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": LONGEST_RUNTIME_S, **options})

    def to_internal_value(self, data: Any) -> float:
        seconds = super().to_internal_value(data)
        if not isfinite(seconds):
            self.fail("invalid")
        return seconds


class PlaybackCaptionSerializer(serializers.Serializer[Any]):
    language = serializers.CharField(help_text="A tag of BCP 47; “und”: unknown.")
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name is no attribute
    kind = serializers.ChoiceField(choices=CAPTION_KINDS, help_text="“forced”: shown to those who chose no text.")
    is_default = serializers.BooleanField()
    url = serializers.URLField(help_text="WebVTT.")


class PlaybackChapterSerializer(serializers.Serializer[Any]):
    start_s = serializers.FloatField()
    title = serializers.CharField(allow_blank=True)


class BeaconSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="A path on this host.")
    token = serializers.CharField(help_text="Of this session alone; put it into each beacon.")
    interval_s = serializers.IntegerField(help_text="How often to tell.")


class PlaybackSerializer(serializers.Serializer[Any]):
    """A session. Its addresses are secrets of one viewer: whoever has them can watch."""

    session = serializers.UUIDField()
    expires_at = serializers.DateTimeField(help_text="No address answers from then on; open another session before.")
    lasts_s = serializers.FloatField(help_text="How long that is from now on, by the portal's clock.")
    package = serializers.CharField(
        help_text="What is played. Addresses of another session with the same one lead to the same files."
    )
    is_whole = serializers.BooleanField(help_text="False while the package grows.")
    duration_s = serializers.FloatField(allow_null=True, help_text="Of the whole film; null: not known yet.")
    hls_url = serializers.URLField()
    dash_url = serializers.URLField(allow_null=True, help_text="null while the package grows.")
    media_query = serializers.CharField(
        allow_blank=True,
        help_text="What to put behind each address that a playlist, manifest or storyboard names, without a question "
        "mark; empty: nothing. The addresses here have it.",
    )
    captions = PlaybackCaptionSerializer(many=True)
    poster_url = serializers.CharField(
        allow_null=True, help_text="A path on this host; null: the movie has no picture."
    )
    storyboard_url = serializers.URLField(
        allow_null=True, help_text="WebVTT that leads to small pictures; null while the package grows."
    )
    chapters = PlaybackChapterSerializer(many=True)
    position_s = serializers.FloatField(
        allow_null=True, help_text="Where the viewer left off; null where there is nothing to go on with."
    )
    beacon = BeaconSerializer(
        allow_null=True, help_text="Where the player tells how it fares (`beacons/`); null: nobody listens."
    )


class PositionSerializer(StrictSerializer):
    position_s = SecondsField()
    duration_s = SecondsField(min_value=0.001)


class PlaybackReportSerializer(StrictSerializer):
    session = serializers.UUIDField(allow_null=True, default=None, help_text="null: none could be opened.")
    code = serializers.ChoiceField(choices=[code.value for code in FailureCode])
    position_s = SecondsField(allow_null=True, default=None, help_text="In seconds of the film.")
    detail = serializers.CharField(
        allow_blank=True, default="", max_length=_LONGEST_DETAIL, help_text="What the player says of it."
    )


class PlaybackView(APIView):
    """Playback of one movie."""

    permission_classes = (AllowAny,)
    throttle_scope = "playback"

    @extend_schema(
        operation_id="movies_playback_create",
        tags=["playback"],
        request=None,
        responses={201: PlaybackSerializer, **problems(MovieNotAvailable, MovieNotReady)},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Begin to watch: get addresses that are good for this session alone, and not for ever."""
        refuse_unknown(request)
        viewpoint = viewpoint_of(request)
        movie = access.get_movie_for_playback(request.user, slug, viewpoint=viewpoint)
        visitor = visitor_of(request._request, request.user, viewpoint)
        opened = playback.open_playback(movie=movie, viewer=request.user, viewpoint=viewpoint, visitor=visitor)
        know_again(request._request, visitor)
        return Response(opened.as_json(), status=201, headers={"Cache-Control": "no-store"})


class PositionView(APIView):
    """Where a viewer left off in one movie."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="movies_position_update",
        tags=["playback"],
        request=PositionSerializer,
        responses={204: None},
        examples=[OpenApiExample("Here", value={"position_s": 83.2, "duration_s": 596.4}, request_only=True)],
    )
    def put(self, request: Request, slug: str) -> Response:
        """Remember where the viewer is; a film that was seen to its end is forgotten."""
        refuse_unknown(request)
        movie = get_movie_for_viewing(request.user, slug, viewpoint=viewpoint_of(request))
        serializer = PositionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        watch_positions.keep_position(
            viewer=signed_in(request), movie=movie, at=clock.now(), **serializer.validated_data
        )
        return Response(status=204)


class PlaybackReportView(APIView):
    """What goes wrong in players."""

    permission_classes = (AllowAny,)
    throttle_scope = "playback-report"

    @extend_schema(
        operation_id="playback_reports_create",
        tags=["playback"],
        request=PlaybackReportSerializer,
        responses={202: None},
        examples=[
            OpenApiExample(
                "Lost",
                value={
                    "session": "0198c7b2-a3f9-7e0d-8a4e-6a3c52f1d7aa",
                    "code": "segment-lost",
                    "position_s": 12.3,
                    "detail": "fragLoadTimeOut",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Tell that a viewer could not watch, and why."""
        refuse_unknown(request)
        serializer = PlaybackReportSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        sent = serializer.validated_data
        playback_reports.take_report(
            code=FailureCode(sent["code"]),
            session_id=sent["session"],
            position_s=sent["position_s"],
            detail=sent["detail"],
        )
        return Response(status=202)


class PlaybackSessionView(APIView):
    """One session of a viewer, for those who run the portal."""

    @extend_schema(operation_id="playback_sessions_destroy", tags=["playback"], responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End what somebody watches: within a second nothing of it answers any more."""
        access.require_may_end_playback(request.user)
        playback_sessions.end_session(session_id=session_id, by=signed_in(request), at=clock.now())
        return Response(status=204)
