"""What the dotted names of the audit trail mean to an editor."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTION_LABELS: Mapping[str, str | Promise] = {
    "movie.created": _("Added"),
    "movie.updated": _("Changed"),
    "movie.published": _("Published"),
    "movie.unlisted": _("Taken out of the lists"),
    "movie.hidden": _("Hidden"),
    "movie.returned_to_draft": _("Made a draft again"),
    "movie.scheduled": _("Availability changed"),
    "movie.credited": _("Credits changed"),
    "caption.added": _("Captions added"),
    "caption.updated": _("Captions changed"),
    "caption.retimed": _("Times of captions corrected"),
    "caption.removed": _("Captions removed"),
    "movie.pictured": _("Pictures changed"),
    "movie.source_uploaded": _("Film added"),
    "movie.runtime_measured": _("Length taken from the film"),
    "upload.begun": _("Begun"),
    "upload.finished": _("Uploaded"),
    "upload.expired": _("Expired"),
    "upload.removed": _("Removed"),
    "upload.found_corrupt": _("Found to be damaged"),
    "source.received": _("Received"),
    "source.discarded": _("Discarded"),
    "person.created": _("Added"),
    "person.updated": _("Changed"),
    "person.deleted": _("Removed"),
    "tag.created": _("Added"),
    "tag.renamed": _("Renamed"),
    "tag.merged": _("Merged with another"),
    "genre.created": _("Added"),
    "genre.renamed": _("Renamed"),
}
