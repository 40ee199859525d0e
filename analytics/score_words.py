"""What a score says, in a sentence."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.score import Part, Score, heaviest_part

_SENTENCES: Mapping[Part, str | Promise] = {
    "success": gettext_lazy(
        "What pulls it down most: playback that fails, or that viewers leave before the first picture. "
        "That costs %(points)s points."
    ),
    "startup": gettext_lazy("What pulls it down most: the wait for the first picture. That costs %(points)s points."),
    "smoothness": gettext_lazy("What pulls it down most: playback that stops to load. That costs %(points)s points."),
    "quality": gettext_lazy(
        "What pulls it down most: pictures that are smaller than the player shows them. That costs %(points)s points."
    ),
}


def score_sentence(score: Score) -> str:
    """Say what pulls a score down most, in the reader's language."""
    heaviest = heaviest_part(score)
    if heaviest is None:
        return _("Nothing pulls it down that viewers would notice.")
    part, points = heaviest
    return str(_SENTENCES[part]) % {"points": round(points)}
