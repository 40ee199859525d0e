"""What is being made of a movie's files, in the words of those who run the catalogue.

Each app that does something with them registers a reporter from `AppConfig.ready`: the catalogue knows none of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from django.utils.translation import gettext as _

from catalog.models import Upload

# Tells of some movies, by their ids, what is under way; it says nothing of the others. One query, however many.
Reporter = Callable[[Collection[int]], Mapping[int, str]]

_reporters: list[Reporter] = []


def register(reporter: Reporter) -> None:
    _reporters.append(reporter)


def progress_of(movie_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return what is under way, such as "uploading 42 %", for the movies of which there is something to tell."""
    told: dict[int, list[str]] = defaultdict(list)
    for report in (_uploading, *_reporters):
        for movie_id, words in report(movie_ids).items():
            told[movie_id].append(words)
    return {movie_id: tuple(words) for movie_id, words in told.items()}


def _uploading(movie_ids: Collection[int]) -> dict[int, str]:
    """Tell how far each upload is; of several of one movie, the latest."""
    uploads = Upload.objects.unfinished().filter(movie__in=movie_ids).order_by("created_at")
    return {
        upload.movie_id: _("uploading %(percent)d %%") % {"percent": upload.percent}
        for upload in uploads
        if upload.movie_id is not None
    }
