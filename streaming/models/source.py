"""Films as they came in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Source(models.Model):
    """One file that was uploaded, to be probed and packaged. Its bytes are in storage at `storage_key`.

    Of a stream that was recorded there is no file: it is its package already.
    """

    class State(models.TextChoices):
        VERIFYING = "VERIFYING", _("Being compared with its checksum")
        WAITING = "WAITING", _("Waiting to be packaged")
        RECORDED = "RECORDED", _("Recorded from a stream")  # its package is all there is of it
        DISCARDED = "DISCARDED", _("Discarded")  # damaged, expired or removed: there are no bytes any more

    id = models.UUIDField(primary_key=True, editable=False, help_text=_("That of its upload, or of its stream."))
    movie = models.ForeignKey(
        "catalog.Movie",
        verbose_name=_("movie"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="sources",
        help_text=_("Empty: it belongs to no movie yet."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    file_name = models.CharField(_("file name"), max_length=200)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    container = models.CharField(_("container"), max_length=20)
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of the file, in hexadecimal; empty: not known."))
    storage_key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        indexes: ClassVar = [
            models.Index(fields=["state", "created_at"], name="source_by_state"),
            models.Index(fields=["movie", "-created_at"], name="source_of_movie"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["VERIFYING", "WAITING", "RECORDED", "DISCARDED"]), name="source_state_known"
            ),
            models.CheckConstraint(condition=Q(size_bytes__gte=1), name="source_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def has_file(self) -> bool:
        """Whether there is anything to package."""
        return self.state in (self.State.VERIFYING, self.State.WAITING)
