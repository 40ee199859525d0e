"""What a channel looks like where nothing is on air, in lists, and where its address is shared."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.artwork.frames import SOCIAL_NAME
from streaming.models.channel import Channel

FOLDER = "channel-artwork"
# It is cut and made like the backdrop of a movie.
KIND = "BACKDROP"


class ChannelPicture(models.Model):
    """The picture of a channel, and what was made of it. A channel without one has a generated cover.

    `edition` names the folder of its files, and is drawn by lot: a name never gets another content.
    """

    channel = models.OneToOneField(Channel, verbose_name=_("channel"), on_delete=models.CASCADE, related_name="picture")
    content_hash = models.CharField(max_length=64)
    blurhash = models.CharField(max_length=40)
    edition = models.CharField(max_length=16, unique=True)
    widths = ArrayField(models.PositiveIntegerField())
    formats = ArrayField(models.CharField(max_length=4))
    created_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("picture of a channel")
        verbose_name_plural = _("pictures of channels")
        # Whoever runs the channel may change it.
        default_permissions = ()
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(widths__len__gte=1, formats__len__gte=1), name="channel_picture_has_files"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.edition}"

    def file_names(self) -> tuple[str, ...]:
        names = [f"{width}.{extension}" for width in self.widths for extension in self.formats]
        return (*names, SOCIAL_NAME)

    def file_keys(self) -> tuple[str, ...]:
        """Return where everything that was made of it is stored."""
        return tuple(channel_picture_key(self.channel_id, self.edition, name) for name in self.file_names())


def channel_picture_key(channel_id: int, edition: str, name: str) -> str:
    """Return where a file made of a picture is stored; its address is built of the same parts."""
    return f"{FOLDER}/{channel_id}/{edition}/{name}"
