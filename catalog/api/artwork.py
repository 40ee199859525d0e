"""Posters and backdrops for API clients."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.permissions import IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import IF_MATCH, expected_version, signed_in
from catalog.api.parameters import PREVIEW, PREVIEW_NAMES, PREVIEW_PROBLEMS
from catalog.artwork.faults import PictureRefused
from catalog.artwork.frames import FocalPoint
from catalog.artwork.intake import LARGEST_FILE
from catalog.artwork.pictures import picture_of
from catalog.errors import MovieChangedMeanwhile
from catalog.models import Artwork, Movie
from catalog.services import artwork
from catalog.viewpoints import viewpoint_of
from portal import clock
from portal.api.conditional import IF_NONE_MATCH, NOT_MODIFIED, tagged
from portal.api.filters import refuse_unknown
from portal.api.parsers import SafeJSONParser
from portal.api.schema import problems
from portal.api.serializers import StrictSerializer
from portal.errors import NotFound

_KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=["poster", "backdrop"])


class PictureSourceSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="Media type.")
    srcset = serializers.CharField(help_text="Paths with their widths, as in HTML.")


class PictureSerializer(serializers.Serializer[Any]):
    """A picture in every form that there is of it. Its paths never change their content."""

    src = serializers.CharField(help_text="Path of a JPEG of middling size.")
    width = serializers.IntegerField(help_text="Of the largest.")
    height = serializers.IntegerField()
    srcset = serializers.CharField(help_text="The JPEG in every width.")
    sources = PictureSourceSerializer(many=True, help_text="Better formats, the best first.")


class PictureWarningSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=["cut-off"])
    detail = serializers.CharField()


class ArtworkSerializer(serializers.Serializer[Artwork]):
    kind = serializers.SerializerMethodField()
    width_px = serializers.IntegerField(help_text="Of the file as it was sent, upright.")
    height_px = serializers.IntegerField()
    focal_x = serializers.FloatField(help_text="What stays in view: 0 is the left edge, 1 the right.")
    focal_y = serializers.FloatField(help_text="0 is the upper edge, 1 the lower.")
    blurhash = serializers.CharField(help_text="What to show until the picture has come (BlurHash).")
    picture = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField(help_text="What an editor should look at.")

    @extend_schema_field(serializers.ChoiceField(choices=["poster", "backdrop"]))
    def get_kind(self, shown: Artwork) -> str:
        return shown.kind.lower()

    @extend_schema_field(PictureSerializer)
    def get_picture(self, shown: Artwork) -> Mapping[str, Any]:
        return PictureSerializer(picture_of(shown)).data

    @extend_schema_field(PictureWarningSerializer(many=True))
    def get_warnings(self, shown: Artwork) -> list[dict[str, str]]:
        if shown.is_shown_almost_whole:
            return []
        return [{"code": "cut-off", "detail": _("Much of this picture is cut off: its shape is another.")}]


class FocalPointSerializer(StrictSerializer):
    """What must stay in view where the picture is cut."""

    focal_x = serializers.FloatField(min_value=0, max_value=1)
    focal_y = serializers.FloatField(min_value=0, max_value=1)


class ArtworkUploadSerializer(StrictSerializer):
    """A JPEG, PNG, WebP or AVIF of at most 20 MB: a poster from 500 × 750 pixels on, a backdrop from 1280 × 720."""

    file = serializers.FileField(allow_empty_file=True)
    focal_x = serializers.FloatField(min_value=0, max_value=1, default=0.5)
    focal_y = serializers.FloatField(min_value=0, max_value=1, default=0.5)


class PictureParser(BaseParser):
    """Take a body that is the file itself; its middle stays in view."""

    media_type = "image/*"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        # One byte more than is taken, so that the reading of it can tell.
        return {"file": ContentFile(stream.read(LARGEST_FILE + 1), name="body")}


class ArtworkView(APIView):
    """The poster or the backdrop of a movie."""

    permission_classes = (IsAuthenticatedOrReadOnly,)
    parser_classes = (SafeJSONParser, MultiPartParser, PictureParser)

    @extend_schema(
        operation_id="artwork_retrieve",
        tags=["artwork"],
        parameters=[_KIND, *PREVIEW, IF_NONE_MATCH],
        responses={200: ArtworkSerializer, **NOT_MODIFIED, **PREVIEW_PROBLEMS},
    )
    def get(self, request: Request, slug: str, kind: str) -> Response:
        """Read a picture; the ETag is the movie's, for `If-Match`."""
        refuse_unknown(request, *PREVIEW_NAMES)
        movie = access.get_movie_for_viewing(request.user, slug, viewpoint=viewpoint_of(request))
        shown = movie.artwork.filter(kind=kind.upper()).select_related("movie").first()
        if shown is None:
            raise NotFound()
        return _answer(shown, request)

    @extend_schema(
        operation_id="artwork_update",
        tags=["artwork"],
        parameters=[_KIND, IF_MATCH],
        request={"multipart/form-data": ArtworkUploadSerializer, "image/*": bytes},
        responses={200: ArtworkSerializer, **problems(PictureRefused, MovieChangedMeanwhile)},
    )
    def put(self, request: Request, slug: str, kind: str) -> Response:
        """Give the movie this picture, in place of the one that it has. The same again changes nothing."""
        movie = _for_editing(request, slug)
        values = _validated(ArtworkUploadSerializer(data=request.data))
        plan = artwork.ArtworkPlan(kind=_kind(kind), content=_content(values["file"]), focal=_focal(values))
        set_to = artwork.set_artwork(
            movie_id=movie.pk,
            plan=plan,
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=movie),
        )
        return _answer(set_to, request)

    @extend_schema(
        operation_id="artwork_partial_update",
        tags=["artwork"],
        parameters=[_KIND, IF_MATCH],
        request={"application/json": FocalPointSerializer},
        responses={200: ArtworkSerializer, **problems(MovieChangedMeanwhile)},
    )
    def patch(self, request: Request, slug: str, kind: str) -> Response:
        """Cut the picture anew around another point."""
        movie = _for_editing(request, slug)
        moved = artwork.set_focal_point(
            movie_id=movie.pk,
            kind=_kind(kind),
            focal=_focal(_validated(FocalPointSerializer(data=request.data))),
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=movie),
        )
        return _answer(moved, request)

    @extend_schema(
        operation_id="artwork_destroy",
        tags=["artwork"],
        parameters=[_KIND, IF_MATCH],
        responses={204: None, **problems(MovieChangedMeanwhile)},
    )
    def delete(self, request: Request, slug: str, kind: str) -> Response:
        """Take the picture away; pages show a generated cover again."""
        movie = _for_editing(request, slug)
        artwork.remove_artwork(
            movie_id=movie.pk,
            kind=_kind(kind),
            by=signed_in(request),
            at=clock.now(),
            expected_version=expected_version(request, of=movie),
        )
        return Response(status=204)


def _for_editing(request: Request, slug: str) -> Movie:
    return access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint_of(request))


def _validated(serializer: StrictSerializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _content(file: "UploadedFile[bytes]") -> bytes:
    """Return the bytes of a file; of one that is too large no more than it takes to refuse it."""
    return bytes(file.read(LARGEST_FILE + 1))


def _kind(named: str) -> Artwork.Kind:
    return Artwork.Kind(named.upper())


def _focal(values: Mapping[str, Any]) -> FocalPoint:
    return FocalPoint(x=values["focal_x"], y=values["focal_y"])


def _answer(shown: Artwork, request: Request) -> Response:
    return tagged(request, ArtworkSerializer(shown).data, revision=str(shown.movie.version))
