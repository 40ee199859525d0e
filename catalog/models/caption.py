"""What is said in a movie, to be read."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.captions.reading import Format
from catalog.codes import LONGEST_LANGUAGE_TAG, language_name, language_own_name
from portal.texts import check_line

LONGEST_LABEL = 100
# Forty languages in three kinds; more than any film has.
MOST_CAPTIONS = 120


class CaptionQuerySet(models.QuerySet["Caption"]):
    def without_text(self) -> Self:
        """Leave the words in the database: a list of captions needs none of them."""
        return self.defer("webvtt")

    def in_order(self) -> Self:
        return self.order_by("language", "kind", "pk")


class Caption(models.Model):
    """One text of a movie in one language, checked and in the one format that players read.

    The text is in the row, and no file: it is small (2 MB at most, some 100 KB as a rule), and so it is saved, backed
    up and removed with the movie, in the same transaction, and read only through the doors that guard the movie.
    """

    class Kind(models.TextChoices):
        SUBTITLES = "SUBTITLES", _("Subtitles")  # what is spoken, for those who hear but do not understand it
        CAPTIONS = "CAPTIONS", _("Captions")  # sounds and speakers too, for those who do not hear
        FORCED = "FORCED", _("Forced")  # only what the film does not say in its own language; always shown

    class SourceFormat(models.TextChoices):
        SRT = Format.SRT.value, "SubRip"
        WEBVTT = Format.WEBVTT.value, "WebVTT"
        ASS = Format.ASS.value, "ASS"
        TTML = Format.TTML.value, "TTML"

    movie = models.ForeignKey(
        "catalog.Movie", verbose_name=_("movie"), on_delete=models.CASCADE, related_name="captions"
    )
    language = models.CharField(
        _("language"), max_length=LONGEST_LANGUAGE_TAG, help_text=_("A tag such as th or zh-Hant (BCP 47).")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.SUBTITLES)
    label = models.CharField(
        _("label"),
        max_length=LONGEST_LABEL,
        validators=[check_line],
        help_text=_("What viewers choose by in the player."),
    )
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Shown to viewers who have not chosen; one of a movie at most.")
    )
    webvtt = models.TextField(_("text"))
    cue_count = models.PositiveIntegerField(_("cues"))
    warnings = models.JSONField(
        _("warnings"), default=list, blank=True, help_text=_("The first of them: code, line, cue and values of each.")
    )
    warning_count = models.PositiveIntegerField(_("number of warnings"), default=0)
    source_format = models.CharField(_("format of the file"), max_length=6, choices=SourceFormat.choices)
    source_encoding = models.CharField(_("encoding of the file"), max_length=40)
    created_at = models.DateTimeField(_("created"), editable=False)
    updated_at = models.DateTimeField(_("last changed"), editable=False)

    objects: ClassVar[CaptionQuerySet] = CaptionQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("caption")
        verbose_name_plural = _("captions")
        # Whoever may change a movie may change its captions.
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["movie", "language", "kind"],
                name="caption_once_per_language_and_kind",
                violation_error_message=_("The movie has captions of this language and kind already."),
            ),
            models.UniqueConstraint(
                fields=["movie"],
                condition=Q(is_default=True),
                name="caption_one_default",
                violation_error_message=_("Another caption of the movie is its default."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["SUBTITLES", "CAPTIONS", "FORCED"]), name="caption_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(source_format__in=[kind.value for kind in Format]), name="caption_source_format_known"
            ),
            models.CheckConstraint(condition=~Q(language=""), name="caption_has_language"),
            models.CheckConstraint(condition=~Q(label=""), name="caption_has_label"),
            models.CheckConstraint(condition=Q(cue_count__gte=1), name="caption_has_cues"),
            models.CheckConstraint(condition=Q(webvtt__startswith="WEBVTT\n\n"), name="caption_is_webvtt"),
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.kind} “{self.label}”"

    @property
    def language_label(self) -> str:
        """The language as the reader calls it."""
        return language_name(self.language)


def default_label(language: str, kind: str) -> str:
    """Return what a caption is called if nobody says: "ไทย", with "[CC]" behind it where sounds are written too."""
    name = language_own_name(language)
    name = name[:1].upper() + name[1:]
    return f"{name} [CC]" if kind == Caption.Kind.CAPTIONS else name
