"""What only a bucket does: fetch films without taking memory, delete many files at once, refuse, and not answer."""

import gc
import secrets
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from portal import clock
from streaming.errors import PackageStorageFull, PackageStorageRefused, PackageStorageUnreachable
from streaming.runtime.bucket_store import BucketStore, _fault
from streaming.runtime.segment_store import Sender
from tests.portal.processes import Process, free_port
from tests.streaming.buckets import forbid, object_server, use_bucket

pytestmark = pytest.mark.enable_socket

MEGABYTE = 1024 * 1024


def head_of(bucket: BucketStore, name: str) -> Any:
    return bucket._client.head_object(**bucket._place(name))


def go_on() -> None:
    """Check nothing."""


def test_segments_are_kept_for_ever_and_playlists_asked_for_anew(bucket: BucketStore) -> None:
    for name in ("packages/a/v1/1.m4s", "packages/a/master.m3u8"):
        bucket.write(name, b"x")

    segment, playlist = (head_of(bucket, name) for name in ("packages/a/v1/1.m4s", "packages/a/master.m3u8"))
    assert (segment["ContentType"], segment["CacheControl"]) == (
        "video/iso.segment",
        "public, max-age=31536000, immutable",
    )
    assert (playlist["ContentType"], playlist["CacheControl"]) == ("application/vnd.apple.mpegurl", "no-cache")


def test_a_film_is_fetched_by_parts_and_whole(bucket: BucketStore, tmp_path: Path) -> None:
    content = secrets.token_bytes(20 * MEGABYTE + 1)
    bucket.write("sources/a/original.mkv", content)

    with bucket.as_local_file("sources/a/original.mkv", check=go_on) as path:
        assert (path.parent, path.suffix) == (tmp_path / "data" / "fetched", ".mkv")
        assert path.read_bytes() == content

    assert not path.exists()


def test_a_film_that_is_not_there_is_told_as_such(bucket: BucketStore) -> None:
    with pytest.raises(FileNotFoundError), bucket.as_local_file("sources/a/original.mkv", check=go_on):
        pytest.fail("there is none")


def test_fetching_ends_when_nobody_wants_it_any_more_and_leaves_nothing(bucket: BucketStore, tmp_path: Path) -> None:
    bucket.write("sources/a/original.mkv", bytes(20 * MEGABYTE))

    def check() -> None:
        raise InterruptedError("cancelled")

    with pytest.raises(InterruptedError), bucket.as_local_file("sources/a/original.mkv", check=check):
        pytest.fail("it was fetched")

    assert list(tmp_path.glob("**/*.mkv")) == []


@pytest.fixture
def distant_bucket(settings: Settings, tmp_path: Path) -> Iterator[BucketStore]:
    """One whose server has a process, and memory, of its own."""
    port = free_port()
    server = Process((sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)), {})
    try:
        server.wait_for(lambda: any("Running on" in line for line in server.output), timeout_s=60)
        yield use_bucket(f"http://127.0.0.1:{port}", settings, data_dir=tmp_path)
    finally:
        server.stop()


def test_a_film_is_not_held_in_memory_while_it_is_fetched(distant_bucket: BucketStore, tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    film.touch()
    peaks = []
    for size in (16 * MEGABYTE, 96 * MEGABYTE):
        with film.open("r+b") as file:
            file.truncate(size)
        distant_bucket._client.upload_file(str(film), **distant_bucket._place("sources/a/original.mkv"))
        gc.collect()
        tracemalloc.start()
        with distant_bucket.as_local_file("sources/a/original.mkv", check=go_on) as path:
            assert path.stat().st_size == size
            peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] + 20 * MEGABYTE


def test_thousands_of_files_are_deleted_by_few_requests(bucket: BucketStore) -> None:
    names = [f"packages/a/v1/{number}.m4s" for number in range(1, 2502)]
    with Sender(bucket) as sender:
        for name in names[:20]:
            sender.send(name, b"x")
        sender.settle()
    bucket.write("packages/b/1.m4s", b"x")
    requests: list[str] = []
    bucket._client.meta.events.register("before-send.s3", lambda request, **_: requests.append(request.method))

    assert bucket.remove_all(iter(names)) == 2501

    assert requests == ["POST"] * 3
    assert list(bucket.list("packages")) == ["packages/b/1.m4s"]
    assert bucket.remove_all([]) == 0


def test_a_file_that_may_not_be_deleted_is_told(bucket: BucketStore) -> None:
    bucket.write("packages/a/1.m4s", b"x")
    forbid(bucket, "s3:DeleteObject")

    with pytest.raises(PackageStorageRefused):
        bucket.remove_all(["packages/a/1.m4s"])

    assert list(bucket.list("packages")) == ["packages/a/1.m4s"]


def test_a_bucket_that_refuses_is_told_from_one_that_does_not_answer(
    bucket: BucketStore, settings: Settings, tmp_path: Path
) -> None:
    forbid(bucket, "s3:PutObject")
    with pytest.raises(PackageStorageRefused):
        bucket.write("packages/a/1.m4s", b"x")

    away = use_bucket_of_nobody(settings, tmp_path)
    with pytest.raises(PackageStorageUnreachable):
        away.write("packages/a/1.m4s", b"x")
    with pytest.raises(PackageStorageUnreachable):
        list(away.list_older("packages", than=clock.now() + timedelta(hours=1)))


def use_bucket_of_nobody(settings: Settings, folder: Path) -> BucketStore:
    """Return a bucket whose server has gone."""
    with object_server() as server:
        return use_bucket(server.url, settings, data_dir=folder)


def test_a_bucket_that_is_not_there_is_no_missing_file(bucket: BucketStore) -> None:
    bucket._client.delete_bucket(Bucket=bucket._storage.bucket_name)

    with pytest.raises(PackageStorageRefused):
        bucket.read("packages/a/index.json")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, PackageStorageRefused),
        ("InvalidAccessKeyId", 403, PackageStorageRefused),
        ("NoSuchBucket", 404, PackageStorageRefused),
        ("NoSuchKey", 404, FileNotFoundError),
        ("404", 404, FileNotFoundError),
        ("SlowDown", 503, PackageStorageUnreachable),
        ("RequestTimeout", 400, PackageStorageUnreachable),
        ("TooManyRequests", 429, PackageStorageUnreachable),
        ("InternalError", 0, PackageStorageUnreachable),
        ("XMinioStorageFull", 507, PackageStorageFull),
        ("QuotaExceeded", 403, PackageStorageFull),
    ],
)
def test_what_stores_say_has_one_of_our_causes(code: str, status: int, kind: type[Exception]) -> None:
    assert type(_fault(code, status=status, operation="PutObject")) is kind
