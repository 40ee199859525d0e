"""`/api/v1/uploads/`: resumable uploads by tus 1.0 (https://tus.io/protocols/resumable-upload)."""

import re
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog import access
from catalog.api.conditions import signed_in
from catalog.models import Upload
from catalog.services import uploads
from catalog.services.uploads import Announcement, Piece
from catalog.slugs import SLUG_PATTERN
from catalog.uploads import faults
from catalog.uploads.protocol import (
    CHECKSUM_ALGORITHMS,
    EXTENSIONS,
    PIECE_TYPE,
    VERSION,
    Malformed,
    parse_checksum,
    parse_metadata,
    parse_number,
)
from catalog.viewpoints import viewpoint_of
from portal import clock
from portal.api.schema import problems
from portal.errors import MalformedRequest, NotFound, UnsupportedMediaType

_T = TypeVar("_T")

_TUS = OpenApiParameter("Tus-Resumable", str, OpenApiParameter.HEADER, required=True, enum=[VERSION])
_OFFSET = OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True, description="In bytes.")
_CHECKSUM = OpenApiParameter(
    "Upload-Checksum", str, OpenApiParameter.HEADER, description="`sha1` or `sha256`, a space, the digest in base64."
)


class UploadSerializer(serializers.Serializer[Upload]):
    """How far an upload is."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Upload.State.choices)
    file_name = serializers.CharField()
    size_bytes = serializers.IntegerField()
    offset_bytes = serializers.IntegerField(help_text="How much has arrived.")
    movie = serializers.CharField(source="movie.slug", default=None, help_text="Slug; null: it has none yet.")
    expires_at = serializers.DateTimeField(help_text="When it is deleted unless it goes on, or gets a movie.")


class TusView(APIView):
    """What both addresses have in common: the version, said by each side."""

    throttle_scope = "upload-piece"

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny() if self.request.method == "OPTIONS" else IsAuthenticated()]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in ("OPTIONS", "GET") and request.headers.get("Tus-Resumable") != VERSION:
            raise faults.UploadVersionUnknown()

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        finalized = super().finalize_response(request, response, *args, **kwargs)
        finalized.headers["Tus-Resumable"] = VERSION
        finalized.headers["Cache-Control"] = "no-store"
        return finalized

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]  # as DRF's
        """Tell what is spoken here, and how much is taken."""
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.CATALOG.upload_max_bytes),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUM_ALGORITHMS),
        }
        return Response(status=204, headers=headers)


class UploadListView(TusView):
    """Uploads of one's own."""

    @extend_schema(operation_id="uploads_list", tags=["uploads"], responses=UploadSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List one's unfinished uploads, the newest first."""
        access.require_may_upload(request.user)
        own = Upload.objects.unfinished().filter(owner=signed_in(request)).select_related("movie")
        return Response([UploadSerializer(upload).data for upload in own.order_by("-created_at")])

    @extend_schema(
        operation_id="uploads_create",
        tags=["uploads"],
        parameters=[
            _TUS,
            OpenApiParameter("Upload-Length", int, OpenApiParameter.HEADER, required=True, description="In bytes."),
            OpenApiParameter(
                "Upload-Metadata",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="`filename`; optional `filetype`, `sha256` (of all, hexadecimal), `movie` (slug).",
            ),
        ],
        request={PIECE_TYPE: bytes},
        responses={
            201: None,
            **problems(
                faults.UploadVersionUnknown,
                faults.UploadRefused,
                faults.UploadTooLarge,
                faults.UploadQuotaReached,
                faults.UploadStorageFull,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Announce a file; its address is in `Location`. A body of the type of pieces is its first piece."""
        access.require_may_upload(request.user)
        at, owner = clock.now(), signed_in(request)
        length, said = _read(request, "Upload-Length", parse_number), _read(request, "Upload-Metadata", parse_metadata)
        upload = uploads.create_upload(
            announced=Announcement(
                file_name=said.get("filename", ""),
                size_bytes=length,
                media_type=said.get("filetype", ""),
                sha256=said.get("sha256", ""),
            ),
            owner=owner,
            at=at,
            movie_id=_movie_id(request, said.get("movie", "")),
        )
        if _carries_piece(request):
            upload = uploads.append_piece(upload_id=upload.pk, piece=_piece(request, 0), at=at)
        location = request.build_absolute_uri(reverse("catalog-api:upload-detail", args=[upload.pk]))
        return Response(status=201, headers={"Location": location, **_progress(upload)})


class UploadView(TusView):
    """One upload of one's own."""

    @extend_schema(operation_id="uploads_retrieve", tags=["uploads"], responses=UploadSerializer)
    def get(self, request: Request, upload_id: UUID) -> Response:
        """Read how far it is, as JSON."""
        return Response(UploadSerializer(self._own(request, upload_id)).data)

    @extend_schema(
        operation_id="uploads_offset",
        tags=["uploads"],
        parameters=[_TUS],
        responses={200: None, **problems(faults.UploadVersionUnknown, faults.UploadGone)},
    )
    def head(self, request: Request, upload_id: UUID) -> Response:
        """Tell in `Upload-Offset` where to go on."""
        upload = self._own(request, upload_id)
        if upload.state in (Upload.State.EXPIRED, Upload.State.REMOVED, Upload.State.CORRUPT):
            raise faults.UploadGone()
        if upload.state == Upload.State.ACTIVE and upload.offset_bytes == upload.size_bytes:
            upload = uploads.finish_upload(upload_id=upload.pk, at=clock.now())
        return Response(headers={"Upload-Length": str(upload.size_bytes), **_progress(upload)})

    @extend_schema(
        operation_id="uploads_append",
        tags=["uploads"],
        parameters=[_TUS, _OFFSET, _CHECKSUM],
        request={PIECE_TYPE: bytes},
        responses={
            204: None,
            **problems(
                faults.UploadVersionUnknown,
                faults.UploadOffsetWrong,
                faults.UploadBusy,
                faults.UploadPieceCorrupt,
                faults.UploadTooLarge,
                faults.UploadStorageFull,
                faults.UploadRefused,
                faults.UploadGone,
            ),
        },
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        """Send the next piece, best of 8 MiB; with the last one the upload is finished."""
        if not _carries_piece(request):
            raise UnsupportedMediaType(_("A piece is sent as %(type)s.") % {"type": PIECE_TYPE})
        upload = self._own(request, upload_id)
        offset = _read(request, "Upload-Offset", parse_number)
        upload = uploads.append_piece(upload_id=upload.pk, piece=_piece(request, offset), at=clock.now())
        return Response(status=204, headers=_progress(upload))

    @extend_schema(
        operation_id="uploads_destroy",
        tags=["uploads"],
        parameters=[_TUS],
        responses={204: None, **problems(faults.UploadVersionUnknown)},
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Give an unfinished upload up; what was sent is deleted."""
        upload = self._own(request, upload_id)
        uploads.remove_upload(upload_id=upload.pk, by=signed_in(request), at=clock.now())
        return Response(status=204)

    def _own(self, request: Request, upload_id: UUID) -> Upload:
        upload = access.get_upload_of(signed_in(request), upload_id)
        # Asked again with each piece: an upload may take days, in which somebody ceases to be an editor.
        access.require_may_upload(request.user)
        return upload


def _movie_id(request: Request, slug: str) -> int | None:
    if not slug:
        return None
    # It comes through no pattern of an address, and the database takes no NUL.
    if not re.fullmatch(SLUG_PATTERN, slug):
        raise NotFound()
    return access.get_movie_for_editing(request.user, slug, viewpoint=viewpoint_of(request)).pk


def _carries_piece(request: Request) -> bool:
    return (request.content_type or "").partition(";")[0].strip() == PIECE_TYPE


def _piece(request: Request, offset: int) -> Piece:
    checksum = _read(request, "Upload-Checksum", parse_checksum)
    # From the stream itself: `body` would hold the piece in memory, and refuse one of this size.
    return Piece(offset_bytes=offset, read=request._request.read, checksum=checksum)


def _progress(upload: Upload) -> dict[str, str]:
    headers = {"Upload-Offset": str(upload.offset_bytes)}
    if upload.state == Upload.State.ACTIVE:
        headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return headers


def _read(request: Request, header: str, parse: Callable[[str | None], _T]) -> _T:
    try:
        return parse(request.headers.get(header))
    except Malformed as error:
        raise MalformedRequest(f"{header}: {error}.") from error
