"""How movies are sorted on the shelves."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.slugs import SLUG_PATTERN
from portal.texts import check_line


class Genre(models.Model):
    """A kind of film, as viewers would look for it; a movie has any number of them."""

    name = models.CharField(_("name"), max_length=60, unique=True, validators=[check_line])
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

    def get_absolute_url(self) -> str:
        return reverse("catalog:genre-detail", args=[self.slug])


class Tag(models.Model):
    """A free keyword, such as "heist" or "one location"; made by being used."""

    name = models.CharField(_("name"), max_length=40, unique=True, validators=[check_line])
    slug = models.SlugField(_("address"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(name=""), name="tag_has_name"),
            models.CheckConstraint(
                condition=models.Q(slug__regex=SLUG_PATTERN),
                name="tag_slug_format",
                violation_error_message=_("Use lower-case letters, digits and single hyphens."),
            ),
            models.UniqueConstraint(
                Lower("name"),
                name="tag_name_unique_any_case",
                violation_error_message=_("There is such a tag already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('catalog:movie-list')}?tag={self.slug}"
