"""Suggestions while somebody types."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.parameters import PREVIEW, PREVIEW_NAMES, PREVIEW_PROBLEMS
from catalog.caching import remember
from catalog.search.queries import LONGEST_QUERY
from catalog.search.suggestions import Kind, Suggestion, suggest
from catalog.services.suggestions import count_choice
from catalog.slugs import SLUG_PATTERN
from catalog.viewpoints import Viewpoint, viewpoint_of
from portal import clock
from portal.api.filters import refuse_unknown
from portal.api.serializers import StrictSerializer
from portal.errors import MalformedRequest

_QUERY = OpenApiParameter("q", str, required=True, description=f"What was typed, at most {LONGEST_QUERY} characters.")


class SuggestionSerializer(serializers.Serializer[Suggestion]):
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    slug = serializers.CharField()
    label = serializers.CharField(help_text="The title or name.")  # type: ignore[assignment]  # a field's own name
    detail = serializers.CharField(help_text="A film's year; otherwise empty.")
    url = serializers.CharField(help_text="Path of its page.")


class SuggestionsSerializer(serializers.Serializer[object]):
    suggestions = SuggestionSerializer(many=True)


class ChoiceSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    slug = serializers.RegexField(SLUG_PATTERN, max_length=120)


class SuggestionListView(APIView):
    """What goes on as was typed: films, people, genres and tags whose films can be seen now."""

    permission_classes = (AllowAny,)
    throttle_scope = "suggestions"

    @extend_schema(
        operation_id="suggestions_list",
        tags=["movies"],
        parameters=[_QUERY, *PREVIEW],
        responses={200: SuggestionsSerializer, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Suggest at most twelve names, by kind; forgives mistakes where little is found."""
        refuse_unknown(request, "q", *PREVIEW_NAMES)
        text = request.query_params.get("q", "")
        if len(text) > LONGEST_QUERY:
            fault = {"parameter": "q", "code": "max_length", "detail": _("This is too long to search for.")}
            raise MalformedRequest(_("Some parameters of the query cannot be used."), errors=[fault])
        viewpoint = viewpoint_of(request)
        found = remember(
            f"suggestions:{text}", viewpoint, lambda: _suggestions(text, viewpoint), is_worded_by_stranger=True
        )
        return _revalidated(request, Response({"suggestions": found}), found)


class SuggestionChoiceView(APIView):
    """Which suggestions are chosen, so that these come first. It is kept how often, and not by whom."""

    permission_classes = (AllowAny,)
    throttle_scope = "suggestion-choices"

    @extend_schema(
        operation_id="suggestions_choices_create",
        tags=["movies"],
        request=ChoiceSerializer,
        responses={204: OpenApiResponse(description="Counted, if there is such a thing.")},
    )
    def post(self, request: Request) -> Response:
        choice = ChoiceSerializer(data=request.data)
        choice.is_valid(raise_exception=True)
        kind, slug = Kind(choice.validated_data["kind"]), choice.validated_data["slug"]
        count_choice(kind=kind, slug=slug, at=clock.now())
        return Response(status=204)


def _suggestions(text: str, viewpoint: Viewpoint) -> list[dict[str, Any]]:
    return [asdict(each) for each in suggest(text, viewpoint=viewpoint)]


def _revalidated(request: Request, response: Response, content: object) -> HttpResponseBase:
    """Let a browser keep the answer, and ask whether it still holds: a window may have closed since."""
    etag = f'"{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]}"'
    response.headers["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    answer: HttpResponseBase = get_conditional_response(request._request, etag=etag, response=response) or response
    return answer
