"""Addresses of static files that nobody has built: a page without its style is better than no page."""

from functools import lru_cache

import structlog
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from servestatic.storage import CompressedManifestStaticFilesStorage

logger = structlog.get_logger(__name__)


class PatientStorage(ManifestStaticFilesStorage):
    """Django's hashed names; a file that was not collected keeps its plain name.

    Django would raise, and the page of that error, which names static files too, would raise again: the answer would
    come from the server itself, without a request id and without the headers that keep people safe.
    """

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            _tell_missing(name)
            return name


class PatientCompressedStorage(PatientStorage, CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # servestatic has no types
    """The same, with compressed copies beside the files."""


# Once per name and process: a page names the same dozen each time.
@lru_cache(maxsize=256)
def _tell_missing(name: str) -> None:
    logger.warning("static.not_collected", file=name)
