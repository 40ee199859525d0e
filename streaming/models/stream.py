from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from streaming.errors import StreamIsOver
from streaming.models.channel import Channel
from streaming.models.stream_key import StreamKey


class StreamQuerySet(models.QuerySet["Stream"]):
    def live(self) -> "StreamQuerySet":
        """Keep those that an encoder feeds, or may come back to."""
        return self.filter(state__in=["PENDING", "ACTIVE"])

    def lost(self, at: datetime) -> "StreamQuerySet":
        """Keep the live ones of which no origin has been heard until its lease was over."""
        return self.live().filter(Q(lease_until=None) | Q(lease_until__lte=at))

    def with_files(self, ended_after: datetime) -> "StreamQuerySet":
        """Keep those whose segments are needed, though they are no package yet, or may never be."""
        return self.filter(Q(ended_at=None) | Q(ended_at__gt=ended_after)).exclude(package_hex="")


class Stream(models.Model):
    """One live session of a channel: from the moment an encoder is admitted to the end of what it sends.

    Its segments lie in storage under `packages/<package_hex>`, as those of films do. While an encoder that was lost may
    come back, the stream stays ACTIVE and `interrupted_at` says since when it waits. The origin that holds it renews
    its lease; the words of `error` tell a broadcaster more than `end_reason` does.
    """

    class State(models.TextChoices):
        PENDING = "PENDING", _("Connected")  # admitted; no media yet
        ACTIVE = "ACTIVE", _("On air")  # media flows
        ENDED = "ENDED", _("Ended")
        ERROR = "ERROR", _("Failed")

    class Phase(models.TextChoices):
        """What viewers are told of it."""

        STARTING = "starting", _("Starting")
        LIVE = "live", _("Live")
        RECONNECTING = "reconnecting", _("Reconnecting")
        ENDED = "ended", _("Ended")
        FAILED = "failed", _("Failed")

    class EndReason(models.TextChoices):
        UNPUBLISHED = "UNPUBLISHED", _("stopped in the encoder")
        DISCONNECTED = "DISCONNECTED", _("connection lost")
        IDLE = "IDLE", _("no media for too long")
        PROTOCOL = "PROTOCOL", _("the encoder broke the protocol")
        KICKED = "KICKED", _("ended by an editor")
        KEY_REVOKED = "KEY_REVOKED", _("its stream key was revoked")
        MEDIA = "MEDIA", _("its picture or sound could not be read")
        SHUTDOWN = "SHUTDOWN", _("the origin was stopped")
        ORIGIN_LOST = "ORIGIN_LOST", _("the origin was lost")
        INTERNAL = "INTERNAL", _("an error on our side")

    LIVE_STATES = (State.PENDING, State.ACTIVE)
    # The others are ordinary ways for a stream to end.
    FAILURES = (EndReason.PROTOCOL, EndReason.MEDIA, EndReason.ORIGIN_LOST, EndReason.INTERNAL)
    # What each state may become; whatever has ended stays as it is.
    _NEXT: ClassVar = {
        State.PENDING: {State.ACTIVE, State.ENDED, State.ERROR},
        State.ACTIVE: {*State} - {State.PENDING},
    }

    id = models.UUIDField(primary_key=True, editable=False)
    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="streams")
    key = models.ForeignKey(StreamKey, verbose_name=_("key"), null=True, on_delete=models.SET_NULL, related_name="+")
    plan = models.ForeignKey(
        "streaming.PlannedStream",
        verbose_name=_("announced as"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="streams",
    )
    # That of its plan at the moment it went on air; "" where the channel's own says it all.
    title = models.CharField(_("title"), max_length=120, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    package_hex = models.CharField(max_length=32, blank=True, editable=False)
    recording = models.OneToOneField(
        "streaming.Package",
        verbose_name=_("recording"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="stream",
    )
    dvr_s = models.PositiveIntegerField(_("seconds that viewers can go back"), default=0)
    is_recorded = models.BooleanField(_("recorded"), default=False)
    # Who may watch it is who might if its channel were private.
    is_test = models.BooleanField(_("test"), default=False)
    started_at = models.DateTimeField(_("connected"))
    active_at = models.DateTimeField(_("on air since"), null=True)
    playable_at = models.DateTimeField(_("playable since"), null=True)
    interrupted_at = models.DateTimeField(_("waiting for its encoder since"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_reason = models.CharField(_("why it ended"), max_length=12, choices=EndReason.choices, blank=True)
    error = models.CharField(_("what went wrong"), max_length=50, blank=True)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_owner = models.CharField(max_length=200, blank=True, editable=False)
    video_codec = models.CharField(_("video"), max_length=48, blank=True, help_text=_("RFC 6381: avc1.640028."))
    width_px = models.PositiveIntegerField(_("width"), null=True)
    height_px = models.PositiveIntegerField(_("height"), null=True)
    audio_codec = models.CharField(_("audio"), max_length=32, blank=True)
    # What viewers can choose: name, width_px, height_px, bitrate_bps of each, the best first.
    qualities = models.JSONField(_("qualities"), default=list)
    # Codes of what the broadcaster should know while it goes on.
    warnings = models.JSONField(_("warnings"), default=list)

    objects: ClassVar[StreamQuerySet] = StreamQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        indexes: ClassVar = [
            models.Index(fields=["channel", "-started_at"], name="stream_by_channel"),
            models.Index(fields=["-started_at", "-id"], name="stream_newest"),
            models.Index(fields=["lease_until"], condition=Q(state__in=["PENDING", "ACTIVE"]), name="stream_leases"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(state__in=["PENDING", "ACTIVE"]),
                name="stream_one_live_a_channel",
            ),
            models.UniqueConstraint(fields=["package_hex"], condition=~Q(package_hex=""), name="stream_own_package"),
            models.CheckConstraint(
                condition=models.Q(state__in=["PENDING", "ACTIVE"], ended_at=None)
                | models.Q(state__in=["ENDED", "ERROR"], ended_at__isnull=False),
                name="stream_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(playable_at=None) | Q(active_at__isnull=False, playable_at__gte=F("active_at")),
                name="stream_playable_after_active",
            ),
            models.CheckConstraint(
                condition=Q(interrupted_at=None) | Q(state="ACTIVE"), name="stream_interrupted_while_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE_STATES

    @property
    def phase(self) -> Phase:
        if self.state == self.State.ERROR:
            return self.Phase.FAILED
        if self.state == self.State.ENDED:
            return self.Phase.ENDED
        if self.interrupted_at is not None:
            return self.Phase.RECONNECTING
        return self.Phase.LIVE if self.playable_at else self.Phase.STARTING

    def may_come_back(self, *, at: datetime, grace: timedelta) -> bool:
        """Tell whether its encoder was lost and may take it up again."""
        return self.interrupted_at is not None and at < self.interrupted_at + grace

    def mark_active(self, *, at: datetime) -> None:
        """Media flows. Raises StreamIsOver."""
        self._become(self.State.ACTIVE)
        self.active_at = self.active_at or at

    def mark_playable(self, *, at: datetime) -> None:
        """Players can start. Raises StreamIsOver."""
        self.mark_active(at=at)
        self.playable_at = self.playable_at or max(at, self.active_at or at)

    def mark_interrupted(self, *, at: datetime) -> None:
        """Its encoder is gone, and may come back. Raises StreamIsOver."""
        self._become(self.State.ACTIVE)
        self.interrupted_at = self.interrupted_at or at

    def mark_resumed(self) -> None:
        """Its encoder is back. Raises StreamIsOver."""
        self._become(self.State.ACTIVE)
        self.interrupted_at = None

    def mark_ended(self, *, reason: EndReason, at: datetime, error: str = "") -> None:
        """No more media comes. Raises StreamIsOver."""
        self._become(self.State.ERROR if reason in self.FAILURES else self.State.ENDED)
        self.end_reason, self.error, self.ended_at = reason, error, at
        self.interrupted_at = self.lease_until = None

    def _become(self, state: State) -> None:
        """Every change of state goes through here."""
        if state not in self._NEXT.get(self.State(self.state), ()):
            raise StreamIsOver(state=self.state)
        self.state = state
