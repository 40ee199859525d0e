"""Where people left off."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class WatchPosition(models.Model):
    """Where a person left off in a movie; there is no row for what they have not begun, or have finished."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    movie = models.ForeignKey("catalog.Movie", verbose_name=_("movie"), on_delete=models.CASCADE, related_name="+")
    position_s = models.FloatField(_("position in seconds"))
    duration_s = models.FloatField(_("length in seconds"))
    updated_at = models.DateTimeField(_("last watched"))

    class Meta:
        verbose_name = _("watch position")
        verbose_name_plural = _("watch positions")
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["updated_at"], name="watch_position_age")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "movie"], name="watch_position_one_per_movie"),
            models.CheckConstraint(
                condition=Q(position_s__gte=0, duration_s__gt=0), name="watch_position_within_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.movie_id}"
