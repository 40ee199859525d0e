from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from streaming.errors import StreamIsOver
from streaming.models.channel import Channel
from streaming.models.stream_key import StreamKey


class Stream(models.Model):
    """One live session of a channel: from the moment an encoder is admitted to the end of what it sends."""

    class State(models.TextChoices):
        PENDING = "PENDING", _("Connected")  # admitted; no media yet
        ACTIVE = "ACTIVE", _("On air")  # media flows
        ENDED = "ENDED", _("Ended")
        ERROR = "ERROR", _("Failed")

    class EndReason(models.TextChoices):
        UNPUBLISHED = "UNPUBLISHED", _("stopped in the encoder")
        DISCONNECTED = "DISCONNECTED", _("connection lost")
        IDLE = "IDLE", _("no media for too long")
        PROTOCOL = "PROTOCOL", _("the encoder broke the protocol")
        KICKED = "KICKED", _("ended by an editor")
        SHUTDOWN = "SHUTDOWN", _("the origin was stopped")
        ORIGIN_LOST = "ORIGIN_LOST", _("the origin was lost")
        INTERNAL = "INTERNAL", _("an error on our side")

    LIVE_STATES = (State.PENDING, State.ACTIVE)
    # The others are ordinary ways for a stream to end.
    FAILURES = (EndReason.PROTOCOL, EndReason.ORIGIN_LOST, EndReason.INTERNAL)

    id = models.UUIDField(primary_key=True, editable=False)
    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="streams")
    key = models.ForeignKey(StreamKey, verbose_name=_("key"), null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    started_at = models.DateTimeField(_("connected"))
    active_at = models.DateTimeField(_("on air since"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_reason = models.CharField(_("why it ended"), max_length=12, choices=EndReason.choices, blank=True)
    video_codec = models.CharField(_("video"), max_length=48, blank=True, help_text=_("RFC 6381: avc1.640028."))
    width_px = models.PositiveIntegerField(_("width"), null=True)
    height_px = models.PositiveIntegerField(_("height"), null=True)
    audio_codec = models.CharField(_("audio"), max_length=32, blank=True)

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        indexes: ClassVar = [models.Index(fields=["channel", "-started_at"], name="stream_by_channel")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(state__in=["PENDING", "ACTIVE"]),
                name="stream_one_live_a_channel",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["PENDING", "ACTIVE"], ended_at=None)
                | models.Q(state__in=["ENDED", "ERROR"], ended_at__isnull=False),
                name="stream_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE_STATES

    def mark_active(self, *, at: datetime) -> None:
        """Media flows. Raises StreamIsOver."""
        self._require_live()
        self.state, self.active_at = self.State.ACTIVE, self.active_at or at

    def mark_ended(self, *, reason: EndReason, at: datetime) -> None:
        """No more media comes. Raises StreamIsOver."""
        self._require_live()
        self.state = self.State.ERROR if reason in self.FAILURES else self.State.ENDED
        self.end_reason, self.ended_at = reason, at

    def _require_live(self) -> None:
        if not self.is_live:
            raise StreamIsOver(state=self.state)
