"""Captions of movies for API clients, and for players."""

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny, IsAuthenticatedOrReadOnly
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_version, signed_in
from catalog.api.fields import LanguageField
from catalog.api.parameters import PREVIEW, PREVIEW_NAMES, PREVIEW_PROBLEMS
from catalog.caption_wording import describe_finding
from catalog.captions.findings import finding_from_json
from catalog.captions.limits import LATEST_MS, MOST_BYTES
from catalog.captions.reading import read_stored
from catalog.captions.timing import Retiming, RetimingImpossible, retiming_by_points
from catalog.errors import (
    CaptionExists,
    CaptionFileRefused,
    CaptionTimesRefused,
    MovieChangedMeanwhile,
    TooManyCaptions,
)
from catalog.models import Caption, Movie
from catalog.models.caption import LONGEST_LABEL
from catalog.services import captions
from catalog.viewpoints import viewpoint_of
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import StrictFilterBackend, refuse_unknown
from portal.api.idempotency import IDEMPOTENCY_KEY, IDEMPOTENCY_PROBLEMS, create_once
from portal.api.pagination import CursorPages
from portal.api.parsers import SafeJSONParser
from portal.api.schema import problems
from portal.api.serializers import ShortList, StrictSerializer
from portal.texts import check_line

_LATEST_S = LATEST_MS // 1000
_TEXT = {(200, "text/vtt"): OpenApiResponse(response=str, description="The WebVTT file.")}
_REFUSALS = (CaptionExists, CaptionFileRefused, MovieChangedMeanwhile)


class CaptionWarningSerializer(serializers.Serializer[Any]):
    """Something that can be shown, but that somebody should look at."""

    code = serializers.CharField()
    line = serializers.IntegerField(allow_null=True, help_text="Of the file that was uploaded, from 1.")
    cue = serializers.IntegerField(allow_null=True, help_text="From 1, in the order of their start.")
    detail = serializers.CharField()


class CaptionSerializer(serializers.Serializer[Caption]):
    id = serializers.IntegerField()
    language = serializers.CharField(help_text="BCP 47.")
    language_name = serializers.CharField(source="language_label", help_text="In the language of the answer.")
    kind = serializers.ChoiceField(choices=Caption.Kind.choices)
    label = serializers.CharField(help_text="What viewers choose by.")  # type: ignore[assignment]  # DRF's own name
    is_default = serializers.BooleanField()
    cue_count = serializers.IntegerField()
    updated_at = serializers.DateTimeField()
    webvtt_url = serializers.SerializerMethodField(help_text="Path of the text, for a player.")

    @extend_schema_field(str)
    def get_webvtt_url(self, caption: Caption) -> str:
        return reverse("catalog-api:caption-text", args=[self.context["slug"], caption.pk])


class CaptionReportSerializer(CaptionSerializer):
    """Captions with what the reading of their file found; viewers are told nothing of that."""

    warning_count = serializers.SerializerMethodField(help_text="Of all; 0 to viewers.")
    warnings = serializers.SerializerMethodField(help_text="The first of them.")

    @extend_schema_field(int)
    def get_warning_count(self, caption: Caption) -> int:
        return caption.warning_count if self.context["is_for_editors"] else 0

    @extend_schema_field(CaptionWarningSerializer(many=True))
    def get_warnings(self, caption: Caption) -> list[dict[str, object]]:
        return list(map(_warning, caption.warnings)) if self.context["is_for_editors"] else []


class CaptionWriteSerializer(StrictSerializer):
    """What captions are called; PATCH takes any part of it."""

    language = LanguageField(help_text="BCP 47, such as th or zh-Hant.")
    kind = serializers.ChoiceField(choices=Caption.Kind.choices, required=False)
    label = serializers.CharField(  # type: ignore[assignment]  # DRF's own name
        max_length=LONGEST_LABEL,
        required=False,
        allow_blank=True,
        validators=[check_line],
        help_text="Empty: the language's own name.",
    )
    is_default = serializers.BooleanField(required=False)


class CaptionUploadSerializer(CaptionWriteSerializer):
    """The same with the file: SRT, WebVTT, ASS, SSA or TTML in any usual encoding, 2 MB at most."""

    file = serializers.FileField(allow_empty_file=True)


class PointSerializer(StrictSerializer):
    """Where one cue should begin."""

    cue = serializers.IntegerField(min_value=1, help_text="Its number, from 1.")
    at_s = serializers.FloatField(min_value=0, max_value=_LATEST_S, help_text="Seconds from the start of the film.")


