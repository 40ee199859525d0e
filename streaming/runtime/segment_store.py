"""Where the files of packages are: a folder of this machine, or a bucket of an object store.

A file is whole or not there at all, whoever looks and whatever is killed meanwhile. Segments never change once they are
written; playlists and indexes are replaced as a whole.
"""

import errno
import os
import secrets
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from django.core.files.storage import FileSystemStorage, storages

from streaming.errors import PackageStorageFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BUFFER = 1024 * 1024
_UPLOADS_AT_ONCE = 6
# So many segments may wait to be sent: what a connection that is slower than the encoder may take of our memory.
_MOST_WAITING = 12
# What is left free for others: the database may be on the same disk, and does not survive a full one.
_RESERVE_BYTES = 256 * 1024 * 1024
_TYPES = {
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
    ".vtt": "text/vtt; charset=utf-8",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
}


class SegmentStore(Protocol):
    """Keeps files by their names, which are paths with slashes."""

    def write(self, name: str, content: bytes) -> None:
        """Write a file, or replace it. Raises PackageStorageFull."""

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

    def has_room_for(self, size_bytes: int) -> bool:
        """Tell whether so much fits, with something left for others."""

    def as_local_file(self, name: str, *, check: Callable[[], None] = ...) -> Any:
        """Return a context manager that gives the path of a file with that content; it may not be written to.

        `check` is called now and then while it is fetched, and ends that by raising. Raises PackageStorageFull.
        """


def _go_on() -> None:
    """Check nothing."""


def default_store() -> SegmentStore:
    """Return the store over Django's default storage."""
    storage = storages["default"]
    if isinstance(storage, FileSystemStorage):
        return FolderStore(Path(storage.location))
    return BucketStore(storage)


class FolderStore:
    """Files of this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            if error.errno not in _FULL:
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
        # Folders that are empty now, up to the top; the first one that is not ends it.
        with suppress(OSError):
            for folder in path.relative_to(self._root).parents[:-1]:
                (self._root / folder).rmdir()

    def has_room_for(self, size_bytes: int) -> bool:
        self._root.mkdir(parents=True, exist_ok=True)
        return _has_room(self._root, size_bytes)

    @contextmanager
    def as_local_file(self, name: str, *, check: Callable[[], None] = _go_on) -> Iterator[Path]:
        yield self._path(name)

    def _path(self, name: str) -> Path:
        path = self._root / name
        if ".." in path.parts:
            raise ValueError(f"{name} leads out of the store")
        return path


class BucketStore:
    """Objects of a store that speaks S3."""

    def __init__(self, storage: Any) -> None:
        self._storage: Any = storage
        self._client = storage.connection.meta.client

    def write(self, name: str, content: bytes) -> None:
        self._client.put_object(**self._place(name), Body=content, ContentType=media_type(name))

    def read(self, name: str) -> bytes:
        try:
            content: bytes = self._client.get_object(**self._place(name))["Body"].read()
        except self._client.exceptions.NoSuchKey as error:
            raise FileNotFoundError(name) from error
        return content

    def list(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix):
            yield from (self._name(found["Key"]) for found in page.get("Contents", ()))

    def list_older(self, prefix: str, *, than: datetime) -> Iterator[str]:
        for page in self._pages(prefix):
            found = (entry for entry in page.get("Contents", ()) if entry["LastModified"].astimezone(UTC) < than)
            yield from (self._name(entry["Key"]) for entry in found)

    def folders(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix, Delimiter="/"):
            yield from (self._name(found["Prefix"]).rstrip("/") for found in page.get("CommonPrefixes", ()))

    def remove(self, name: str) -> None:
        self._client.delete_object(**self._place(name))

    def has_room_for(self, size_bytes: int) -> bool:
        return True

    @contextmanager
    def as_local_file(self, name: str, *, check: Callable[[], None] = _go_on) -> Iterator[Path]:
        """Bring it here, a buffer at a time: FFmpeg jumps about in a film, and each jump would be a request."""
        with tempfile.TemporaryDirectory(prefix="nova-source-") as folder:
            path = Path(folder) / Path(name).name
            if not _has_room(path.parent, self._storage.size(name)):
                raise PackageStorageFull()
            with self._storage.open(name, "rb") as stored, path.open("wb") as file:
                for block in iter(partial(stored.read, _BUFFER), b""):
                    check()
                    file.write(block)
            yield path

    def _pages(self, prefix: str, **options: str) -> Iterator[Any]:
        place = self._place(prefix.rstrip("/") + "/")
        pages: Iterator[Any] = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=place["Bucket"], Prefix=place["Key"], **options
        )
        return pages

    def _name(self, key: str) -> str:
        return key[len(self._place("")["Key"]) :]

    def _place(self, name: str) -> dict[str, str]:
        prefix = self._storage.location.strip("/")
        return {"Bucket": self._storage.bucket_name, "Key": f"{prefix}/{name}" if prefix else name}


def _has_room(folder: Path, size_bytes: int) -> bool:
    return shutil.disk_usage(folder).free > size_bytes + _RESERVE_BYTES


def media_type(name: str) -> str:
    """Return the media type of a file of a package by its name."""
    return _TYPES.get(Path(name).suffix, "application/octet-stream")


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
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._write, name, content))

    def settle(self) -> None:
        """Wait for everything that was handed over. Raises what the writing of any of it raised."""
        while self._waiting:
            self._waiting.popleft().result()

    def _write(self, name: str, content: bytes) -> None:
        self._check()
        if not self._store.has_room_for(len(content)):
            raise PackageStorageFull()
        self._store.write(name, content)
