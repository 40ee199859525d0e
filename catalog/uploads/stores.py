"""Where the bytes of an upload go, piece by piece: a file that grows, or the parts of a multipart object.

Both take a piece only at the offset that the upload's row names, and neither tells the row: the service writes that
after the piece is safe. Whatever a crash leaves behind the row's offset is overwritten by the next piece; where there
is less than the row says, the store says so rather than to fill the gap.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from django.core.files.storage import FileSystemStorage, storages
from django.utils.translation import gettext_lazy as _

from catalog.models import Upload
from catalog.uploads.faults import UploadRefused, UploadStorageFull

# How much of a piece is held at a time.
_BUFFER = 256 * 1024
# And of a film that is read as a whole: each is a request of its own where films are in a bucket.
_READ_AT_ONCE = 8 * 1024 * 1024
# Amazon's limits for multipart uploads: the least of a part that is not the last, and the most of them.
S3_LEAST_PART = 5 * 1024 * 1024
S3_MOST_PARTS = 10_000
# The disk, the owner's share of it, or the file system's largest file is full.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

Taken = Callable[[bytes], None]


class PiecesLost(Exception):
    """Raised when bytes that the row counts are not in storage any more: nothing can be added to what is left."""


class Store(Protocol):
    """Takes pieces and makes a whole of them."""

    def write_piece(self, upload: Upload, read: Callable[[int], bytes], *, most: int, taken: Taken) -> int:
        """Write what `read` gives, at most `most` bytes, at the upload's offset; return how many it was.

        `taken` sees each buffer as it is written. Sets `upload.parts` where the store needs to remember something.

        Raises PiecesLost, UploadStorageFull, UploadRefused.
        """

    def forget_piece(self, upload: Upload) -> None:
        """Undo the last piece, which turned out to be corrupt and is in no row yet."""

    def complete(self, upload: Upload) -> None:
        """Make one whole of the pieces; once more does no harm."""

    def remove(self, upload: Upload) -> None:
        """Delete whatever there is of it."""

    def has_room_for(self, size_bytes: int) -> bool: ...

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Return so many bytes of a file from there on, fewer or none where it ends."""


def default_store() -> Store:
    """Return the store over Django's default storage."""
    storage = storages["default"]
    return LocalStore(storage) if isinstance(storage, FileSystemStorage) else ObjectStore(storage)


def read_head(key: str, length: int) -> bytes:
    """Return how a stored file begins."""
    return default_store().read_range(key, 0, length)


def read_whole(key: str) -> Iterator[bytes]:
    """Yield a stored file in buffers."""
    store, place = default_store(), 0
    while buffer := store.read_range(key, place, _READ_AT_ONCE):
        yield buffer
        place += len(buffer)


class LocalStore:
    """A file that grows at its final place: nothing has to be moved when it is whole."""

    def __init__(self, storage: FileSystemStorage) -> None:
        self._storage = storage

    def write_piece(self, upload: Upload, read: Callable[[int], bytes], *, most: int, taken: Taken) -> int:
        try:
            with self._open(upload) as file:
                # Truncating a file that is shorter would fill it with zeros.
                if os.fstat(file.fileno()).st_size < upload.offset_bytes:
                    raise PiecesLost()
                file.truncate(upload.offset_bytes)
                file.seek(upload.offset_bytes)
                written = _copy(read, file, most=most, taken=taken)
                # The client forgets a piece that we say we have: a power cut must not take it back.
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            if error.errno not in _FULL:
                raise
            # Half a piece would only keep the disk full.
            self.forget_piece(upload)
            raise UploadStorageFull() from error
        return written

    def forget_piece(self, upload: Upload) -> None:
        # A disk may be too full even for the name of a file.
        with suppress(FileNotFoundError):
            os.truncate(self._path(upload), upload.offset_bytes)

    def complete(self, upload: Upload) -> None:
        """It is whole where it is."""

    def remove(self, upload: Upload) -> None:
        path = self._path(upload)
        path.unlink(missing_ok=True)
        if path.parent.exists() and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def has_room_for(self, size_bytes: int) -> bool:
        folder = Path(self._storage.location)
        folder.mkdir(parents=True, exist_ok=True)
        status = os.statvfs(folder)
        return status.f_bavail * status.f_frsize > size_bytes

    def read_range(self, key: str, start: int, length: int) -> bytes:
        with self._storage.open(key, "rb") as stored:
            stored.seek(start)
            found: bytes = stored.read(length)
        return found

    @contextmanager
    def _open(self, upload: Upload) -> Iterator[IO[bytes]]:
        path = self._path(upload)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Neither "append", which cannot seek, nor "write", which would empty it.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
        with os.fdopen(descriptor, "r+b") as file:
            yield file

    def _path(self, upload: Upload) -> Path:
        return Path(self._storage.path(upload.storage_key))


