from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.models.subject import Subject


class RetentionEdge(models.Model):
    """Where sections that were watched of a movie begin and end, added up: the curve is the running sum.

    `bucket` is a hundredth of the film, 0 to 100. At the first bucket of a section one is added, behind its last one
    taken away: to `views` for each section, to `viewers` for each part of the film that a session has seen at all.
    """

    pk = models.CompositePrimaryKey("subject_id", "day", "bucket")
    subject = models.ForeignKey(
        Subject, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    bucket = models.SmallIntegerField()
    views = models.IntegerField(default=0)
    viewers = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("edge of a retention curve")
        verbose_name_plural = _("edges of retention curves")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.subject_id} {self.day} {self.bucket}"
