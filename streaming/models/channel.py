from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.texts import check_line, check_prose

# Players need a few segments to start from; a playlist of more than three hours is too long for some of them.
LEAST_DVR_S, DEFAULT_DVR_S, MOST_DVR_S = 30, 3600, 3 * 3600


class Channel(models.Model):
    """A place that a broadcaster streams to; its address stays the same from one stream to the next."""

    class Visibility(models.TextChoices):
        PUBLIC = "PUBLIC", _("Public: listed, and anybody watches")
        UNLISTED = "UNLISTED", _("Unlisted: who has the address watches")
        PRIVATE = "PRIVATE", _("Private: the owner and the desk watch")

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=120, validators=[check_line])
    description = models.TextField(_("description"), blank=True, validators=[check_prose])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), on_delete=models.PROTECT, related_name="channels"
    )
    visibility = models.CharField(
        _("who may watch"), max_length=8, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    dvr_s = models.PositiveIntegerField(
        _("seconds that viewers can go back"),
        default=DEFAULT_DVR_S,
        validators=[MinValueValidator(LEAST_DVR_S), MaxValueValidator(MOST_DVR_S)],
        help_text=_("From 30 to 10800; holds for streams that begin from now on."),
    )
    is_recorded = models.BooleanField(
        _("record streams"), default=True, help_text=_("Each stream becomes the draft of a movie when it has ended.")
    )
    created_at = models.DateTimeField(_("created"), editable=False)
    # Streams that begin before it are tests.
    test_until = models.DateTimeField(_("what begins is a test until"), null=True, editable=False)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(title=""), name="channel_has_title"),
            models.CheckConstraint(
                condition=models.Q(visibility__in=["PUBLIC", "UNLISTED", "PRIVATE"]), name="channel_visibility_known"
            ),
            models.CheckConstraint(
                condition=models.Q(dvr_s__range=(LEAST_DVR_S, MOST_DVR_S)), name="channel_dvr_within_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title