class CaptionCorrectionSerializer(StrictSerializer):
    """How times change: t becomes `stretch` * t + `offset_s`; or let two cues be where they should."""

    offset_s = serializers.FloatField(min_value=-_LATEST_S, max_value=_LATEST_S, required=False)
    stretch = serializers.FloatField(
        min_value=0.5, max_value=2, required=False, help_text="0.959041 for text of 23.976 frames in a film of 25."
    )
    points = ShortList(child=PointSerializer(), min_length=2, max_length=2, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError(_("Send offset_s, stretch, or points."), code="required")
        if "points" in attrs and len(attrs) > 1:
            fault = serializers.ErrorDetail(str(_("Points say all: leave offset_s and stretch out.")), code="surplus")
            raise serializers.ValidationError({"points": [fault]})
        return attrs


class CaptionListView(ListAPIView[Caption]):
    """The captions of a movie, by language; editors add to them."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    parser_classes = (MultiPartParser,)
    queryset: QuerySet[Caption] = Caption.objects.without_text()
    serializer_class = CaptionSerializer
    filter_backends = (StrictFilterBackend,)
    pagination_class = CursorPages
    page_ordering = ("language", "kind", "id")
    other_parameters = PREVIEW_NAMES

    def get_queryset(self) -> QuerySet[Caption]:
        movie = access.get_movie_for_viewing(
            self.request.user, self.kwargs["slug"], viewpoint=viewpoint_of(self.request)
        )
        return super().get_queryset().filter(movie=movie)

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "slug": self.kwargs["slug"]}

    @extend_schema(
        operation_id="captions_list",
        tags=["captions"],
        parameters=PREVIEW,
        responses={200: CaptionSerializer(many=True), **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="captions_create",
        tags=["captions"],
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        request={"multipart/form-data": CaptionUploadSerializer},
        responses={201: CaptionReportSerializer, **problems(*_REFUSALS, TooManyCaptions, *IDEMPOTENCY_PROBLEMS)},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Upload a caption file. Faults are told with line and cue; what should be looked at is in `warnings`."""
        movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint_of(request))
        return create_once(request, lambda: _create(request, movie, slug))


class CaptionView(APIView):
    """Captions of a movie in one language and of one kind."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    parser_classes = (SafeJSONParser, MultiPartParser)

    @extend_schema(
        operation_id="captions_retrieve",
        tags=["captions"],
        parameters=[*PREVIEW, IF_NONE_MATCH],
        responses={200: CaptionReportSerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str, caption_id: int) -> Response:
        """Read what captions are called; the ETag is the movie's, for `If-Match`."""
        refuse_unknown(request, *PREVIEW_NAMES)
        movie = access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint_of(request))
        return _answer(access.get_caption_for_viewing(movie, caption_id), request, slug)

    @extend_schema(
        operation_id="captions_partial_update",
        tags=["captions"],
        parameters=[IF_MATCH],
        request={
            "application/json": CaptionWriteSerializer(partial=True),
            "multipart/form-data": CaptionUploadSerializer(partial=True),
        },
        responses={200: CaptionReportSerializer, **problems(*_REFUSALS)},
    )
    def patch(self, request: Request, slug: str, caption_id: int) -> Response:
        """Change what is sent and leave the rest; a file, in a multipart body, replaces the text."""
        caption = _for_editing(request, slug, caption_id)
        is_upload = bool(request.FILES)
        serializer = CaptionUploadSerializer if is_upload else CaptionWriteSerializer
        changes = _validated(serializer(data=request.data, partial=True))
        if is_upload:
            changes["content"] = _content(changes.pop("file"))
        updated = captions.update_caption(
            caption_id=caption.pk,
            changes=captions.CaptionChanges(**changes),  # type: ignore[typeddict-item]  # the serializer's own names
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=caption.movie),
        )
        return _answer(updated, request, slug)

    @extend_schema(
        operation_id="captions_destroy",
        tags=["captions"],
        parameters=[IF_MATCH],
        responses={204: None, **problems(MovieChangedMeanwhile)},
    )
    def delete(self, request: Request, slug: str, caption_id: int) -> Response:
        """Take the captions away from their movie."""
        caption = _for_editing(request, slug, caption_id)
        captions.remove_caption(
            caption_id=caption.pk,
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=caption.movie),
        )
        return Response(status=204)


