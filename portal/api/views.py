"""The entrance of the API, and every address below /api/ that is none."""

from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.errors import NotFound

PREFIX = "api/v1/"


class RootView(APIView):
    """List the collections and calls of this API."""

    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="root_retrieve",
        tags=["api"],
        responses={200: {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}}},
        examples=[OpenApiExample("Root", value={"auth/me": "https://nova.example/api/v1/auth/me/"})],
    )
    def get(self, request: Request) -> Response:
        routes = sorted(set(_plain_routes(get_resolver().url_patterns)) - {PREFIX})
        return Response({route[len(PREFIX) : -1]: request.build_absolute_uri(f"/{route}") for route in routes})


@csrf_exempt
def unknown_address(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer for every address below /api/ that no other pattern takes."""
    if not request.path.endswith("/"):
        raise NotFound(_("There is nothing at this address. Addresses of the API end with a slash."))
    raise NotFound(_("There is nothing at this address."))


def _plain_routes(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Yield the routes below the API's prefix that take no argument."""
    for entry in patterns:
        route = before + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from _plain_routes(entry.url_patterns, route)
        elif route.startswith(PREFIX) and route.endswith("/") and not any(mark in route for mark in "<(?"):
            yield route
