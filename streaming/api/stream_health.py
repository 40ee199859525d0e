"""`/streams/<id>/health/`: how well a stream does, and what its broadcaster can do about it."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal import clock
from portal.api.filters import refuse_unknown
from streaming import access
from streaming.stream_health import Severity, Verdict
from streaming.stream_health_reading import read_health


class FindingSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stays the same in all languages.")
    severity = serializers.ChoiceField(choices=[severity.value for severity in Severity])
    title = serializers.CharField(help_text="What is wrong.")
    advice = serializers.CharField(help_text="What to do about it.")
    measured = serializers.CharField(allow_null=True, help_text="With its unit.")
    expected = serializers.CharField(allow_null=True, help_text="The limit, with its unit.")


class IngestSerializer(serializers.Serializer[Any]):
    """What the origin saw in its last second of the stream. What grows is a sum since the origin has the stream."""

    at = serializers.DateTimeField()
    received_bytes = serializers.IntegerField(help_text="From the encoder.")
    sent_bytes = serializers.IntegerField(help_text="To players and edges.")
    is_sending = serializers.BooleanField(help_text="An encoder is connected and sends.")
    video_bps = serializers.IntegerField(allow_null=True, help_text="Over the last five seconds.")
    audio_bps = serializers.IntegerField(allow_null=True)
    target_bps = serializers.IntegerField(allow_null=True, help_text="What the encoder said it would send.")
    frame_rate = serializers.FloatField(allow_null=True, help_text="Over the last five seconds.")
    nominal_frame_rate = serializers.FloatField(allow_null=True, help_text="What the encoder said it would be.")
    gop_s = serializers.FloatField(allow_null=True, help_text="The longest of the last distances between key frames.")
    drift_ms = serializers.IntegerField(allow_null=True, help_text="How far sound is ahead of the picture.")
    lag_ms = serializers.IntegerField(allow_null=True, help_text="How late media comes by its own clock.")
    encoder_speed = serializers.FloatField(
        allow_null=True, help_text="Of the portal's encoder: 1 as fast as media comes; null where it passes media on."
    )
    behind_ms = serializers.IntegerField(allow_null=True, help_text="What the portal's encoder has still to do.")
    part_age_ms = serializers.IntegerField(allow_null=True, help_text="Since viewers were given something new.")
    runs = serializers.IntegerField(help_text="How many times the portal's encoder was begun.")
    connections = serializers.IntegerField(help_text="How many times an encoder connected.")
    sessions = serializers.IntegerField(
        allow_null=True, help_text="Sessions that asked for media in the last 15 s; null where a CDN answers them."
    )


class StreamHealthSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(
        choices=[verdict.value for verdict in Verdict],
        help_text="The worst of the findings; `unknown` where the origin has said nothing for five seconds.",
    )
    at = serializers.DateTimeField(allow_null=True, help_text="What it is judged by is of that moment.")
    findings = FindingSerializer(many=True, help_text="The worst first.")
    ingest = IngestSerializer(allow_null=True)


class StreamHealthView(APIView):
    """The health of one stream."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="streams_health_retrieve", tags=["live"], responses={200: StreamHealthSerializer})
    def get(self, request: Request, stream_id: UUID) -> Response:
        """Read how well a stream does; for who runs its channel, and for operators."""
        refuse_unknown(request)
        stream = access.get_stream_for_figures(request.user, stream_id)
        return Response(read_health(stream, at=clock.now()), headers={"Cache-Control": "no-store"})
