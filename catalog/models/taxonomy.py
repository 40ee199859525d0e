"""How movies are sorted on the shelves."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.slugs import SLUG_PATTERN


class Genre(models.Model):
    """A kind of film, as viewers would look for it; a movie has any number of them."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("genre")
        verbose_name_plural = _("genres")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="genre_has_name"),
            models.CheckConstraint(
                condition=models.Q(slug__regex=SLUG_PATTERN),
                name="genre_slug_format",
                violation_error_message=_("Use lower-case letters, digits and single hyphens."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
