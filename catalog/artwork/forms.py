"""The part of the editors' form that is about one picture of a movie."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from catalog.artwork.faults import PictureRefused
from catalog.artwork.frames import FRAMES, WHOLE_NAME, FocalPoint
from catalog.artwork.intake import LARGEST_FILE, read_picture
from catalog.artwork.pictures import rendition_url
from catalog.models import Artwork, Movie
from catalog.services.artwork import ArtworkPlan, remove_artwork, set_artwork, set_focal_point
from portal.models import User

PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/avif"
_SLIDER = forms.NumberInput(attrs={"type": "range", "min": "0", "max": "1", "step": "0.005"})


def read_upload(file: "UploadedFile[bytes]", kind: str) -> bytes:
    """Return the content of a file from which a picture of this kind can be made. Raises ValidationError."""
    content = bytes(file.read(LARGEST_FILE + 1))
    try:
        with read_picture(content, kind):
            return content
    except PictureRefused as refusal:
        raise forms.ValidationError(str(refusal.detail), code=str(refusal.fault)) from refusal


class ArtworkForm(forms.Form):
    """A file, what of it must stay in view, or that the picture goes; left as it is, it changes nothing.

    Its fields carry the kind as their prefix, as a movie has two pictures. Show it with
    templates/catalog/artwork/_editor.html, and its `media`.
    """

    file = forms.FileField(
        label=_("File"), required=False, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": PICTURE_TYPES})
    )
    focal_x = forms.FloatField(label=_("Across"), min_value=0, max_value=1, required=False, widget=_SLIDER)
    focal_y = forms.FloatField(label=_("Down"), min_value=0, max_value=1, required=False, widget=_SLIDER)
    is_removed = forms.BooleanField(label=_("Remove this picture"), required=False)

    class Media:
        js: ClassVar = [forms.Script("js/artwork.js", type="module")]

    def __init__(self, *args: Any, kind: Artwork.Kind, movie: Movie | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": kind.value.lower(), **kwargs})
        self.kind = kind
        self.artwork = movie.artwork.filter(kind=kind).first() if movie and movie.pk else None
        focal = self.artwork.focal if self.artwork else FocalPoint()
        self.initial = {**self.initial, "focal_x": focal.x, "focal_y": focal.y}

    def clean_file(self) -> bytes | None:
        """Return the content of a file that has been looked at all through, so that saving it cannot fail."""
        file: UploadedFile[bytes] | None = self.cleaned_data["file"]
        return None if file is None else read_upload(file, self.kind)

    def save(self, *, movie_id: int, by: User, at: datetime) -> None:
        """Do what the editor asked for. The caller has checked on top of which version of the movie."""
        content, focal = self.cleaned_data["file"], self._focal()
        if content is not None:
            plan = ArtworkPlan(kind=self.kind, content=content, focal=focal)
            set_artwork(movie_id=movie_id, plan=plan, by=by, at=at)
        elif self.artwork and self.cleaned_data["is_removed"]:
            remove_artwork(movie_id=movie_id, kind=self.kind, by=by, at=at)
        elif self.artwork and {"focal_x", "focal_y"} & set(self.changed_data):
            set_focal_point(movie_id=movie_id, kind=self.kind, focal=focal, by=by, at=at)

    @cached_property
    def whole_url(self) -> str:
        """The picture without any crop; "" if there is none."""
        return rendition_url(self.artwork, WHOLE_NAME) if self.artwork else ""

    @property
    def lost_file(self) -> str:
        """The name of a good file that came with this form; whoever sees the form once more must choose it again."""
        file = self.files.get(self.add_prefix("file"))
        return (file.name or "") if file and not self["file"].errors else ""

    @property
    def smallest(self) -> tuple[int, int]:
        return FRAMES[self.kind].smallest

    @property
    def crops(self) -> tuple[tuple[str, str], ...]:
        """Name and shape (a class of the style sheet) of each way in which the picture is cut."""
        shown = "poster" if self.kind == Artwork.Kind.POSTER else "backdrop"
        shapes = ((str(self.kind.label), shown),)
        return shapes if shown == "poster" else (*shapes, (str(_("Link preview")), "social"))

    def _focal(self) -> FocalPoint:
        middle = FocalPoint()
        x, y = self.cleaned_data["focal_x"], self.cleaned_data["focal_y"]
        return FocalPoint(x=middle.x if x is None else x, y=middle.y if y is None else y)
