"""Files on their way in."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.models import User


class UploadQuerySet(models.QuerySet["Upload"]):
    def unfinished(self) -> "UploadQuerySet":
        return self.filter(state="ACTIVE")

    def pending(self) -> "UploadQuerySet":
        """Keep what somebody still has to do something about: unfinished uploads, and those that no movie has."""
        return self.filter(Q(state="ACTIVE") | Q(state="FINISHED", movie=None))

    def usable_by(self, owner: User) -> "UploadQuerySet":
        """Keep what `owner` may give to a movie: uploads that no movie has, finished or still under way."""
        return self.filter(state__in=["ACTIVE", "FINISHED"], movie=None, owner=owner)

    def expired(self, at: datetime) -> "UploadQuerySet":
        """Keep the uploads that were left alone for too long: unfinished ones, and finished ones that nobody used."""
        return self.pending().filter(expires_at__lte=at)

    def damaged(self, at: datetime) -> "UploadQuerySet":
        """Keep the uploads that turned out to be damaged of late: of some, a crash may have left the bytes."""
        return self.filter(state="CORRUPT", expires_at__gt=at)

    def unverified(self, *, finished_before: datetime) -> "UploadQuerySet":
        """Keep the finished uploads whose checksum nobody has compared since."""
        return self.filter(state="FINISHED", is_verified=False, finished_at__lte=finished_before).exclude(sha256="")


class Upload(models.Model):
    """One file that is being uploaded, or was. Its bytes are in storage at `storage_key`, from its first piece on."""

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("Uploading")
        FINISHED = "FINISHED", _("Uploaded")
        CORRUPT = "CORRUPT", _("Damaged on the way")  # the whole is not what its checksum says
        EXPIRED = "EXPIRED", _("Expired")
        REMOVED = "REMOVED", _("Removed")

    id = models.UUIDField(primary_key=True, editable=False)
    # An upload outlives its owner's account: only its row tells where its bytes are, and its movie may need them.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="uploads",
        help_text=_("Empty: the account is deleted."),
    )
    movie = models.ForeignKey(
        "catalog.Movie",
        verbose_name=_("movie"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="uploads",
        help_text=_("Empty: it belongs to no movie yet."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    file_name = models.CharField(_("file name"), max_length=200)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"))
    offset_bytes = models.PositiveBigIntegerField(_("received bytes"), default=0)
    container = models.CharField(_("container"), max_length=20, blank=True, help_text=_("Known once it is uploaded."))
    sha256 = models.CharField(
        max_length=64, blank=True, help_text=_("Of the whole file, in hexadecimal, as its owner declared it.")
    )
    is_verified = models.BooleanField(default=False, help_text=_("The whole file was found to be what sha256 says."))
    storage_key = models.CharField(max_length=200, unique=True)
    # What an object store needs to go on: the id of its multipart upload, and the ETags of the parts.
    parts = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(_("begun"))
    touched_at = models.DateTimeField(_("last piece"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("expires"))

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes: ClassVar = [
            models.Index(fields=["owner", "state"], name="upload_of_owner"),
            models.Index(fields=["expires_at"], condition=Q(state__in=["ACTIVE", "FINISHED"]), name="upload_expiry"),
            models.Index(fields=["-created_at", "-id"], name="upload_newest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(size_bytes__gte=1), name="upload_is_not_empty"),
            models.CheckConstraint(condition=Q(offset_bytes__lte=F("size_bytes")), name="upload_within_its_size"),
            models.CheckConstraint(
                condition=Q(state__in=["ACTIVE", "FINISHED", "CORRUPT", "EXPIRED", "REMOVED"]),
                name="upload_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["FINISHED", "CORRUPT"])
                | (Q(finished_at__isnull=False) & Q(offset_bytes=F("size_bytes"))),
                name="upload_finished_is_whole",
            ),
            models.CheckConstraint(condition=Q(sha256="") | Q(sha256__regex="^[0-9a-f]{64}$"), name="upload_sha256"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def awaits_verification(self) -> bool:
        """Whether its checksum is still to be compared."""
        return bool(self.sha256) and not self.is_verified

    @property
    def percent(self) -> int:
        """How much has arrived; 100 only when all has."""
        return self.offset_bytes * 100 // self.size_bytes
