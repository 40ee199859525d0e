"""The making of a package, as a row that outlives every process."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# No lease and no wait is as long: what lies so far ahead was noted before the clock was set back.
_TOO_FAR_AHEAD = timedelta(minutes=10)


class PackagingJobQuerySet(models.QuerySet["PackagingJob"]):
    def unfinished(self) -> "PackagingJobQuerySet":
        return self.filter(state__in=["QUEUED", "RUNNING"])

    def finished(self) -> "PackagingJobQuerySet":
        return self.exclude(state__in=["QUEUED", "RUNNING"])

    def claimable(self, at: datetime) -> "PackagingJobQuerySet":
        """Keep those that wait for a worker, the most urgent first, and then the one that has waited longest."""
        is_due = Q(not_before__lte=at) | Q(not_before__gt=at + _TOO_FAR_AHEAD)
        return self.filter(is_due, state="QUEUED").order_by("-priority", "queued_at", "pk")

    def lost(self, at: datetime) -> "PackagingJobQuerySet":
        """Keep those whose worker has not been heard of until its lease was over."""
        is_over = Q(lease_expires_at__lte=at) | Q(lease_expires_at__gt=at + _TOO_FAR_AHEAD)
        return self.filter(is_over, state="RUNNING")


class PackagingJob(models.Model):
    """The making of one package of one source: by one worker at a time, which holds a lease and renews it."""

    class State(models.TextChoices):
        QUEUED = "QUEUED", _("Waiting for a worker")
        RUNNING = "RUNNING", _("Running")
        SUCCEEDED = "SUCCEEDED", _("Done")
        FAILED = "FAILED", _("Failed")
        CANCELLED = "CANCELLED", _("Cancelled")

    class Step(models.TextChoices):
        FETCHING = "FETCHING", _("Reading the source")
        PROBING = "PROBING", _("Looking at the source")
        FIRST = "FIRST", _("Making it playable")
        REST = "REST", _("Making the other qualities")
        FINISHING = "FINISHING", _("Finishing")

    class Priority(models.IntegerChoices):
        LOW = 0, _("Low")
        NORMAL = 5, _("Normal")
        HIGH = 10, _("High")

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.ForeignKey(
        "streaming.Source", verbose_name=_("source"), on_delete=models.CASCADE, related_name="jobs"
    )
    package = models.OneToOneField(
        "streaming.Package", verbose_name=_("package"), null=True, on_delete=models.SET_NULL, related_name="job"
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(_("step"), max_length=10, choices=Step.choices, blank=True)
    priority = models.SmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0, help_text=_("How often a worker took it."))
    # Whoever holds the lease is told by this; one that was lost and given anew has another.
    lease = models.UUIDField(null=True, editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(_("worker"), max_length=200, blank=True)
    percent = models.FloatField(_("done, in percent"), default=0)
    speed = models.FloatField(_("speed"), null=True, help_text=_("Seconds of film in a second."))
    time_left_s = models.FloatField(_("seconds left"), null=True)
    probe = models.JSONField(_("what the source is"), null=True)
    plan = models.JSONField(_("plan"), null=True)
    warnings = models.JSONField(_("warnings"), default=list)
    failure_code = models.CharField(_("cause"), max_length=50, blank=True)
    failure_facts = models.JSONField(default=dict)
    log = models.TextField(_("log"), blank=True)
    is_cancel_asked = models.BooleanField(default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    queued_at = models.DateTimeField(_("queued"))
    not_before = models.DateTimeField(_("not before"))
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects: ClassVar[PackagingJobQuerySet] = PackagingJobQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("packaging job")
        verbose_name_plural = _("packaging jobs")
        indexes: ClassVar = [
            models.Index(fields=["-priority", "queued_at"], condition=Q(state="QUEUED"), name="packaging_job_queue"),
            models.Index(fields=["lease_expires_at"], condition=Q(state="RUNNING"), name="packaging_job_leases"),
            models.Index(fields=["-queued_at", "-id"], name="packaging_job_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(state__in=["QUEUED", "RUNNING"]), name="packaging_job_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]),
                name="packaging_job_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="RUNNING", lease__isnull=False, lease_expires_at__isnull=False)
                | (~Q(state="RUNNING") & Q(lease__isnull=True, lease_expires_at__isnull=True)),
                name="packaging_job_lease_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["SUCCEEDED", "FAILED", "CANCELLED"], finished_at__isnull=False)
                | Q(state__in=["QUEUED", "RUNNING"], finished_at__isnull=True),
                name="packaging_job_finished_has_time",
            ),
            models.CheckConstraint(condition=Q(percent__range=(0, 100)), name="packaging_job_percent"),
            models.CheckConstraint(
                condition=~Q(state="FAILED") | ~Q(failure_code=""), name="packaging_job_failure_has_cause"
            ),
            models.CheckConstraint(condition=Q(not_before__gte=F("queued_at")), name="packaging_job_after_queued"),
        ]

    def __str__(self) -> str:
        return str(self.source)
