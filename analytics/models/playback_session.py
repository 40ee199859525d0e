import uuid
from datetime import UTC, date, datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.models.subject import Subject
from analytics.records import INTERVAL_S


def day_of(session_id: uuid.UUID) -> date:
    """Return the day (UTC) on which a session began: it stands in the first 48 bits of its id (RFC 9562 5.7)."""
    return datetime.fromtimestamp((session_id.int >> 80) / 1000, UTC).date()


class PlaybackSession(models.Model):
    """One attempt of somebody to watch something, as its player told of it. A partition a day, by `day`.

    Everything that is counted only grows, as told: a row is written again and again with the largest of each. Lengths
    are in milliseconds.

    Attributes:
        day: the day of `day_of(session)`, so that a session is written to one partition, however long it lasts.
        viewer_key: the same for one viewer for a day; for those who did not let themselves be counted as one, each
            session has its own.
        user: None where nobody had signed in, or that was not to be kept.
        length_ms: of the film; None of what is live, or where nobody told.
        state: of CMCD: s starting, p playing, k seeking, r rebuffering, a paused, e ended, f fatal, q quit.
        interval_s: how often its player was told last to tell, in seconds.
        first_frame_ms: from the wish to play to the first frame; None while none was shown.
        is_renewed: it goes on with what another session of the same player had begun, and is no view of its own.
        bitrate_ms: sum of kbit/s of what was shown, times milliseconds: by `watch_ms` that is the average.
        sections: what was watched, as pairs of positions [from, to) in milliseconds, in the order they were watched.
        score: of viewer experience, 0 to 100, by `score_version`; None while there is none. `score_success` and those
            after it are its parts (analytics.score).
    """

    class EndReason(models.TextChoices):
        ENDED = "ENDED", _("watched to the end")
        QUIT = "QUIT", _("left")
        FAILED = "FAILED", _("failed")
        SILENT = "SILENT", _("not heard of any more")

    pk = models.CompositePrimaryKey("day", "session")
    day = models.DateField()
    session = models.UUIDField()
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="+", db_index=False)
    viewer_key = models.UUIDField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    device = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True)
    length_ms = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=6, choices=EndReason.choices, blank=True)
    state = models.CharField(max_length=1)
    interval_s = models.SmallIntegerField(db_default=INTERVAL_S)
    first_frame_ms = models.IntegerField(null=True)
    watch_ms = models.BigIntegerField(default=0)
    stall_count = models.IntegerField(default=0)
    stall_ms = models.BigIntegerField(default=0)
    seek_ms = models.BigIntegerField(default=0)
    switches_up = models.IntegerField(default=0)
    switches_down = models.IntegerField(default=0)
    dropped_frames = models.IntegerField(default=0)
    received_bytes = models.BigIntegerField(default=0)
    bitrate_ms = models.BigIntegerField(default=0)
    bitrate_kbps = models.IntegerField(null=True)
    quality = models.CharField(max_length=12, blank=True)
    latency_ms = models.IntegerField(null=True)
    errors = models.IntegerField(default=0)
    fatal_code = models.CharField(max_length=32, blank=True)
    is_business = models.BooleanField(default=False)
    is_renewed = models.BooleanField(default=False)
    upscale_average = models.FloatField(null=True)
    upscale_most = models.FloatField(null=True)
    sections = ArrayField(models.IntegerField(), default=list)
    score = models.FloatField(null=True)
    score_version = models.SmallIntegerField(null=True)
    score_success = models.FloatField(null=True)
    score_startup = models.FloatField(null=True)
    score_smoothness = models.FloatField(null=True)
    score_quality = models.FloatField(null=True)

    class Meta:
        verbose_name = _("playback session")
        verbose_name_plural = _("playback sessions")
        default_permissions = ("view",)
        indexes = (
            models.Index(fields=["subject", "started_at"], name="session_subject"),
            models.Index(fields=["user"], name="session_user", condition=models.Q(user__isnull=False)),
            # Who watches now is few of all who ever did. Nothing of it changes while a session goes on.
            models.Index(
                fields=["subject", "started_at", "session"], name="session_open", condition=models.Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return str(self.session)
