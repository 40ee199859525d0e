"""What is being made of a movie's files, in the words of those who run the catalogue.

Each app that does something with them registers a reporter from `AppConfig.ready`: the catalogue knows none of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog.models import Upload


class Report(NamedTuple):
    """What is under way. `has_bar`: the movie's own page on the desk shows how far it is, as it goes on."""

    words: str
    has_bar: bool = False


# Tells of some movies, by their ids, what is under way; it says nothing of the others. One query, however many.
Reporter = Callable[[Collection[int]], Mapping[int, Report]]

_reporters: list[Reporter] = []


def register(reporter: Reporter) -> None:
    _reporters.append(reporter)


def progress_of(movie_ids: Collection[int], *, beside_bars: bool = False) -> dict[int, tuple[str, ...]]:
    """Return what is under way, such as "uploading 42 %", for the movies of which there is something to tell.

    `beside_bars` leaves out what has a bar: a number that stands still while its bar goes on would be wrong.
    """
    told: dict[int, list[str]] = defaultdict(list)
    for reporter in (_uploading, *_reporters):
        for movie_id, report in reporter(movie_ids).items():
            if not (beside_bars and report.has_bar):
                told[movie_id].append(report.words)
    return {movie_id: tuple(words) for movie_id, words in told.items()}


def _uploading(movie_ids: Collection[int]) -> dict[int, Report]:
    """Tell how far each upload is; of several of one movie, the latest."""
    uploads = Upload.objects.unfinished().filter(movie__in=movie_ids).order_by("created_at")
    return {
        upload.movie_id: Report(_("uploading %(percent)d %%") % {"percent": upload.percent}, has_bar=True)
        for upload in uploads
        if upload.movie_id is not None
    }
