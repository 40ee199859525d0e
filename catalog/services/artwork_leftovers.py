"""Files of pictures of which no row knows.

The row that tells of a file before a picture claims it goes with the transaction around it: where an editor's form
fails after the files were written, or a process is killed, only looking into storage finds them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from catalog.models import Artwork, UnclaimedFile
from catalog.models.artwork import ORIGINAL_FOLDER, RENDITION_FOLDER

# No transaction takes so long: what is younger may still be claimed.
_CLAIMED_WITHIN = timedelta(days=1)


def sweep_artwork(*, at: datetime) -> int:
    """Delete the old files that no picture has and no row knows of; return how many those were."""
    unknown = [key for key in (*_unknown_renditions(), *_unknown_originals()) if _is_old(key, at)]
    known = set(UnclaimedFile.objects.filter(key__in=unknown).values_list("key", flat=True))
    for key in unknown:
        if key not in known:
            default_storage.delete(key)
    return len(set(unknown) - known)


def _unknown_renditions() -> Iterator[str]:
    editions = set(Artwork.objects.values_list("edition", flat=True))
    for movie in _listed(RENDITION_FOLDER)[0]:
        for edition in set(_listed(movie_folder := f"{RENDITION_FOLDER}/{movie}")[0]) - editions:
            yield from (f"{movie_folder}/{edition}/{name}" for name in _listed(f"{movie_folder}/{edition}")[1])


def _unknown_originals() -> Iterator[str]:
    claimed = set(Artwork.objects.values_list("original_key", flat=True))
    for movie in _listed(ORIGINAL_FOLDER)[0]:
        folder = f"{ORIGINAL_FOLDER}/{movie}"
        yield from (key for name in _listed(folder)[1] if (key := f"{folder}/{name}") not in claimed)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Return the folders and the files in a folder of storage, none if it is not there."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return [], []
    return folders, files


def _is_old(key: str, at: datetime) -> bool:
    return default_storage.get_modified_time(key) < at - _CLAIMED_WITHIN
