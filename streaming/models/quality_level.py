"""The ladder that editors set."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LEAST_SIDE_PX, LARGEST_SIDE_PX = 64, 8192
LEAST_BITRATE_BPS, MOST_BITRATE_BPS = 50_000, 100_000_000


class QualityLevel(models.Model):
    """One rung of the ladder: a picture of this size at most, at this bit rate.

    A film that is wider than 16:9 fills the width, one that is narrower fills the height; none is made larger.
    """

    class Codec(models.TextChoices):
        H264 = "H264", _("H.264: plays everywhere")
        HEVC = "HEVC", _("HEVC: a third smaller, plays on most televisions and on Apple's devices")
        AV1 = "AV1", _("AV1: smaller still, plays in recent browsers; slow to make")

    name = models.CharField(_("name"), max_length=20, unique=True, help_text=_("What viewers choose, such as 720p."))
    codec = models.CharField(_("codec"), max_length=4, choices=Codec.choices, default=Codec.H264)
    width_px = models.PositiveIntegerField(
        _("width"),
        validators=[MinValueValidator(LEAST_SIDE_PX), MaxValueValidator(LARGEST_SIDE_PX)],
        help_text=_("In pixels, at most."),
    )
    height_px = models.PositiveIntegerField(
        _("height"),
        validators=[MinValueValidator(LEAST_SIDE_PX), MaxValueValidator(LARGEST_SIDE_PX)],
        help_text=_("In pixels, at most."),
    )
    bitrate_bps = models.PositiveIntegerField(
        _("bit rate"),
        validators=[MinValueValidator(LEAST_BITRATE_BPS), MaxValueValidator(MOST_BITRATE_BPS)],
        help_text=_("In bits a second, for a picture of this size at 25 or 30 frames a second."),
    )
    is_enabled = models.BooleanField(
        _("in use"), default=True, help_text=_("Films that are packaged from now on get this rung.")
    )

    class Meta:
        verbose_name = _("quality level")
        verbose_name_plural = _("quality levels")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["codec", "width_px", "height_px"], name="quality_level_one_per_size"),
            models.CheckConstraint(condition=Q(codec__in=["H264", "HEVC", "AV1"]), name="quality_level_codec_known"),
            models.CheckConstraint(
                condition=Q(
                    width_px__range=(LEAST_SIDE_PX, LARGEST_SIDE_PX), height_px__range=(LEAST_SIDE_PX, LARGEST_SIDE_PX)
                ),
                name="quality_level_size",
            ),
            models.CheckConstraint(
                condition=Q(bitrate_bps__range=(LEAST_BITRATE_BPS, MOST_BITRATE_BPS)), name="quality_level_bitrate"
            ),
        ]

    def __str__(self) -> str:
        return self.name
