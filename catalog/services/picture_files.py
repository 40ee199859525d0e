"""Files that were made of pictures, from the moment they are written until nothing names them any more.

The row of a file is there before the file is, and goes when a picture claims it: whatever a crash leaves behind is
known, and `tend_artwork` deletes it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.models.artwork import UnclaimedFile


def write_unclaimed(files: Mapping[str, bytes], *, at: datetime) -> None:
    """Write files that nothing names yet."""
    disown(files, at=at)
    for key, content in files.items():
        default_storage.save(key, ContentFile(content))


def disown(keys: Iterable[str], *, at: datetime) -> None:
    """Note that nothing names these files, or will not from the end of this transaction on."""
    UnclaimedFile.objects.bulk_create(
        (UnclaimedFile(key=key, since=at) for key in keys),
        # A worker that was killed is given its task again, and makes the same files.
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["since"],
    )


def claim(keys: Iterable[str]) -> None:
    """Note that a picture names these files."""
    UnclaimedFile.objects.filter(key__in=list(keys)).delete()
