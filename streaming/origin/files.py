"""Files of packages, read piece by piece. Everything here may wait for a disk or a network: it runs in threads."""

import errno
import os
import stat
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import structlog
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from streaming.errors import PackageStorageUnreachable
from streaming.media.media_types import is_replaced
from streaming.origin.conditions import Version

if TYPE_CHECKING:
    from streaming.runtime.bucket_store import BucketStore

log = structlog.get_logger("nova.media")

# Each piece costs a switch to a thread and back; from a bucket it is a request of its own.
_LEAST_OF_FOLDER_BYTES, _LEAST_OF_BUCKET_BYTES = 64 * 1024, 256 * 1024
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
# What is known of so many objects that never change, a few hundred bytes each.
_MOST_KNOWN = 8192


class MediaFile(Protocol):
    """A file that was found, and its size and version at that moment."""

    @property
    def size(self) -> int: ...

    @property
    def version(self) -> Version: ...

    def read(self, start: int, length: int) -> bytes:
        """Return a part, whole. Raises FileNotFoundError, PackageStorageUnreachable, PackageStorageRefused."""

    def close(self) -> None:
        """Let it go; more than once is no error."""


class MediaFiles(Protocol):
    """Where the files are. `least_piece_bytes` is what is worth to be read at once, however many want something."""

    @property
    def least_piece_bytes(self) -> int: ...

    def open(self, path: str) -> MediaFile:
        """Find a file. Raises FileNotFoundError, PackageStorageUnreachable, PackageStorageRefused."""


def default_files() -> MediaFiles:
    """Return the files of Django's default storage."""
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        return FolderFiles(Path(storage.location))
    # It brings libraries that take a second to load, and that a folder does not need.
    from streaming.runtime.bucket_store import BucketStore

    return BucketFiles(BucketStore(storage, copies=settings.NOVA_DATA_DIR / "fetched"))


class FolderFiles:
    """Files of this machine."""

    least_piece_bytes = _LEAST_OF_FOLDER_BYTES

    def __init__(self, root: Path) -> None:
        self._root = str(root)

    def open(self, path: str) -> "FolderFile":
        try:
            descriptor = os.open(f"{self._root}/{path}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise _named(error) from error
        status = os.fstat(descriptor)
        file = FolderFile(descriptor, status)
        if not stat.S_ISREG(status.st_mode):
            file.close()
            raise FileNotFoundError(path)
        return file


class FolderFile:
    def __init__(self, descriptor: int, status: os.stat_result) -> None:
        self._descriptor = descriptor
        self.size = status.st_size
        self.version = Version(f'"{status.st_mtime_ns:x}-{status.st_size:x}"', int(status.st_mtime))

    def read(self, start: int, length: int) -> bytes:
        try:
            content = os.pread(self._descriptor, length, start)
        except OSError as error:
            raise _named(error) from error
        if len(content) != length:
            log.error("media.file_cut_off", expected_bytes=length, read_bytes=len(content))
            raise PackageStorageUnreachable
        return content

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _named(error: OSError) -> Exception:
    if error.errno in _MISSING:
        return FileNotFoundError(error.errno, "no such file")
    # Its number says whether it is a right that lacks, a disk that fails, or too many files that are open.
    log.error("media.unreadable", error=errno.errorcode.get(error.errno or 0, "unknown"))
    return PackageStorageUnreachable()


class BucketFiles:
    """Objects of a bucket, read by ranges."""

    least_piece_bytes = _LEAST_OF_BUCKET_BYTES

    def __init__(self, store: "BucketStore") -> None:
        self._store = store
        self._known: OrderedDict[str, tuple[int, Version]] = OrderedDict()
        self._lock = Lock()

    def open(self, path: str) -> "BucketFile":
        size, version = self._describe(path)
        return BucketFile(self._store, path, size=size, version=version)

    def _describe(self, path: str) -> tuple[int, Version]:
        """Ask once for what never changes: the second request for a segment costs one round trip, not two."""
        with self._lock:
            if path in self._known:
                self._known.move_to_end(path)
                return self._known[path]
        found = self._store.describe(path)
        described = found.size_bytes, Version(found.etag, int(found.modified_at.timestamp()))
        if not is_replaced(path):
            with self._lock:
                self._known[path] = described
                if len(self._known) > _MOST_KNOWN:
                    self._known.popitem(last=False)
        return described


class BucketFile:
    def __init__(self, store: "BucketStore", path: str, *, size: int, version: Version) -> None:
        self._store, self._path = store, path
        self.size, self.version = size, version

    def read(self, start: int, length: int) -> bytes:
        content = self._store.read_range(self._path, start=start, length=length) if length else b""
        if len(content) != length:
            log.error("media.file_cut_off", expected_bytes=length, read_bytes=len(content))
            raise PackageStorageUnreachable
        return content

    def close(self) -> None:
        """There is nothing to let go: each piece is a request of its own."""
