from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from portal.texts import check_line, check_prose
from streaming.models.channel import Channel
from streaming.models.stream import Stream

# Broadcasters begin early, to see that all is well, and late. What begins further from the announced moment is another
# broadcast; what has not begun by then will not.
AROUND = timedelta(hours=1)
LONGEST_DESCRIPTION = 2000


class PlannedStreamQuerySet(models.QuerySet["PlannedStream"]):
    def near(self, at: datetime) -> "PlannedStreamQuerySet":
        """Keep those that a stream which goes on air at `at` may carry out."""
        return self.filter(cancelled_at=None, starts_at__range=(at - AROUND, at + AROUND))

    def coming_up(self, at: datetime) -> "PlannedStreamQuerySet":
        """Keep those that viewers can still wait for.

        A broadcast that was over before the announced moment, such as one to see that all is well, was not yet it.
        """
        streams = Stream.objects.filter(channel=OuterRef("channel"), active_at__isnull=False, is_test=False)
        has_begun = Exists(streams.live().filter(plan=OuterRef("pk")))
        was_on_air = Exists(streams.filter(Q(ended_at=None) | Q(ended_at__gte=OuterRef("starts_at"))))
        return self.filter(cancelled_at=None, starts_at__gt=at - AROUND).exclude(
            has_begun | (Q(starts_at__lte=at) & was_on_air)
        )


class PlannedStream(models.Model):
    """A broadcast that is announced: viewers of its channel are told what will begin, and when.

    The stream that carries it out, or each of them where one broke off, names it as its `plan`.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="plans")
    title = models.CharField(_("title"), max_length=120, validators=[check_line])
    description = models.TextField(
        _("description"), blank=True, max_length=LONGEST_DESCRIPTION, validators=[check_prose]
    )
    starts_at = models.DateTimeField(_("begins"))
    created_at = models.DateTimeField(_("announced"), editable=False)
    cancelled_at = models.DateTimeField(_("called off"), null=True, editable=False)

    objects: ClassVar[PlannedStreamQuerySet] = PlannedStreamQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("announced broadcast")
        verbose_name_plural = _("announced broadcasts")
        indexes: ClassVar = [
            models.Index(fields=["starts_at", "id"], condition=Q(cancelled_at=None), name="planned_stream_next"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(title=""), name="planned_stream_has_title"),
            models.UniqueConstraint(
                fields=["channel", "starts_at"], condition=Q(cancelled_at=None), name="planned_stream_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.title
