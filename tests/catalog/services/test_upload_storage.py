"""What storage does to an upload: files that are lost, disks that fill, buckets that want parts of a size."""

import hashlib
import os
import resource
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse  # type: ignore[import-untyped]  # it has no stubs
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer
from pytest_django import Settings
from urllib3 import HTTPResponse

from catalog import tasks
from catalog.models import Upload
from catalog.services import uploads
from catalog.uploads import containers, faults, stores
from catalog.uploads.protocol import Checksum
from portal.media_storage import media_storage
from portal.models import AuditEntry, User
from streaming.models import Source
from tests.catalog.services.test_uploads import FILM, HALF, begin, send, stored
from tests.factories import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media"), pytest.mark.enable_socket]

DAY = timedelta(days=1)
MIB = 1024 * 1024
PART = 5 * MIB
BIG = b"\x00\x00\x00\x18ftypisom" + b"film" * (3 * MIB)
WRONG = Checksum(algorithm="sha1", digest=bytes(20))


# --- A folder ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 1, HALF - 1])
def test_what_storage_lost_is_not_filled_with_zeros(editor: User, media: Path, left: int) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])
    os.truncate(media / upload.storage_key, left)

    for _ in range(2):
        with pytest.raises(faults.UploadGone):
            send(upload, HALF, FILM[HALF:])

    upload.refresh_from_db()
    assert upload.state == "REMOVED"
    assert not (media / upload.storage_key).exists()
    assert not Source.objects.exists()
    assert AuditEntry.objects.get(action="upload.removed").after == {"lost_bytes": HALF}


def test_a_file_that_is_missing_altogether_is_lost_too(editor: User, media: Path) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])
    (media / upload.storage_key).unlink()

    with pytest.raises(faults.UploadGone):
        send(upload, HALF, FILM[HALF:])


@contextmanager
def no_file_larger_than(size_bytes: int) -> Iterator[None]:
    """Let the kernel refuse to write more, as a full disk does. Python ignores the signal that comes with it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_keeps_what_was_safe_and_takes_the_rest_later(editor: User, media: Path) -> None:
    upload = send(begin(editor), 0, FILM[:HALF])

    with no_file_larger_than(HALF + 100), pytest.raises(faults.UploadStorageFull):
        send(upload, HALF, FILM[HALF:])

    assert stored(media, upload) == FILM[:HALF]
    assert send(upload, HALF, FILM[HALF:]).state == "FINISHED"
    assert stored(media, upload) == FILM


def test_room_that_others_were_promised_is_taken(
    editor: User, administrator: User, media: Path, settings: Settings
) -> None:
    settings.CATALOG = replace(settings.CATALOG, upload_max_bytes=2**62, upload_quota_bytes=2**62)
    media.mkdir()
    disk = os.statvfs(media)
    most_of_it = disk.f_bavail * disk.f_frsize * 2 // 3
    first = begin(editor, size_bytes=most_of_it)

    with pytest.raises(faults.UploadStorageFull):
        begin(administrator, size_bytes=most_of_it)

    uploads.remove_upload(upload_id=first.pk, by=editor, at=AT)
    begin(administrator, size_bytes=most_of_it)


# --- Comparisons that were forgotten ----------------------------------------------------------------------------------


@pytest.fixture
def worker() -> Iterator[None]:
    """Run tasks as they are asked for."""
    configuration = tasks.verify_upload.app.conf
    configuration.task_always_eager = True
    yield
    configuration.task_always_eager = False


@pytest.mark.usefixtures("worker")
def test_a_comparison_that_no_worker_made_is_made_later(editor: User) -> None:
    # The test's own transaction is never committed: the task that finishing asks for is lost.
    upload = send(begin(editor, sha256=hashlib.sha256(FILM).hexdigest()), 0, FILM)
    send(begin(editor), 0, FILM)
    assert Source.objects.get(pk=upload.pk).state == "VERIFYING"

    assert uploads.resume_verifications(at=AT + uploads.VERIFICATION_PATIENCE - timedelta(seconds=1)) == 0
    assert uploads.resume_verifications(at=AT + uploads.VERIFICATION_PATIENCE) == 1
    assert Source.objects.get(pk=upload.pk).state == "WAITING"


def test_no_comparison_is_asked_for_again_while_it_may_still_run(editor: User) -> None:
    limit_s = tasks.verify_upload.time_limit
    assert limit_s is not None
    assert timedelta(seconds=limit_s) < uploads.VERIFICATION_PATIENCE


def test_what_was_compared_is_not_compared_again(editor: User) -> None:
    upload = send(begin(editor, sha256=hashlib.sha256(FILM).hexdigest()), 0, FILM)
    assert uploads.verify_upload(upload_id=upload.pk, at=AT)

    assert uploads.resume_verifications(at=AT + DAY) == 0


# --- A bucket ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store_address() -> Iterator[str]:
    """A real S3 server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(store_address: str, settings: Settings) -> Any:
    """An empty bucket, in which uploaded files are stored."""
    name, region = f"films-{secrets.token_hex(4)}", "eu-central-1"
    address = f"s3://{name}/nova?endpoint={store_address}&region={region}"
    storage = media_storage(address, folder=Path("unused"), key_id="id", secret="key")
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    store: Any = storages["default"]
    store.connection.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
    return store.bucket


