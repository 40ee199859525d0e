"""Addresses of static files that nobody has built: a page without its style is better than no page."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import structlog
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from servestatic.middleware import ServeStaticMiddleware
from servestatic.storage import CompressedManifestStaticFilesStorage

logger = structlog.get_logger(__name__)

# Scripts name the pieces that they fetch later themselves, by names into which the bundler has put a hash.
_PIECE_OF_A_SCRIPT = re.compile(r"/js/chunks/[\w.]+-[A-Z0-9]{8}\.js$")


class PatientStorage(ManifestStaticFilesStorage):
    """Django's hashed names; a file that was not collected keeps its plain name.

    Django would raise, and the page of that error, which names static files too, would raise again: the answer would
    come from the server itself, without a request id and without the headers that keep people safe.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._urls: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """Return the address of a file. What was collected stays as it is, and a page names dozens of files."""
        name = name or ""
        if name in self._urls:
            return self._urls[name]
        url = super().url(name, force)
        if name in self.hashed_files and not settings.DEBUG:
            self._urls[name] = url
        return url

    def is_collected(self, name: str) -> bool:
        """Tell whether there is a file of this name, by its name without a hash."""
        return self.hash_key(self.clean_name(name)) in self.hashed_files

    def stored_name(self, name: str) -> str:
        try:
            return super().stored_name(name)
        except ValueError:
            _tell_missing(name)
            return name


class PatientCompressedStorage(PatientStorage, CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # servestatic has no types
    """The same, with compressed copies beside the files."""


class _HashedFiles(ServeStaticMiddleware):  # type: ignore[misc]  # servestatic has no types
    """ServeStatic, which learns at its start which files never change: those whose name holds a hash."""

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Tell whether what this address leads to is the same for ever."""
        return bool(_PIECE_OF_A_SCRIPT.search(url) or super().immutable_file_test(path, url))

    @staticmethod
    def get_static_url(name: str) -> str | None:
        """Return the address of a file by its name without a hash; None if there is none.

        ServeStatic guesses such a name for every file, so most of them are no file's, and nothing to log.
        """
        if isinstance(staticfiles_storage, PatientStorage) and not staticfiles_storage.is_collected(name):
            return None
        found: str | None = ServeStaticMiddleware.get_static_url(name)
        return found


class StaticFilesMiddleware:
    """Answers for files with ServeStatic, which works on the event loop; no other request goes there for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self.files = _HashedFiles(sync_to_async(get_response))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(self.files.static_prefix):
            return self._get_response(request)
        answered: HttpResponseBase = async_to_sync(self.files)(request)
        return answered


# Once per name and process: a page names the same dozen each time.
@lru_cache(maxsize=256)
def _tell_missing(name: str) -> None:
    logger.warning("static.not_collected", file=name)
