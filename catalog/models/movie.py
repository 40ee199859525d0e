"""Movies: what the catalogue is a catalogue of."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.errors import MovieWasPublished
from catalog.models.taxonomy import Genre
from catalog.slugs import SLUG_PATTERN

if TYPE_CHECKING:
    from portal.models import User

FIRST_YEAR = 1888  # Roundhay Garden Scene, the oldest film that survives
LAST_YEAR = 2100
LONGEST_RUNTIME_S = 100 * 3600
LONGEST_SYNOPSIS = 5000


class MovieQuerySet(models.QuerySet["Movie"]):
    def listed(self, at: datetime) -> "MovieQuerySet":
        """Keep the movies that stand in lists at `at`."""
        return self.filter(visibility=Movie.Visibility.PUBLISHED, published_at__lte=at)

    def watchable(self, at: datetime) -> "MovieQuerySet":
        """Keep the movies that anybody who has their address may see at `at`: the listed and the unlisted."""
        return self.filter(visibility__in=Movie.WATCHABLE, published_at__lte=at)

    def visible_to(self, user: "User | AnonymousUser", at: datetime) -> "MovieQuerySet":
        """Keep the movies whose page `user` may open: all for those who run the catalogue."""
        return self.all() if user.has_perm("catalog.view_movie") else self.watchable(at)

    def matching(self, query: str) -> "MovieQuerySet":
        """Keep the movies that have `query` in a title or in the name of a genre; "" keeps all."""
        if not query:
            return self
        # A subquery and no join: a movie with two such genres is found once.
        by_genre = Genre.objects.filter(movies=models.OuterRef("pk"), name__icontains=query)
        return self.filter(
            models.Q(title__icontains=query) | models.Q(original_title__icontains=query) | models.Exists(by_genre)
        )

    def missing(self, what: str) -> "MovieQuerySet":
        """Keep the movies whose page lacks `what`: "synopsis", "genres" or "runtime". Of anything else, none do."""
        lacks = {
            "synopsis": models.Q(synopsis=""),
            "genres": models.Q(genres=None),
            "runtime": models.Q(runtime_s=None),
        }
        return self.filter(lacks[what]) if what in lacks else self.none()

    def newest_first(self) -> "MovieQuerySet":
        return self.order_by("-published_at", "-pk")


class Movie(models.Model):
    """One film, whatever its files: what it is called, what it is about, and who may see it."""

    class Visibility(models.TextChoices):
        DRAFT = "DRAFT", _("Draft")  # in preparation
        HIDDEN = "HIDDEN", _("Hidden")  # taken away from viewers
        UNLISTED = "UNLISTED", _("Unlisted")  # for those who have the address
        PUBLISHED = "PUBLISHED", _("Published")

    WATCHABLE: ClassVar[Collection[Visibility]] = (Visibility.UNLISTED, Visibility.PUBLISHED)

    title = models.CharField(_("title"), max_length=200)
    original_title = models.CharField(_("original title"), max_length=200, blank=True)
    slug = models.SlugField(
        _("address"),
        max_length=120,
        unique=True,
        help_text=_("The last part of the movie's address. It stays as it is from the first publication on."),
    )
    tagline = models.CharField(_("tagline"), max_length=200, blank=True, help_text=_("One line that makes curious."))
    synopsis = models.TextField(_("synopsis"), max_length=LONGEST_SYNOPSIS, blank=True)
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
    genres = models.ManyToManyField(Genre, verbose_name=_("genres"), blank=True, related_name="movies")
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.DRAFT)
    published_at = models.DateTimeField(
        _("first published"), null=True, editable=False, help_text=_("Empty: viewers never saw it.")
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
                fields=["-published_at", "-id"], condition=models.Q(visibility="PUBLISHED"), name="movie_listed_newest"
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
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("catalog:movie-detail", args=[self.slug])

    @property
    def is_watchable(self) -> bool:
        """Whether anybody who has the address may see it."""
        return self.visibility in self.WATCHABLE

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
