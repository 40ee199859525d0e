"""Where the files of packages are: a folder of this machine, or a bucket of an object store.

A file is whole or not there at all, whoever looks and whatever is killed meanwhile. Segments never change once they are
written; playlists and indexes are replaced as a whole.
"""

import errno
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from streaming.errors import PackageStorageFull
from streaming.runtime.local_copies import has_room

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UPLOADS_AT_ONCE = 6
# So many segments may wait to be sent: what a connection that is slower than the encoder may take of our memory.
_MOST_WAITING = 12
# How often a wait for the store asks whether it is wanted still.
_TICK_S = 0.5
# Whoever serves packages may be of the portal's group; nobody else may look for paths that nobody can guess.
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750


class SegmentStore(Protocol):
    """Keeps files by their names, which are paths with slashes."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, or replace it.

        Raises PackageStorageFull. Every method of a store that is not on this machine may raise
        PackageStorageUnreachable and PackageStorageRefused, too.
        """

    def read(self, name: str) -> bytes:
        """Return a whole file, which must be small. Raises FileNotFoundError."""

    def list(self, prefix: str) -> Iterator[str]:
        """Yield the names of the files under a folder, in no order."""

    def list_older(self, prefix: str, *, than: datetime) -> Iterator[str]:
        """Yield the names of the files under a folder that were written before that moment."""

    def folders(self, prefix: str) -> Iterator[str]:
        """Yield the names of the folders that are in a folder itself."""

    def remove(self, name: str) -> None:
        """Delete a file; one that is not there is no error."""

    def remove_all(self, names: Iterable[str]) -> int:
        """Delete files, many at once where that is possible; return how many they were."""

    def has_room_for(self, size_bytes: int) -> bool:
        """Tell whether so much fits, with something left for others."""

    def as_local_file(self, name: str, *, check: Callable[[], None]) -> AbstractContextManager[Path]:
        """Return a context manager that gives the path of a file with that content; it may not be written to.

        `check` is called now and then while it is fetched, from any thread, and ends that by raising. Raises OSError if
        the disk of this machine has no room for it, FileNotFoundError.
        """


def _go_on() -> None:
    """Check nothing."""


def default_store() -> SegmentStore:
    """Return the store over Django's default storage."""
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        return FolderStore(Path(storage.location))
    # It brings libraries that take a second to load, and that a folder does not need.
    from streaming.runtime.bucket_store import BucketStore

    return BucketStore(storage, copies=settings.NOVA_DATA_DIR / "fetched")


class FolderStore:
    """Files of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            _make_folder(path.parent)
            with open(draft, "xb", opener=_readable_by_group) as file:
                file.write(content)
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            if error.errno not in FULL:
                raise
            raise PackageStorageFull() from error

    def read(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def list(self, prefix: str) -> Iterator[str]:
        for folder, _, files in os.walk(self._path(prefix)):
            for file in files:
                yield (Path(folder) / file).relative_to(self._root).as_posix()

    def list_older(self, prefix: str, *, than: datetime) -> Iterator[str]:
        for name in self.list(prefix):
            # What has gone meanwhile is of no age.
            with suppress(FileNotFoundError):
                if self._path(name).stat().st_mtime < than.timestamp():
                    yield name

    def folders(self, prefix: str) -> Iterator[str]:
        with suppress(FileNotFoundError), os.scandir(self._path(prefix)) as entries:
            yield from (f"{prefix}/{entry.name}" for entry in entries if entry.is_dir(follow_symlinks=False))

    def remove(self, name: str) -> None:
        path = self._path(name)
        path.unlink(missing_ok=True)
        # Folders that are empty now, but for the uppermost: another worker may be making one in it. The first one that
        # is not empty ends it.
        with suppress(OSError):
            for folder in path.relative_to(self._root).parents[:-2]:
                (self._root / folder).rmdir()

    def remove_all(self, names: Iterable[str]) -> int:
        count = 0
        for name in names:
            self.remove(name)
            count += 1
        return count

    def has_room_for(self, size_bytes: int) -> bool:
        self._root.mkdir(parents=True, exist_ok=True)
        return has_room(self._root, size_bytes)

    @contextmanager
    def as_local_file(self, name: str, *, check: Callable[[], None]) -> Iterator[Path]:
        yield self._path(name)

    def _path(self, name: str) -> Path:
        path = self._root / name
        if ".." in path.parts:
            raise ValueError(f"{name} leads out of the store")
        return path


def _make_folder(folder: Path) -> None:
    """Make it and those above it, each of the same mode."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)


def _readable_by_group(path: str, flags: int) -> int:
    return os.open(path, flags, _FILE_MODE)


class Sender:
    """Writes files side by side, so that a store far away does not make the encoder wait for each of them.

    `settle` returns when everything that was handed over is safe; only then may a playlist name it. `check` is called
    before each write, and forbids it by raising.
    """

    def __init__(self, store: SegmentStore, *, check: Callable[[], None] = _go_on) -> None:
        self._store, self._check = store, check
        self._pool = ThreadPoolExecutor(_UPLOADS_AT_ONCE, thread_name_prefix="segment-sender")
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def send(self, name: str, content: bytes) -> None:
        """Hand over a file; waits while too many others do. Raises what the writing of an earlier one raised."""
        while len(self._waiting) >= _MOST_WAITING:
            self._await_oldest()
        self._waiting.append(self._pool.submit(self._write, name, content))

    def settle(self) -> None:
        """Wait for everything that was handed over. Raises what the writing of any of it raised."""
        while self._waiting:
            self._await_oldest()

    def _await_oldest(self) -> None:
        # A store that does not answer must not keep a job that was cancelled.
        while not wait((self._waiting[0],), timeout=_TICK_S).done:
            self._check()
        self._waiting.popleft().result()

    def _write(self, name: str, content: bytes) -> None:
        self._check()
        if not self._store.has_room_for(len(content)):
            raise PackageStorageFull()
        self._store.write(name, content)
