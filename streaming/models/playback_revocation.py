"""Playback tokens that are void before their time."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PlaybackRevocation(models.Model):
    """Of everything that `subject` names, tokens that were issued before a moment are void.

    The subject is "movie:<id>", "channel:<id>" or "session:<uuid>". Once `expires_at` has passed, all of those tokens
    have expired by themselves, and the row is forgotten.
    """

    subject = models.CharField(_("subject"), max_length=50, primary_key=True)
    issued_before = models.DateTimeField(_("tokens issued before"))
    expires_at = models.DateTimeField(_("forgotten after"))

    class Meta:
        verbose_name = _("playback revocation")
        verbose_name_plural = _("playback revocations")
        # Whoever has it may end what somebody watches.
        default_permissions = ("add",)
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="playback_revocation_expiry")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(subject__regex=r"^((movie|channel):[0-9]{1,19}|session:[0-9a-f-]{36})$"),
                name="playback_revocation_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
