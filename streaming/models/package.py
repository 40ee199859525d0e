"""What players are given."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PackageQuerySet(models.QuerySet["Package"]):
    def playable(self) -> "PackageQuerySet":
        """Keep those that a player can start: whole ones, and ones that grow."""
        return self.filter(state__in=["GROWING", "READY"])

    def unfinished(self) -> "PackageQuerySet":
        """Keep those that an attempt at a job has begun, and not brought to its end."""
        return self.filter(state__in=["MAKING", "GROWING"])

    def abandoned(self, before: datetime) -> "PackageQuerySet":
        """Keep those that were replaced before that moment, and those that were given up and that nobody could play."""
        return self.filter(Q(retired_at__lte=before) | Q(playable_at=None), state="RETIRED")

    def retire(self, at: datetime) -> int:
        """Let them go; their files stay for a while, for those who are watching."""
        return self.update(state="RETIRED", retired_at=at)


class Package(models.Model):
    """One CMAF version of a source, in storage under `path`, which nobody can guess; its files never change.

    A movie has one READY package at most; the one before it serves until that moment.
    """

    class State(models.TextChoices):
        MAKING = "MAKING", _("Being made")
        GROWING = "GROWING", _("Playable, being made")
        READY = "READY", _("Ready")
        RETIRED = "RETIRED", _("No longer used")  # its files are still there, for those who are watching
        DELETED = "DELETED", _("Deleted")

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.ForeignKey(
        "streaming.Source", verbose_name=_("source"), on_delete=models.PROTECT, related_name="packages"
    )
    movie = models.ForeignKey(
        "catalog.Movie",
        verbose_name=_("movie"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="packages",
        help_text=_("Empty: its source belongs to no movie yet."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.MAKING)
    path = models.CharField(max_length=200, unique=True)
    # What index.json holds: every track with its files, from which playlists and manifests are written anew.
    index = models.JSONField(default=dict, editable=False)
    duration_s = models.FloatField(_("length in seconds"), null=True)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    created_at = models.DateTimeField(_("begun"))
    playable_at = models.DateTimeField(_("playable since"), null=True)
    ready_at = models.DateTimeField(_("ready since"), null=True)
    retired_at = models.DateTimeField(_("no longer used since"), null=True)

    objects: ClassVar[PackageQuerySet] = PackageQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        indexes: ClassVar = [
            models.Index(fields=["movie", "-created_at"], name="package_of_movie"),
            models.Index(fields=["retired_at"], condition=Q(state="RETIRED"), name="package_retired"),
            models.Index(fields=["-created_at", "-id"], name="package_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["movie"], condition=Q(state="READY"), name="package_one_ready_per_movie"),
            models.CheckConstraint(
                condition=Q(state__in=["MAKING", "GROWING", "READY", "RETIRED", "DELETED"]),
                name="package_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["GROWING", "READY"]) | Q(playable_at__isnull=False),
                name="package_playable_since",
            ),
            models.CheckConstraint(
                condition=~Q(state="READY") | Q(ready_at__isnull=False, duration_s__gt=0), name="package_ready_is_whole"
            ),
            models.CheckConstraint(
                condition=~Q(state="RETIRED") | Q(retired_at__isnull=False), name="package_retired_since"
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)
