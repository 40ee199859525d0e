"""What the panel for uploads is made of; `templates/admin/catalog/_upload_panel.html` shows it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from catalog import access
from catalog.forms.uploads import FIELD_NAME
from catalog.models import Movie, Upload
from catalog.services.uploads import PIECE_BYTES
from catalog.uploads.containers import ENDINGS
from catalog.uploads.sources import SourceLine, sources_of
from portal.models import User

_MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedUpload:
    """An upload that can go on, by its owner."""

    id: UUID
    file_name: str
    size_bytes: int
    offset_bytes: int
    percent: int
    url: str
    owner_is_me: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPanel:
    """Where films come in: those of a movie, or of one that is being added (`movie_id` is None).

    `accepted` are endings such as ".mp4". Under `field_name` the form takes the ids of uploads; "": it takes none.
    """

    endpoint: str
    movie_id: int | None
    piece_bytes: int
    largest_bytes: int
    accepted: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    unfinished: tuple[UnfinishedUpload, ...]
    field_name: str


def panel_for(user: User, movie: Movie | None) -> UploadPanel | None:
    """Return the panel that `user` gets beside a movie; None for those who may not upload."""
    if not access.may_upload(user):
        return None
    own = Upload.objects.filter(movie=movie) if movie else Upload.objects.filter(movie=None, owner=user)
    unfinished = own.unfinished().order_by("-created_at", "-id")[:_MOST_LINES]
    return UploadPanel(
        # Reversed, an optional slash is left away; the addresses of uploads are this one and their ids.
        endpoint=reverse("catalog-api:upload-list") + "/",
        movie_id=movie.pk if movie else None,
        piece_bytes=PIECE_BYTES,
        largest_bytes=settings.CATALOG.upload_max_bytes,
        accepted=ENDINGS,
        sources=sources_of(movie.pk) if movie else (),
        unfinished=tuple(_line(upload, user) for upload in unfinished),
        field_name="" if movie else FIELD_NAME,
    )


def _line(upload: Upload, user: User) -> UnfinishedUpload:
    return UnfinishedUpload(
        id=upload.pk,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        offset_bytes=upload.offset_bytes,
        percent=upload.percent,
        url=reverse("catalog-api:upload-detail", args=[upload.pk]) + "/",
        owner_is_me=upload.owner_id == user.pk,
        expires_at=upload.expires_at,
    )
