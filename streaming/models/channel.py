from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.texts import check_line, check_prose


class Channel(models.Model):
    """A place that a broadcaster streams to; its address stays the same from one stream to the next."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=120, validators=[check_line])
    description = models.TextField(_("description"), blank=True, validators=[check_prose])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="channels"
    )
    created_at = models.DateTimeField(_("created"), editable=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(title=""), name="channel_has_title"),
        ]

    def __str__(self) -> str:
        return self.title
