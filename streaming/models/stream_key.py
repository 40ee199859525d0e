import hashlib
import hmac
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from streaming.models.channel import Channel


class StreamKeyQuerySet(models.QuerySet["StreamKey"]):
    def usable(self, at: datetime) -> "StreamKeyQuerySet":
        """Keep the keys that admit a publisher at `at`."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=at), revoked_at=None)


class StreamKey(models.Model):
    """A secret that lets an encoder publish to one channel. Kept as a hash; the prefix tells keys apart."""

    channel = models.ForeignKey(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="keys")
    label = models.CharField(_("label"), max_length=80, help_text=_("Which encoder uses it: “OBS at home”."))
    prefix = models.CharField(_("begins with"), max_length=12, unique=True, editable=False)
    # The secret has 192 random bits: a plain hash cannot be searched, and a slow one would cost each publish.
    secret_sha256 = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, help_text=_("Empty: never."))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    objects: ClassVar[StreamKeyQuerySet] = StreamKeyQuerySet.as_manager()  # type: ignore[assignment]  # its stub says Manager

    class Meta:
        verbose_name = _("stream key")
        verbose_name_plural = _("stream keys")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.label})"

    def matches(self, secret: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.secret_sha256, hash_secret(secret))

    def is_usable(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def hash_secret(secret: str) -> str:
    """Return what is stored of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()