def begin_big(owner: User) -> Upload:
    return begin(owner, size_bytes=len(BIG))


def test_pieces_become_one_object_of_a_bucket(editor: User, bucket: Any) -> None:
    upload = begin(editor, size_bytes=len(BIG), sha256=hashlib.sha256(BIG).hexdigest())

    for place in range(0, len(BIG), PART):
        sent = send(upload, place, BIG[place : place + PART])

    assert sent.state == "FINISHED"
    assert uploads.verify_upload(upload_id=upload.pk, at=AT)
    (stored_object,) = bucket.objects.all()
    assert stored_object.key == f"nova/{upload.storage_key}"
    assert hashlib.sha256(stored_object.get()["Body"].read()).digest() == hashlib.sha256(BIG).digest()


def test_a_film_in_a_bucket_is_read_by_ranges_and_never_as_a_whole(editor: User, bucket: Any) -> None:
    """A web server that fetches a film to look at its first bytes would hold all of it in memory."""
    upload = begin(editor, size_bytes=len(BIG), sha256=hashlib.sha256(BIG).hexdigest())
    storage: Any = storages["default"]
    asked: list[str] = []
    storage.connection.meta.client.meta.events.register(
        "before-send.s3.GetObject", lambda request, **_: asked.append(request.headers["Range"].decode())
    )

    send(upload, 0, BIG)
    assert asked == [f"bytes=0-{containers.HEAD_LENGTH - 1}"]

    assert uploads.verify_upload(upload_id=upload.pk, at=AT)
    assert asked[1:] == ["bytes=0-8388607", "bytes=8388608-16777215", f"bytes={len(BIG)}-{len(BIG) + 8388607}"]


def test_a_part_too_small_is_refused_when_it_comes_and_not_when_all_are_there(editor: User, bucket: Any) -> None:
    upload = send(begin_big(editor), 0, BIG[:PART])

    with pytest.raises(faults.UploadRefused) as refused:
        send(upload, PART, BIG[PART : 2 * PART - 1])

    assert refused.value.extras["errors"][0]["code"] == "too_small"  # type: ignore[index]
    assert str(PART) in refused.value.extras["errors"][0]["detail"]  # type: ignore[index]
    send(upload, PART, BIG[PART : 2 * PART])
    assert send(upload, 2 * PART, BIG[2 * PART :]).state == "FINISHED"


