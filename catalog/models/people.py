"""Who made the films."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.slugs import SLUG_PATTERN
from portal.texts import check_line, check_prose

LONGEST_BIOGRAPHY = 5000


class Person(models.Model):
    """Somebody who is named in the credits of films."""

    name = models.CharField(_("name"), max_length=120, validators=[check_line])
    original_name = models.CharField(
        _("name in its own script"),
        max_length=120,
        blank=True,
        validators=[check_line],
        help_text=_("Such as อภิชาติพงศ์ วีระเศรษฐกุล."),
    )
    slug = models.SlugField(_("address"), max_length=120, unique=True)
    biography = models.TextField(_("biography"), max_length=LONGEST_BIOGRAPHY, blank=True, validators=[check_prose])
    created_at = models.DateTimeField(_("created"), editable=False)
    updated_at = models.DateTimeField(_("last changed"), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes: ClassVar = [models.Index(fields=["name", "id"], name="person_by_name")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(name=""), name="person_has_name"),
            models.CheckConstraint(
                condition=Q(slug__regex=SLUG_PATTERN),
                name="person_slug_format",
                violation_error_message=_("Use lower-case letters, digits and single hyphens."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:person-detail", args=[self.slug])


class Credit(models.Model):
    """One line of a film's credits: who did what, and in which order the line is billed among those of its role."""

    class Role(models.TextChoices):
        DIRECTOR = "DIRECTOR", _("Director")
        WRITER = "WRITER", _("Writer")
        CAST = "CAST", _("Cast")
        PRODUCER = "PRODUCER", _("Producer")
        CINEMATOGRAPHER = "CINEMATOGRAPHER", _("Cinematographer")
        EDITOR = "EDITOR", _("Editor")
        COMPOSER = "COMPOSER", _("Composer")
        PRODUCTION_DESIGNER = "PRODUCTION_DESIGNER", _("Production designer")
        NARRATOR = "NARRATOR", _("Narrator")

    movie = models.ForeignKey(
        "catalog.Movie", verbose_name=_("movie"), on_delete=models.CASCADE, related_name="credits"
    )
    # Whoever is credited cannot vanish: the credits would lie.
    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="credits")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    character = models.CharField(
        _("character"),
        max_length=120,
        blank=True,
        validators=[check_line],
        help_text=_("Whom somebody of the cast plays."),
    )
    billing = models.PositiveSmallIntegerField(_("billing"), help_text=_("Place among those of the same role, from 1."))

    class Meta:
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["movie", "role", "person", "character"],
                name="credit_once",
                violation_error_message=_("This person has that credit already."),
            ),
            models.UniqueConstraint(fields=["movie", "role", "billing"], name="credit_billing_unique"),
            models.CheckConstraint(condition=Q(billing__gte=1), name="credit_billing_from_one"),
            models.CheckConstraint(
                condition=Q(
                    role__in=[
                        "DIRECTOR",
                        "WRITER",
                        "CAST",
                        "PRODUCER",
                        "CINEMATOGRAPHER",
                        "EDITOR",
                        "COMPOSER",
                        "PRODUCTION_DESIGNER",
                        "NARRATOR",
                    ]
                ),
                name="credit_role_known",
            ),
            models.CheckConstraint(
                condition=Q(character="") | Q(role__in=["CAST", "NARRATOR"]),
                name="credit_character_is_played",
                violation_error_message=_("Only the cast plays characters."),
            ),
        ]

    def __str__(self) -> str:
        played = f" ({self.character})" if self.character else ""
        return f"{self.Role(self.role).label}: {self.person}{played}"
