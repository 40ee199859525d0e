"""Files of packages as objects of a bucket, of any store that speaks S3."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]  # none of them has stubs
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
from s3transfer.exceptions import (  # type: ignore[import-untyped]
    RetriesExceededError,
    S3DownloadFailedError,
    S3ValidationError,
)

from streaming.errors import PackageStorageFull, PackageStorageRefused, PackageStorageUnreachable
from streaming.media.media_types import is_replaced, media_type
from streaming.runtime.local_copies import local_copy

log = structlog.get_logger("nova.packaging")
# What S3 deletes at once.
_MOST_AT_ONCE = 1000
_FOR_EVER, _NEVER = "public, max-age=31536000, immutable", "no-cache"
# The wait for a film that is fetched is a wait for its first picture: several parts come at once, each in small blocks
# that do not pile up in memory.
_FETCH = TransferConfig(
    max_concurrency=6, multipart_chunksize=8 * 1024**2, max_io_queue=32, preferred_transfer_client="classic"
)
# Nobody answers, or what answers breaks off in the middle.
_SILENCE = (BotoCoreError, RetriesExceededError, S3DownloadFailedError, S3ValidationError)
_MISSING = frozenset({"NoSuchKey", "404"})
_FULL = frozenset({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"})
# These come with statuses that otherwise mean that asking again is of no use.
_PASSING = frozenset({"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted"})


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What is known of an object without its content; `etag` stands in its quotation marks."""

    size_bytes: int
    etag: str
    modified_at: datetime


class BucketStore:
    """Objects of a store that speaks S3. What is fetched is put into the folder `copies`."""

    def __init__(self, storage: Any, *, copies: Path) -> None:
        self._storage: Any = storage
        self._client = storage.connection.meta.client
        self._copies = copies

    def write(self, name: str, content: bytes) -> None:
        caching = _NEVER if is_replaced(name) else _FOR_EVER
        with _faults_named():
            self._client.put_object(
                **self._place(name), Body=content, ContentType=media_type(name), CacheControl=caching
            )

    def read(self, name: str) -> bytes:
        with _faults_named():
            content: bytes = self._client.get_object(**self._place(name))["Body"].read()
        return content

    def describe(self, name: str) -> StoredObject:
        """Return what is known of an object. Raises FileNotFoundError."""
        with _faults_named():
            head = self._client.head_object(**self._place(name))
        return StoredObject(int(head["ContentLength"]), str(head["ETag"]), head["LastModified"])

    def read_range(self, name: str, *, start: int, length: int) -> bytes:
        """Return a part of an object, which must have so much. Raises FileNotFoundError."""
        asked = f"bytes={start}-{start + length - 1}"
        with _faults_named(), closing(self._client.get_object(**self._place(name), Range=asked)["Body"]) as body:
            content: bytes = body.read()
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
        self.remove_all((name,))

    def remove_all(self, names: Iterable[str]) -> int:
        left, count = iter(names), 0
        while batch := [{"Key": self._place(name)["Key"]} for name in islice(left, _MOST_AT_ONCE)]:
            with _faults_named():
                answer = self._client.delete_objects(
                    Bucket=self._storage.bucket_name, Delete={"Objects": batch, "Quiet": True}
                )
            # Each has an answer of its own; with `Quiet` only those that were not deleted tell.
            for kept in answer.get("Errors", ()):
                raise _fault(kept["Code"], status=0, operation="DeleteObjects")
            count += len(batch)
        return count

    def has_room_for(self, size_bytes: int) -> bool:
        return True

    @contextmanager
    def as_local_file(self, name: str, *, check: Callable[[], None]) -> Iterator[Path]:
        """Bring it here, to the disk and not through memory: FFmpeg jumps about in a film."""
        with _faults_named():
            size_bytes = self._client.head_object(**self._place(name))["ContentLength"]
        with local_copy(self._copies, suffix=Path(name).suffix, size_bytes=size_bytes) as (path, file):
            self._fetch(name, file, check)
            file.flush()
            yield path

    def _fetch(self, name: str, file: BinaryIO, check: Callable[[], None]) -> None:
        with _faults_named():
            # What the callback raises ends it.
            self._client.download_fileobj(**self._place(name), Fileobj=file, Callback=lambda _: check(), Config=_FETCH)

    def _pages(self, prefix: str, **options: str) -> Iterator[Any]:
        place = self._place(f"{prefix}/" if prefix else "")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=place["Bucket"], Prefix=place["Key"], **options
        )
        with _faults_named():
            yield from pages

    def _name(self, key: str) -> str:
        return key[len(self._place("")["Key"]) :]

    def _place(self, name: str) -> dict[str, str]:
        prefix = self._storage.location.strip("/")
        return {"Bucket": self._storage.bucket_name, "Key": f"{prefix}/{name}" if prefix else name}


@contextmanager
def _faults_named() -> Iterator[None]:
    """Raise what the store says, or that it says nothing, as facts of ours."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        raise _fault(str(error.response["Error"].get("Code")), status=status, operation=error.operation_name) from error
    except _SILENCE as error:
        # Only its kind: its words may hold an address.
        log.warning("package_storage.unreachable", error=type(error).__name__)
        raise PackageStorageUnreachable() from error


def _fault(code: str, *, status: int, operation: str) -> Exception:
    log.warning("package_storage.refused", code=code, status=status, operation=operation)
    if code in _MISSING:
        return FileNotFoundError(f"{operation}: {code}")
    if code in _FULL or status == 507:
        return PackageStorageFull()
    if code in _PASSING or status >= 500 or status == 429:
        return PackageStorageUnreachable()
    return PackageStorageRefused()