def test_a_large_film_needs_larger_parts_than_the_least(editor: User, bucket: Any) -> None:
    """With parts of 5 MiB, 60 GiB would be more of them than S3 counts."""
    upload = begin(editor, size_bytes=60 * 1024 * MIB)

    with pytest.raises(faults.UploadRefused):
        send(upload, 0, BIG[:PART])

    assert send(upload, 0, BIG[: 7 * MIB]).offset_bytes == 7 * MIB
    assert -(-upload.size_bytes // uploads.PIECE_BYTES) <= stores.S3_MOST_PARTS


def test_more_than_was_announced_is_refused_by_a_bucket_too(editor: User, bucket: Any) -> None:
    upload = begin(editor)

    with pytest.raises(faults.UploadTooLarge):
        send(upload, 0, FILM + b"x")

    assert list(bucket.multipart_uploads.all()) == []
    assert send(upload, 0, FILM).state == "FINISHED"


def test_a_corrupt_first_part_leaves_nothing_behind_in_a_bucket(editor: User, bucket: Any) -> None:
    upload = begin_big(editor)

    with pytest.raises(faults.UploadPieceCorrupt):
        send(upload, 0, BIG[:PART], WRONG)

    assert list(bucket.multipart_uploads.all()) == []
    assert send(upload, 0, BIG[:PART]).offset_bytes == PART


def test_nothing_at_all_with_a_wrong_checksum_is_corrupt_too(editor: User, bucket: Any) -> None:
    upload = begin_big(editor)

    with pytest.raises(faults.UploadPieceCorrupt):
        send(upload, 0, b"", WRONG)

    assert send(upload, 0, BIG[:PART]).offset_bytes == PART


def test_a_corrupt_later_part_is_replaced_by_the_right_one(editor: User, bucket: Any) -> None:
    upload = send(begin_big(editor), 0, BIG[:PART])

    with pytest.raises(faults.UploadPieceCorrupt):
        send(upload, PART, b"y" * (len(BIG) - PART), WRONG)
    send(upload, PART, BIG[PART:])

    (stored_object,) = bucket.objects.all()
    assert stored_object.get()["Body"].read() == BIG


def test_what_is_given_up_leaves_nothing_in_a_bucket(editor: User, bucket: Any) -> None:
    upload = send(begin_big(editor), 0, BIG[:PART])

    uploads.remove_upload(upload_id=upload.pk, by=editor, at=AT)

    assert list(bucket.multipart_uploads.all()) == list(bucket.objects.all()) == []


def abort_behind_our_back(bucket: Any, upload: Upload) -> None:
    """As a rule of the bucket does with multipart uploads that are old."""
    for multipart in bucket.multipart_uploads.all():
        if multipart.object_key.endswith(upload.storage_key):
            multipart.abort()


def test_parts_that_a_bucket_deleted_end_the_upload(editor: User, bucket: Any) -> None:
    upload = send(begin_big(editor), 0, BIG[:PART])
    abort_behind_our_back(bucket, upload)
    # The server of the tests breaks down over a part of an upload that it does not know; S3 answers this.
    answer = b"<Error><Code>NoSuchUpload</Code><Message>The specified upload does not exist.</Message></Error>"
    storage: Any = storages["default"]
    storage.connection.meta.client.meta.events.register(
        "before-send.s3.UploadPart",
        lambda request, **_: AWSResponse(request.url, 404, {}, HTTPResponse(BytesIO(answer), preload_content=False)),
    )

    for _ in range(2):
        with pytest.raises(faults.UploadGone):
            send(upload, PART, BIG[PART:])

    assert Upload.objects.get().state == "REMOVED"


def test_one_upload_that_a_bucket_has_forgotten_does_not_keep_others_from_expiring(editor: User, bucket: Any) -> None:
    forgotten, other = send(begin_big(editor), 0, BIG[:PART]), send(begin_big(editor), 0, BIG[:PART])
    abort_behind_our_back(bucket, forgotten)

    assert uploads.expire_uploads(at=AT + 3 * DAY) == 2

    other.refresh_from_db()
    assert other.state == "EXPIRED"
    assert list(bucket.multipart_uploads.all()) == []


def test_an_object_that_was_whole_when_the_server_died_is_finished_once(editor: User, bucket: Any) -> None:
    """As after kill -9 between the bucket's word and our row."""
    upload = send(begin_big(editor), 0, BIG)
    Upload.objects.update(state="ACTIVE", finished_at=None, container="")

    assert uploads.finish_upload(upload_id=upload.pk, at=AT).state == "FINISHED"
    assert len(list(bucket.objects.all())) == 1
