"""The keys of a channel, for whoever runs it."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.conditions import signed_in
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED
from portal.api.filters import refuse_unknown
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.texts import check_line
from streaming import access
from streaming.api.lists import DeskList
from streaming.errors import StreamKeyIsRevoked, TooManyStreamKeys
from streaming.models import StreamKey
from streaming.services import stream_keys
from streaming.services.stream_keys import IssuedKey


class StreamKeySerializer(serializers.Serializer[StreamKey]):
    """A key, without its secret, which nobody can read any more."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name is no attribute
    prefix = serializers.CharField(help_text="What its secret begins with.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="null: never.")
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)


class IssuedKeySerializer(StreamKeySerializer):
    """A new key, with what to paste into an encoder. Nobody is shown the secret again."""

    server = serializers.CharField()
    secure_server = serializers.CharField(allow_null=True, help_text="The same over TLS; null: there is none.")
    secret = serializers.CharField()


class StreamKeyWriteSerializer(StrictSerializer):
    label = serializers.CharField(  # type: ignore[assignment]  # a field of this name is no attribute
        max_length=80, validators=[check_line], help_text="Which encoder uses it: “OBS at home”."
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Absent or null: never.")


class StreamKeyListView(DeskList[StreamKey]):
    """The keys of one channel, the newest first."""

    permission_classes = (IsAuthenticated,)
    queryset: QuerySet[StreamKey] = StreamKey.objects.all()
    serializer_class = StreamKeySerializer
    page_ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[StreamKey]:
        return access.get_channel_for_studio(self.request.user, self.kwargs["slug"]).keys.all()

    @extend_schema(
        operation_id="channels_stream_keys_list",
        tags=["live"],
        parameters=[IF_NONE_MATCH],
        responses={200: StreamKeySerializer(many=True), **NOT_MODIFIED},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request)

    @extend_schema(
        operation_id="channels_stream_keys_create",
        tags=["live"],
        request=StreamKeyWriteSerializer,
        responses={201: IssuedKeySerializer, **problems(TooManyStreamKeys)},
        examples=[OpenApiExample("OBS", value={"label": "OBS at home"}, request_only=True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have a key issued. Its secret is in this answer and nowhere else; the call is not idempotent."""
        refuse_unknown(request)
        channel = access.get_channel_for_studio(request.user, slug)
        serializer = StreamKeyWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        issued = stream_keys.issue_stream_key(
            channel=channel, **serializer.validated_data, by=signed_in(request), at=clock.now()
        )
        return _show(issued)


class StreamKeyView(APIView):
    """One key."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="channels_stream_keys_destroy", tags=["live"], responses={204: None})
    def delete(self, request: Request, slug: str, key_id: int) -> Response:
        """Revoke it: it admits nobody any more, and the encoder that came in by it is sent away within a second."""
        refuse_unknown(request)
        key = access.get_key_for_studio(request.user, slug, key_id)
        stream_keys.revoke_stream_key(key_id=key.pk, by=signed_in(request), at=clock.now())
        return Response(status=204)


class StreamKeyRotateView(APIView):
    """A new secret in the place of an old one."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="channels_stream_keys_rotate_create",
        tags=["live"],
        request=None,
        responses={201: IssuedKeySerializer, **problems(StreamKeyIsRevoked)},
    )
    def post(self, request: Request, slug: str, key_id: int) -> Response:
        """Revoke it, and have another issued with the same label. The new secret is in this answer and nowhere else."""
        refuse_unknown(request)
        key = access.get_key_for_studio(request.user, slug, key_id)
        return _show(stream_keys.rotate_stream_key(key_id=key.pk, by=signed_in(request), at=clock.now()))


def _show(issued: IssuedKey) -> Response:
    shown = StreamKeySerializer(issued.key).data
    servers = {"server": settings.NOVA_RTMP_URL, "secure_server": settings.NOVA_RTMPS.url or None}
    content = {**shown, **servers, "secret": issued.secret}
    return Response(content, status=201, headers={"Cache-Control": "no-store"})
