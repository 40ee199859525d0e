"""Figures over time, of one subject each. Rates are in bit/s, lengths in milliseconds unless a name says otherwise.

`qualities` says how many sessions (in a second) or session-seconds (in longer spans) had each quality, by name; of more
than twenty those that most had.
"""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.models.subject import Subject


class MetricSecond(models.Model):
    """One second: a partition a day. Provisional until sealed, 45 s later, when all that players tell has come.

    Attributes:
        viewers: people; one who watches twice counts once. `sessions` counts their players.
        rebuffering: how many sessions waited for media.
        ingress_bps: what the encoder sent; None where there is none, and where the origin said nothing.
        egress_bps: what players received.
        shown_bps: bit rate of what was shown, averaged over sessions; None where nobody told.
        latency_ms: of live players, averaged; None where nobody told.
    """

    pk = models.CompositePrimaryKey("subject_id", "at")
    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    viewers = models.IntegerField()
    sessions = models.IntegerField()
    joins = models.IntegerField(default=0)
    leaves = models.IntegerField(default=0)
    rebuffering = models.IntegerField(default=0)
    errors = models.IntegerField(default=0)
    ingress_bps = models.BigIntegerField(null=True)
    egress_bps = models.BigIntegerField(default=0)
    shown_bps = models.IntegerField(null=True)
    latency_ms = models.IntegerField(null=True)
    qualities: Any = models.JSONField(default=dict)
    is_sealed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("figures of a second")
        verbose_name_plural = _("figures of seconds")
        default_permissions = ("view",)
        # They are written in the order of their time: for a minute of all subjects it finds the few pages.
        indexes = (BrinIndex(fields=["at"], name="metric_second_at", pages_per_range=32),)

    def __str__(self) -> str:
        return f"{self.subject_id} {self.at:%H:%M:%S}"


class _Span(models.Model):
    """A span of sealed seconds.

    Attributes:
        seconds: how many of its seconds have figures.
        viewers_sum: of the viewers of its seconds: by `seconds` that is the average, and by itself the viewer-seconds.
    """

    pk = models.CompositePrimaryKey("subject_id", "at")
    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    seconds = models.IntegerField()
    viewers_sum = models.BigIntegerField()
    viewers_peak = models.IntegerField()
    sessions_peak = models.IntegerField()
    joins = models.IntegerField()
    leaves = models.IntegerField()
    rebuffering_sum = models.BigIntegerField()
    errors = models.IntegerField()
    ingress_bps = models.BigIntegerField(null=True)
    egress_bps = models.BigIntegerField()
    shown_bps = models.IntegerField(null=True)
    latency_ms = models.IntegerField(null=True)
    qualities: Any = models.JSONField(default=dict)

    class Meta:
        abstract = True


class MetricMinute(_Span):
    """A minute of sealed seconds; a partition a month, kept for 13 months."""

    class Meta:
        verbose_name = _("figures of a minute")
        verbose_name_plural = _("figures of minutes")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.subject_id} {self.at:%d %H:%M}"


class MetricHour(_Span):
    """An hour; kept for ever."""

    class Meta:
        verbose_name = _("figures of an hour")
        verbose_name_plural = _("figures of hours")
        default_permissions = ()
        indexes = (models.Index(fields=["at", "subject"], name="metric_hour_at"),)

    def __str__(self) -> str:
        return f"{self.subject_id} {self.at:%Y-%m-%d %H}"


class MetricDay(models.Model):
    """What the sessions that began on a day (UTC) came to, of those that are over; kept for ever.

    Attributes:
        viewers: how many people they were of.
        plays: sessions that showed a frame; `exits` those that ended before, by the viewer's will, `failures` those
            that failed, before or after, and `drops` those of which nothing was heard any more.
        startup_ms: sum over plays.
        scores: sum of the scores of `scored` sessions, by `score_version` of the score's code; `success_scores` that of
            the part which all of them have, `startup_scores` and `smoothness_scores` of those `started_scored`, and
            `quality_scores` of those `quality_scored`.
    """

    pk = models.CompositePrimaryKey("subject_id", "day")
    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    views = models.IntegerField(default=0)
    viewers = models.IntegerField(default=0)
    plays = models.IntegerField(default=0)
    exits = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    drops = models.IntegerField(default=0)
    startup_ms = models.BigIntegerField(default=0)
    watch_ms = models.BigIntegerField(default=0)
    stall_ms = models.BigIntegerField(default=0)
    stall_count = models.BigIntegerField(default=0)
    received_bytes = models.BigIntegerField(default=0)
    scores = models.FloatField(default=0)
    scored = models.IntegerField(default=0)
    success_scores = models.FloatField(default=0)
    startup_scores = models.FloatField(default=0)
    smoothness_scores = models.FloatField(default=0)
    started_scored = models.IntegerField(default=0)
    quality_scores = models.FloatField(default=0)
    quality_scored = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("figures of days")
        default_permissions = ()
        indexes = (models.Index(fields=["day", "subject"], name="metric_day_day"),)

    def __str__(self) -> str:
        return f"{self.subject_id} {self.day}"
