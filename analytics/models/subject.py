from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Subject(models.Model):
    """What is watched: a movie, a stream, or the portal as a whole. Figures outlive what they are of.

    `name` is "movie:<id>", "stream:<uuid>" or "portal"; `title` what it was called when it was last watched.
    """

    class Kind(models.TextChoices):
        PORTAL = "PORTAL", _("portal")
        MOVIE = "MOVIE", _("movie")
        STREAM = "STREAM", _("stream")

    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=50, unique=True)
    title = models.CharField(_("title"), max_length=255, blank=True)
    movie = models.OneToOneField(
        "catalog.Movie", verbose_name=_("movie"), null=True, on_delete=models.SET_NULL, related_name="audience"
    )
    stream = models.OneToOneField(
        "streaming.Stream", verbose_name=_("stream"), null=True, on_delete=models.SET_NULL, related_name="audience"
    )

    class Meta:
        verbose_name = _("subject of figures")
        verbose_name_plural = _("subjects of figures")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=Q(name__regex=r"^(portal|movie:[0-9]{1,19}|stream:[0-9a-f-]{36})$"), name="subject_name"
            ),
        )

    def __str__(self) -> str:
        return self.title or self.name
