"""What the editors' desk says of the sources of a movie."""

from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _

from catalog.uploads.sources import SourceLine
from streaming.models import Source

_MOST_LINES = 100


def report_sources(movie_ids: Collection[int]) -> dict[int, str]:
    """Return in words where the latest source of each movie stands, by the movie's id."""
    words = {
        Source.State.VERIFYING: _("uploaded, being compared with its checksum"),
        Source.State.WAITING: _("uploaded, waiting to be packaged"),
    }
    sources = Source.objects.filter(movie__in=movie_ids, state__in=words).order_by("created_at")
    return {movie_id: words[Source.State(state)] for movie_id, state in sources.values_list("movie_id", "state")}


def list_sources(movie_id: int) -> Iterator[SourceLine]:
    """Yield the sources of a movie that there still are, the latest first."""
    sources = Source.objects.filter(movie=movie_id).exclude(state=Source.State.DISCARDED)
    for source in sources.order_by("-created_at", "-id")[:_MOST_LINES]:
        yield SourceLine(
            file_name=source.file_name,
            size_bytes=source.size_bytes,
            state_words=source.get_state_display(),
            uploaded_at=source.created_at,
        )
