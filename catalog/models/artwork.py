"""The pictures of a movie: its poster and its backdrop."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.artwork.frames import FIRST_FORMATS, FRAMES, SOCIAL_NAME, WHOLE_NAME, FocalPoint, is_shown_almost_whole
from catalog.models.movie import Movie

ORIGINAL_FOLDER = "artwork-originals"
RENDITION_FOLDER = "artwork"
_EDITION_LENGTH = 16  # hexadecimal digits
_HASH_LENGTH = 64
# A BlurHash of at most 4 × 4 waves is shorter than this.
_BLURHASH_LENGTH = 40


class ArtworkQuerySet(models.QuerySet["Artwork"]):
    def lacking_formats(self) -> Self:
        """Keep the pictures to which a worker has not added anything yet."""
        return self.filter(formats=list(FIRST_FORMATS))


class Artwork(models.Model):
    """One picture of a movie, as its editor sent it, and what was made of it.

    `edition` names the folder of its files. It is drawn by lot whenever files are made, so that a name never gets
    another content, and nobody can tell from a picture that they have whether the catalogue has it too.
    """

    class Kind(models.TextChoices):
        POSTER = "POSTER", _("Poster")
        BACKDROP = "BACKDROP", _("Backdrop")

    movie = models.ForeignKey(Movie, verbose_name=_("movie"), on_delete=models.CASCADE, related_name="artwork")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    original_key = models.CharField(max_length=200, help_text=_("Where the file as it was sent is stored."))
    content_hash = models.CharField(max_length=_HASH_LENGTH, help_text=_("SHA-256 of the file as it was sent."))
    width_px = models.PositiveIntegerField(_("width"))
    height_px = models.PositiveIntegerField(_("height"))
    focal_x = models.FloatField(_("focal point across"), default=0.5, help_text=_("0 is the left edge, 1 the right."))
    focal_y = models.FloatField(_("focal point down"), default=0.5, help_text=_("0 is the upper edge, 1 the lower."))
    blurhash = models.CharField(max_length=_BLURHASH_LENGTH)
    edition = models.CharField(max_length=_EDITION_LENGTH, unique=True)
    widths = ArrayField(models.PositiveIntegerField(), help_text=_("In pixels, ascending."))
    formats = ArrayField(models.CharField(max_length=4), help_text=_("File name extensions, the best first."))
    created_at = models.DateTimeField(_("added"))

    objects: ClassVar[ArtworkQuerySet] = ArtworkQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["movie", "kind"], name="artwork_one_of_a_kind"),
            models.CheckConstraint(condition=Q(kind__in=["POSTER", "BACKDROP"]), name="artwork_kind_known"),
            models.CheckConstraint(
                condition=Q(focal_x__range=(0, 1), focal_y__range=(0, 1)), name="artwork_focal_point_inside"
            ),
            models.CheckConstraint(condition=Q(width_px__gte=1, height_px__gte=1), name="artwork_has_pixels"),
            models.CheckConstraint(condition=Q(widths__len__gte=1, formats__len__gte=1), name="artwork_has_files"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.movie_id}"

    @property
    def focal(self) -> FocalPoint:
        return FocalPoint(x=self.focal_x, y=self.focal_y)

    @property
    def is_shown_almost_whole(self) -> bool:
        return is_shown_almost_whole((self.width_px, self.height_px), self.kind)

    def size_at(self, width: int) -> tuple[int, int]:
        return FRAMES[self.kind].size_at(width)

    def file_keys(self) -> tuple[str, ...]:
        """Return where everything that was made of it is stored."""
        names = [f"{width}.{extension}" for width in self.widths for extension in self.formats]
        return tuple(rendition_key(self.movie_id, self.edition, name) for name in (*names, SOCIAL_NAME, WHOLE_NAME))


class UnclaimedFileQuerySet(models.QuerySet["UnclaimedFile"]):
    def since_before(self, at: datetime) -> Self:
        return self.filter(since__lt=at).order_by("since", "pk")


class UnclaimedFile(models.Model):
    """A stored file that no picture has: not yet, or no more.

    It is written before the file is and taken away when a picture claims it, so whatever a crash leaves behind is known
    here, and what a page may still show is kept for a while after it was replaced.
    """

    key = models.CharField(max_length=200, unique=True)
    since = models.DateTimeField(db_index=True)

    objects: ClassVar[UnclaimedFileQuerySet] = UnclaimedFileQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    def __str__(self) -> str:
        return self.key


def rendition_key(movie_id: int, edition: str, name: str) -> str:
    """Return where a file made of a picture is stored; its address is built of the same parts."""
    return f"{RENDITION_FOLDER}/{movie_id}/{edition}/{name}"
