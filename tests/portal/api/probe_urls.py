"""Addresses that fail on purpose, in every way that an endpoint can."""

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisConnectionError
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.serializers import StrictSerializer
from portal.errors import FieldError, InvalidInput, NotAllowed, NotSignedIn, TooManyRequests

FAILURES: dict[str, Exception] = {
    "404": Http404("secret reason"),
    "not-found": exceptions.NotFound("secret reason"),
    "denied": PermissionDenied("You are not on the list."),
    "own": NotAllowed("You are not on the list."),
    "suspicious": SuspiciousOperation("secret reason"),
    "bad-request": BadRequest("The range is empty."),
    "unsigned": NotSignedIn(),
    "faulty": InvalidInput((FieldError(pointer="/year", code="invalid", detail="No year."),)),
    "limited": TooManyRequests(scope="probe", retry_after_s=17),
    "unforeseen": RuntimeError("secret reason"),
    "database": OperationalError("secret reason"),
    "connection": InterfaceError("secret reason"),
    "redis": RedisConnectionError("secret reason"),
    "broker": BrokerError("secret reason"),
}


class WindowSerializer(StrictSerializer):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(read_only=True)


class MovieSerializer(StrictSerializer):
    title = serializers.CharField(max_length=5)
    windows = WindowSerializer(many=True, required=False)
    tags = serializers.ListField(child=serializers.IntegerField(), required=False)
    names = serializers.DictField(child=serializers.CharField(max_length=3), required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        if attrs["title"] == "never":
            raise serializers.ValidationError("Not with this title.", code="contradiction")
        return attrs


class FailingView(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request, kind: str) -> Response:
        raise FAILURES[kind]


class EchoView(APIView):
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        serializer = MovieSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response({"title": serializer.validated_data["title"]})


class PrivateView(APIView):
    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        return Response({})


def failing_plain_view(request: HttpRequest, kind: str) -> HttpResponse:
    raise FAILURES[kind]


urlpatterns = [
    path("api/v1/probe/echo/", EchoView.as_view()),
    path("api/v1/probe/private/", PrivateView.as_view()),
    path("api/v1/probe/fails/<slug:kind>/", FailingView.as_view()),
    path("api/v1/probe/plain/<slug:kind>/", failing_plain_view),
    path("pages/<slug:kind>/", failing_plain_view),
    path("", include("portal.urls")),
]