class ObjectStore:
    """A multipart upload of S3: each piece is one part, and the object appears when all are there.

    A crash in the middle of the very first piece leaves a multipart upload that no row knows of; a rule of the bucket
    (AbortIncompleteMultipartUpload) deletes it.
    """

    def __init__(self, storage: Any) -> None:
        self._storage: Any = storage
        self._client = storage.connection.meta.client

    def write_piece(self, upload: Upload, read: Callable[[int], bytes], *, most: int, taken: Taken) -> int:
        # On disk: pieces of several requests at once would be more than the web server should hold in memory.
        with TemporaryFile() as piece:
            written = _copy(read, piece, most=most, taken=taken)
            if written:
                self._require_enough(upload, written)
                self._send_part(upload, piece)
        return written

    def forget_piece(self, upload: Upload) -> None:
        # The next part of this number replaces it; of the first one no row will remember the multipart upload.
        upload.parts["etags"].pop()
        if not upload.parts["etags"]:
            self._abort(upload)
            upload.parts = {}

    def complete(self, upload: Upload) -> None:
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(upload.parts["etags"], start=1)]
        try:
            self._client.complete_multipart_upload(
                **self._place(upload), UploadId=upload.parts["id"], MultipartUpload={"Parts": parts}
            )
        except self._client.exceptions.NoSuchUpload:
            # We were killed between this call and our row: the object is there already, or it is an error indeed.
            self._client.head_object(**self._place(upload))

    def remove(self, upload: Upload) -> None:
        if upload.parts and upload.state == Upload.State.ACTIVE:
            self._abort(upload)
        self._storage.delete(upload.storage_key)

    def has_room_for(self, size_bytes: int) -> bool:
        return True

    def read_range(self, key: str, start: int, length: int) -> bytes:
        # Not by the storage's own file object, which brings all of a film into memory before it gives a byte.
        place = {"Bucket": self._storage.bucket_name, "Key": self._key(key)}
        try:
            answer = self._client.get_object(**place, Range=f"bytes={start}-{start + length - 1}")
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "InvalidRange":
                raise
            return b""
        found: bytes = answer["Body"].read()
        return found

    def _require_enough(self, upload: Upload, written: int) -> None:
        """Raise UploadRefused for a part that S3 would take now, but would not make a whole of in the end."""
        least = max(S3_LEAST_PART, -(-upload.size_bytes // S3_MOST_PARTS))
        if written < least and upload.offset_bytes + written < upload.size_bytes:
            raise UploadRefused(
                pointer="/Content-Length",
                fault="too_small",
                detail=_("Send at least %(least)d bytes at a time; only the last piece may be smaller.")
                % {"least": least},
            )

    def _send_part(self, upload: Upload, piece: IO[bytes]) -> None:
        upload.parts = upload.parts or {"id": self._begin(upload), "etags": []}
        number = len(upload.parts["etags"]) + 1
        piece.seek(0)
        try:
            answer = self._client.upload_part(
                **self._place(upload), UploadId=upload.parts["id"], PartNumber=number, Body=piece
            )
        except self._client.exceptions.NoSuchUpload as error:
            raise PiecesLost() from error
        upload.parts["etags"].append(answer["ETag"])

    def _abort(self, upload: Upload) -> None:
        # A rule of the bucket may have been faster, or the object is whole and its row was about to say so.
        with suppress(self._client.exceptions.NoSuchUpload):
            self._client.abort_multipart_upload(**self._place(upload), UploadId=upload.parts["id"])

    def _begin(self, upload: Upload) -> str:
        begun: str = self._client.create_multipart_upload(**self._place(upload))["UploadId"]
        return begun

    def _place(self, upload: Upload) -> dict[str, str]:
        return {"Bucket": self._storage.bucket_name, "Key": self._key(upload.storage_key)}

    def _key(self, name: str) -> str:
        prefix = self._storage.location.strip("/")
        return f"{prefix}/{name}" if prefix else name


def _copy(read: Callable[[int], bytes], file: IO[bytes], *, most: int, taken: Taken) -> int:
    """Write what `read` gives to the file, a buffer at a time and at most `most` bytes; return how many it was."""
    written = 0
    while written < most and (buffer := read(min(_BUFFER, most - written))):
        file.write(buffer)
        taken(buffer)
        written += len(buffer)
    return written
