"""Figures of streams, for those who run them and for operators."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import access
from analytics.api.csv_files import CSV_FILE, MOST_ROWS, CSVRenderer, csv_answer, series_pieces
from analytics.api.figures import LineSerializer, line_json
from analytics.api.parameters import PERIOD, PERIOD_NAMES, read_period, read_resolution
from analytics.errors import PeriodTooLong
from analytics.models import PlaybackSession
from analytics.reading.audience import period_of, read_stream
from analytics.reading.series import settle
from analytics.reading.sessions import active_sessions, count_watching
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.pagination import CursorPages
from portal.api.schema import problems
from portal.audience import stream_subject
from streaming.api.lists import DeskList

EXPORT = "figures-export"


class WatchingSerializer(serializers.Serializer[PlaybackSession]):
    """Somebody who watches; nothing says who."""

    state = serializers.CharField(
        help_text="Of CMCD: s starting, p playing, k seeking, r waiting for media, a paused, d loading ahead."
    )
    joined_at = serializers.DateTimeField(source="started_at")
    last_seen_at = serializers.DateTimeField()
    quality = serializers.CharField(allow_blank=True, help_text="Such as 1080p; empty: not known.")
    bitrate_kbps = serializers.IntegerField(allow_null=True)
    latency_ms = serializers.IntegerField(allow_null=True, help_text="Behind the encoder.")
    startup_ms = serializers.IntegerField(source="first_frame_ms", allow_null=True, help_text="null: no picture yet.")
    stall_count = serializers.IntegerField(help_text="How often it waited for media.")
    stall_ms = serializers.IntegerField()
    watch_ms = serializers.IntegerField()
    device = serializers.CharField(allow_blank=True, help_text="phone, tablet, desktop or tv; empty: not known.")
    country = serializers.CharField(allow_blank=True, help_text="ISO 3166-1; empty: not known.")


class StreamMetricsView(APIView):
    """The figures of one stream over time."""

    @extend_schema(
        operation_id="streams_metrics",
        tags=["audience"],
        parameters=[*PERIOD, IF_NONE_MATCH],
        responses={200: LineSerializer, **NOT_MODIFIED, **problems(PeriodTooLong)},
    )
    def get(self, request: Request, stream_id: UUID) -> Response:
        """Read who watched, and how well. Without a period: as long as it is, or was, on air."""
        refuse_unknown(request, *PERIOD_NAMES)
        stream, at = access.get_stream_for_figures(request.user, stream_id), clock.now()
        period = read_period(request, period_of(stream, at=at))
        return tagged(request, line_json(read_stream(stream, period, at=at, resolution=read_resolution(request))))


class StreamMetricsFileView(APIView):
    """The same as a file."""

    renderer_classes = (CSVRenderer,)
    throttle_scope = EXPORT

    @extend_schema(
        operation_id="streams_metrics_csv",
        tags=["audience"],
        parameters=PERIOD,
        responses={**CSV_FILE, **problems(PeriodTooLong)},
    )
    def get(self, request: Request, stream_id: UUID) -> HttpResponseBase:
        """Read the line as CSV, in which there is room for a day of seconds."""
        refuse_unknown(request, *PERIOD_NAMES)
        stream, at = access.get_stream_for_figures(request.user, stream_id), clock.now()
        period = read_period(request, period_of(stream, at=at))
        extent = settle(period, at=at, resolution=read_resolution(request), most=MOST_ROWS)
        return csv_answer(f"stream-{stream.pk}", series_pieces(stream_subject(stream.pk), extent, at=at))


class _ViewerPages(CursorPages):
    """Describe what the answer has besides a page."""

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        counts = {
            "viewers": {"type": "integer", "description": "People who see pictures now."},
            "sessions": {"type": "integer", "description": "Their players."},
        }
        return {
            **page,
            "required": [*page["required"], *counts],
            "properties": {**page["properties"], **counts},
        }


class StreamViewersView(DeskList[PlaybackSession]):
    """Who watches a stream now, those who joined last first."""

    queryset: QuerySet[PlaybackSession] = PlaybackSession.objects.all()
    serializer_class = WatchingSerializer
    pagination_class = _ViewerPages
    page_ordering = ("-started_at", "-session")

    @extend_schema(
        operation_id="streams_viewers",
        tags=["audience"],
        parameters=[IF_NONE_MATCH],
        responses={200: WatchingSerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read who has it open, those too who pause; `viewers` and `sessions` count whoever sees pictures."""
        stream = access.get_stream_for_figures(request.user, kwargs["stream_id"])
        self._subject, self._at = stream_subject(stream.pk), clock.now()
        watching = count_watching(self._subject, at=self._at)
        page = self.list(request).data
        return tagged(request, {**page, "viewers": watching.viewers, "sessions": watching.sessions})

    def get_queryset(self) -> QuerySet[PlaybackSession]:
        return active_sessions(self._subject, at=self._at)
