"""What the editors' desk says of the sources of a movie."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from streaming.models import Source


def report_sources(movie_ids: Collection[int]) -> dict[int, str]:
    """Return in words where the latest source of each movie stands, by the movie's id."""
    words = {
        Source.State.VERIFYING: _("uploaded, being compared with its checksum"),
        Source.State.WAITING: _("uploaded, waiting to be packaged"),
    }
    sources = Source.objects.filter(movie__in=movie_ids, state__in=words).order_by("created_at")
    return {movie_id: words[Source.State(state)] for movie_id, state in sources.values_list("movie_id", "state")}