class CaptionCorrectionView(APIView):
    """The times of captions."""

    permission_classes = (IsAuthenticatedOrReadOnly,)

    @extend_schema(
        operation_id="captions_correct",
        tags=["captions"],
        parameters=[IF_MATCH],
        request=CaptionCorrectionSerializer,
        responses={200: CaptionReportSerializer, **problems(CaptionTimesRefused, MovieChangedMeanwhile)},
    )
    def post(self, request: Request, slug: str, caption_id: int) -> Response:
        """Move and stretch the cues of captions that come too early or too late."""
        caption = _for_editing(request, slug, caption_id)
        values = _validated(CaptionCorrectionSerializer(data=request.data))
        corrected = captions.retime_caption(
            caption_id=caption.pk,
            retiming=_retiming(values, caption),
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=caption.movie),
        )
        return _answer(corrected, request, slug)


class WebVTTRenderer(BaseRenderer):
    media_type = "text/vtt"
    format = "vtt"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        text: str = data
        return text.encode()


class CaptionTextView(APIView):
    """The text of captions, as players read it."""

    permission_classes = (AllowAny,)
    renderer_classes = (WebVTTRenderer,)

    @extend_schema(
        operation_id="captions_text",
        tags=["captions"],
        parameters=PREVIEW,
        responses={**_TEXT, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str, caption_id: int) -> Any:
        """Read the WebVTT file, while the movie can be watched."""
        refuse_unknown(request, *PREVIEW_NAMES)
        caption = access.get_caption_for_playing(request.user, slug, caption_id, viewpoint=viewpoint_of(request))
        etag = f'"{hashlib.sha256(caption.webvtt.encode()).hexdigest()[:32]}"'
        answer = Response(caption.webvtt, headers={"ETag": etag})
        # Whether it can be read depends on the clock and the viewer: it is kept, but asked for each time.
        patch_cache_control(answer, private=True, no_cache=True)
        return get_conditional_response(request._request, etag=etag, response=answer)


def _create(request: Request, movie: Movie, slug: str) -> Response:
    values = _validated(CaptionUploadSerializer(data=request.data))
    caption = captions.add_caption(
        movie_id=movie.pk,
        plan=captions.CaptionPlan(content=_content(values.pop("file")), **values),
        by=signed_in(request),
        at=clock.now(),
        expected_version=expected_version(request, of=movie),
    )
    answer = _answer(caption, request, slug, status=201)
    answer.headers["Location"] = f"{request.path}{caption.pk}/"
    return answer


def _for_editing(request: Request, slug: str, caption_id: int) -> Caption:
    movie = access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint_of(request))
    return access.get_caption_for_viewing(movie, caption_id)


def _validated(serializer: StrictSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    values: dict[str, Any] = serializer.validated_data
    if "kind" in values:
        values["kind"] = Caption.Kind(values["kind"])
    return values


def _content(file: "UploadedFile[bytes]") -> bytes:
    """Return the file, or so much of it that it is seen to be too large."""
    return bytes(file.read(MOST_BYTES + 1))


def _retiming(values: Mapping[str, Any], caption: Caption) -> Retiming:
    try:
        if "points" in values:
            return _by_points(values["points"], caption)
        return Retiming(
            stretch=Fraction(values.get("stretch", 1)).limit_denominator(1_000_000),
            offset_ms=round(values.get("offset_s", 0) * 1000),
        )
    except RetimingImpossible as impossible:
        raise CaptionTimesRefused.by_measure(impossible) from impossible


def _by_points(points: list[Mapping[str, Any]], caption: Caption) -> Retiming:
    cues = read_stored(caption.webvtt)
    faults: list[Any] = [{} for _point in points]
    for place, point in enumerate(points):
        if point["cue"] > len(cues):
            fault = serializers.ErrorDetail(str(_("There is no such cue.")), code="unknown_cue")
            faults[place] = {"cue": [fault]}
    if any(faults):
        raise serializers.ValidationError({"points": faults})
    first, second = ((cues[point["cue"] - 1].start_ms, round(point["at_s"] * 1000)) for point in points)
    return retiming_by_points(first, second)


def _answer(caption: Caption, request: Request, slug: str, *, status: int = 200) -> Response:
    movie: Movie = caption.movie
    context = {"slug": slug, "is_for_editors": access.sees_hidden_movies(request.user)}
    body = CaptionReportSerializer(caption, context=context).data
    return tagged(request, body, revision=str(movie.version), status=status)


def _warning(stored: Mapping[str, Any]) -> dict[str, object]:
    finding = finding_from_json(stored)
    detail = describe_finding(finding, with_place=False)
    return {"code": str(finding.code), "line": finding.line, "cue": finding.cue, "detail": detail}
