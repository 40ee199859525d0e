"""When, and where, a movie can be seen."""

from datetime import datetime
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Min, Q, Value
from django.utils.translation import gettext_lazy as _

from catalog import windows
from catalog.viewpoints import TERRITORY_PATTERN, Viewpoint

MOST_TERRITORIES = 250


class AvailabilityWindowQuerySet(models.QuerySet["AvailabilityWindow"]):
    def holding_in(self, territory: str | None) -> Self:
        """Keep the windows for everywhere, and those for `territory`."""
        everywhere = Q(territories=[])
        return self.filter(everywhere | Q(territories__contains=[territory]) if territory else everywhere)

    def open(self, viewpoint: Viewpoint) -> Self:
        """Keep the windows through which somebody at `viewpoint` can see their movie."""
        return self.holding_in(viewpoint.territory).filter(
            Q(ends_at=None) | Q(ends_at__gt=viewpoint.at), starts_at__lte=viewpoint.at
        )

    def next_edge(self, at: datetime) -> datetime | None:
        """Return the first moment after `at` at which one of the windows opens or closes; None: there is none."""
        edges = self.aggregate(
            opens=Min("starts_at", filter=Q(starts_at__gt=at)), closes=Min("ends_at", filter=Q(ends_at__gt=at))
        )
        return min((edge for edge in edges.values() if edge is not None), default=None)


class AvailabilityWindow(models.Model):
    """A span of time in which a published movie can be seen, everywhere or in some territories.

    It is half-open: `ends_at` is the first moment at which the movie cannot be seen any more. A movie without windows
    has no limit of time or place.
    """

    movie = models.ForeignKey(
        "catalog.Movie", verbose_name=_("movie"), on_delete=models.CASCADE, related_name="windows"
    )
    starts_at = models.DateTimeField(_("opens"))
    ends_at = models.DateTimeField(_("closes"), null=True, blank=True, help_text=_("Empty: it stays open."))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        help_text=_("In which the editor reads and writes these times, such as Asia/Bangkok."),
    )
    territories = ArrayField(
        models.CharField(max_length=2),
        verbose_name=_("territories"),
        blank=True,
        default=list,
        help_text=_("Codes of countries, such as TH; none: everywhere."),
    )

    objects: ClassVar[AvailabilityWindowQuerySet] = AvailabilityWindowQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("availability window")
        verbose_name_plural = _("availability windows")
        indexes: ClassVar = [models.Index(fields=["movie", "starts_at", "ends_at"], name="window_of_movie")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="window_ends_after_it_starts",
                violation_error_message=_("A window closes after it opens."),
            ),
            models.CheckConstraint(condition=~Q(time_zone=""), name="window_has_time_zone"),
            # A function of our own turns the codes into numbers, as PostgreSQL indexes overlaps of numbers but, without
            # an extension, not of texts. No code at all covers all numbers.
            ExclusionConstraint(
                name="window_overlaps_no_other",
                expressions=[
                    (Func(F("movie_id"), F("movie_id"), Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (
                        Func(F("starts_at"), F("ends_at"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                    (Func(F("territories"), function="catalog_territory_numbers"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("Two windows of one movie are open at the same time in the same place."),
            ),
        ]

    def __str__(self) -> str:
        zone = ZoneInfo(self.time_zone)
        end = f"{self.ends_at.astimezone(zone):%Y-%m-%d %H:%M}" if self.ends_at else "…"
        places = f" ({', '.join(self.territories)})" if self.territories else ""
        return f"{self.starts_at.astimezone(zone):%Y-%m-%d %H:%M} – {end}{places}"

    def is_open(self, at: datetime) -> bool:
        return windows.is_open(self, at)


__all__ = ["MOST_TERRITORIES", "TERRITORY_PATTERN", "AvailabilityWindow", "AvailabilityWindowQuerySet"]
