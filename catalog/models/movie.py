"""Movies: what the catalogue is a catalogue of."""

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.codes import LONGEST_LANGUAGE_TAG
from catalog.errors import MovieWasPublished
from catalog.models.queryset import MovieQuerySet
from catalog.models.taxonomy import Genre, Tag
from catalog.slugs import SLUG_PATTERN
from catalog.viewpoints import Viewpoint
from catalog.windows import Availability, availability_at
from portal.texts import check_line, check_prose

FIRST_YEAR = 1888  # Roundhay Garden Scene, the oldest film that survives
LAST_YEAR = 2100
LONGEST_RUNTIME_S = 100 * 3600
LONGEST_SYNOPSIS = 5000
MOST_CODES = 20


class Movie(models.Model):
    """One film, whatever its files: what it is called, what it is about, and who may see it."""

    class Visibility(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")  # in preparation
        HIDDEN = "HIDDEN", _("Hidden")  # taken away from viewers
        UNLISTED = "UNLISTED", _("Unlisted")  # for those who have the address
        PUBLISHED = "PUBLISHED", _("Published")

    class MinimumAge(models.IntegerChoices):
        """From which age on a film may be seen. Boards differ in their letters; years are understood everywhere."""

        ALL = 0, _("All ages")
        AGE_6 = 6, "6+"
        AGE_7 = 7, "7+"
        AGE_10 = 10, "10+"
        AGE_12 = 12, "12+"
        AGE_13 = 13, "13+"
        AGE_14 = 14, "14+"
        AGE_15 = 15, "15+"
        AGE_16 = 16, "16+"
        AGE_18 = 18, "18+"
        AGE_20 = 20, "20+"

    WATCHABLE: ClassVar[Collection[Visibility]] = (Visibility.UNLISTED, Visibility.PUBLISHED)

    title = models.CharField(_("title"), max_length=200, validators=[check_line])
    original_title = models.CharField(_("original title"), max_length=200, blank=True, validators=[check_line])
    slug = models.SlugField(
        _("address"),
        max_length=120,
        unique=True,
        help_text=_("The last part of the movie's address. Earlier ones lead here too."),
    )
    tagline = models.CharField(
        _("tagline"),
        max_length=200,
        blank=True,
        validators=[check_line],
        help_text=_("One line that makes curious."),
    )
    synopsis = models.TextField(_("synopsis"), max_length=LONGEST_SYNOPSIS, blank=True, validators=[check_prose])
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    runtime_s = models.PositiveIntegerField(
        _("running time in seconds"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_RUNTIME_S)],
        help_text=_("Empty: not known yet."),
    )
    countries = ArrayField(
        models.CharField(max_length=2),
        verbose_name=_("countries"),
        blank=True,
        default=list,
        help_text=_("Where it was made; codes such as TH (ISO 3166-1)."),
    )
    languages = ArrayField(
        models.CharField(max_length=LONGEST_LANGUAGE_TAG),
        verbose_name=_("languages"),
        blank=True,
        default=list,
        help_text=_("What is spoken in it; tags such as th or zh-Hant (BCP 47)."),
    )
    minimum_age = models.PositiveSmallIntegerField(
        _("age rating"), null=True, blank=True, choices=MinimumAge.choices, help_text=_("Empty: not rated.")
    )
    trailer_url = models.URLField(
        _("trailer"), max_length=500, blank=True, help_text=_("Where the trailer can be watched; an https address.")
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="movies")
    genres = models.ManyToManyField(Genre, verbose_name=_("genres"), blank=True, related_name="movies")
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.DRAFT)
    published_at = models.DateTimeField(
        _("first published"), null=True, editable=False, help_text=_("Empty: viewers never saw it.")
    )
    first_available_at = models.DateTimeField(
        _("first available"),
        null=True,
        editable=False,
        help_text=_("First moment at which viewers could see it anywhere; what “newest” goes by."),
    )
    is_announced = models.BooleanField(
        _("announced"),
        default=False,
        help_text=_("Viewers are told of it before its window opens, as “coming soon”."),
    )
    created_at = models.DateTimeField(_("created"), editable=False)
    updated_at = models.DateTimeField(_("last changed"), editable=False)
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text=_("Grows by one with each change, so that no change overwrites another.")
    )

    objects: ClassVar[MovieQuerySet] = MovieQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("movie")
        verbose_name_plural = _("movies")
        indexes: ClassVar = [
            models.Index(
                fields=["-first_available_at", "-id"],
                condition=models.Q(visibility="PUBLISHED"),
                name="movie_listed_newest",
            ),
            models.Index(fields=["visibility", "-updated_at"], name="movie_by_visibility"),
            models.Index(fields=["-updated_at", "-id"], name="movie_last_changed"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(title=""), name="movie_has_title"),
            models.CheckConstraint(
                condition=models.Q(slug__regex=SLUG_PATTERN),
                name="movie_slug_format",
                violation_error_message=_("Use lower-case letters, digits and single hyphens."),
            ),
            models.CheckConstraint(
                condition=models.Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                name="movie_year_range",
                violation_error_message=_("There are no films of that year."),
            ),
            models.CheckConstraint(
                condition=models.Q(runtime_s=None) | models.Q(runtime_s__range=(1, LONGEST_RUNTIME_S)),
                name="movie_runtime_positive",
                violation_error_message=_("A running time is positive."),
            ),
            models.CheckConstraint(
                condition=~models.Q(visibility__in=["UNLISTED", "PUBLISHED"]) | models.Q(published_at__isnull=False),
                name="movie_published_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(visibility="DRAFT") | models.Q(published_at=None),
                name="movie_draft_was_never_seen",
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=["DRAFT", "HIDDEN", "UNLISTED", "PUBLISHED"]),
                name="movie_visibility_known",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at=None, first_available_at=None)
                | models.Q(first_available_at__isnull=False, first_available_at__gte=models.F("published_at")),
                name="movie_available_once_published",
            ),
            models.CheckConstraint(
                condition=models.Q(minimum_age=None)
                | models.Q(minimum_age__in=[0, 6, 7, 10, 12, 13, 14, 15, 16, 18, 20]),
                name="movie_minimum_age_known",
            ),
            models.CheckConstraint(
                condition=models.Q(trailer_url="") | models.Q(trailer_url__startswith="https://"),
                name="movie_trailer_is_https",
                violation_error_message=_("Use an address that begins with https://."),
            ),
            models.CheckConstraint(
                condition=models.Q(countries__len__lte=MOST_CODES, languages__len__lte=MOST_CODES),
                name="movie_few_codes",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("catalog:movie-detail", args=[self.slug])

    @property
    def is_watchable(self) -> bool:
        """Whether anybody who has the address may see it."""
        return self.visibility in self.WATCHABLE

    def availability_at(self, viewpoint: Viewpoint) -> Availability:
        """Return what its windows, which should have been prefetched, make of a viewpoint."""
        return availability_at(self.windows.all(), at=viewpoint.at, territory=viewpoint.territory)

    def allowed_visibilities(self) -> tuple[Visibility, ...]:
        """Return what `visibility` may become: what viewers have seen is no draft any more."""
        return tuple(v for v in self.Visibility if v != self.Visibility.DRAFT or self.published_at is None)

    def mark_visibility(self, visibility: Visibility, *, at: datetime) -> None:
        """Set who may see it. The first time that viewers may, `at` becomes its publication date for good.

        Raises MovieWasPublished.
        """
        if visibility not in self.allowed_visibilities():
            raise MovieWasPublished(allowed=self.allowed_visibilities())
        self.visibility = visibility
        if self.is_watchable and self.published_at is None:
            self.published_at = at

    def mark_changed(self, *, at: datetime) -> None:
        self.version += 1
        self.updated_at = at


class MovieSlug(models.Model):
    """An address that a movie has or, while viewers knew it by that, had. No other movie may take it."""

    slug = models.SlugField(max_length=120, unique=True)
    movie = models.ForeignKey(Movie, on_delete=models.CASCADE, related_name="slugs")

    def __str__(self) -> str:
        return self.slug
