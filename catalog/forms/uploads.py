"""The field in which the form of a new movie names the films that were uploaded beside it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _

from catalog.models import Upload
from portal.models import User

FIELD_NAME = "upload_ids"
MOST_UPLOADS = 50
_ID_LENGTH = 36


class UploadIdsField(forms.CharField):
    """Ids of uploads between commas, each once. Its value is a tuple of them."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=MOST_UPLOADS * (_ID_LENGTH + 1), widget=forms.HiddenInput)

    def clean(self, value: Any) -> tuple[UUID, ...]:
        parts = [part for part in super().clean(value).split(",") if part]
        if len(parts) > MOST_UPLOADS:
            text = _("Add at most %(most)d films at once.")
            raise forms.ValidationError(text, code="too_many", params={"most": MOST_UPLOADS})
        return tuple(dict.fromkeys(map(_read, parts)))


def lock_usable(upload_ids: Sequence[UUID], owner: User) -> None:
    """Keep uploads of `owner` as they are until this transaction ends. Raises ValidationError for what a new movie
    cannot have: other people's, expired and removed ones, and those of another movie."""
    usable = Upload.objects.usable_by(owner).filter(pk__in=upload_ids)
    found = set(usable.select_for_update().order_by("pk").values_list("pk", flat=True))
    if found != set(upload_ids):
        text = _("A film is no longer there, or another movie has it: remove it from the list. Nothing was saved.")
        raise forms.ValidationError(text, code="upload_gone")


def _read(part: str) -> UUID:
    try:
        return UUID(part.strip())
    except ValueError as error:
        raise forms.ValidationError(_("This names no upload."), code="invalid") from error
