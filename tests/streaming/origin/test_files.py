"""Files of both kinds of storage, as threads of the origin read them."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.telemetry.asgi import Application
from streaming.errors import PackageStorageRefused, PackageStorageUnreachable
from streaming.media.media_types import is_replaced
from streaming.origin.files import BucketFiles, FolderFiles, MediaFiles, default_files
from streaming.runtime.bucket_store import BucketStore
from tests.streaming.buckets import ObjectServer, forbid
from tests.streaming.origin.media import CONTENTS, PACKAGE, SEGMENT, ask, make_token, origin_of, write_package

pytestmark = pytest.mark.enable_socket

FOLDER = f"packages/{PACKAGE}"
NAME = f"{FOLDER}/v720p/1.m4s"


@pytest.fixture
def in_folder(tmp_path: Path) -> FolderFiles:
    write_package(tmp_path)
    return FolderFiles(tmp_path)


@pytest.fixture
def in_bucket(bucket: BucketStore) -> BucketFiles:
    for name, content in CONTENTS.items():
        bucket.write(f"{FOLDER}/{name}", content)
    return BucketFiles(bucket)


@pytest.fixture(params=["in_folder", "in_bucket"])
def files(request: pytest.FixtureRequest) -> MediaFiles:
    found: MediaFiles = request.getfixturevalue(request.param)
    return found


def test_a_file_is_read_by_parts(files: MediaFiles) -> None:
    file = files.open(NAME)
    assert file.size == len(SEGMENT)
    assert file.read(0, 100) + file.read(100, len(SEGMENT) - 100) == SEGMENT
    assert file.read(1000, 0) == b""
    file.close()
    file.close()


def test_a_file_that_is_not_there_is_said_to_be_missing(files: MediaFiles) -> None:
    for name in (f"{FOLDER}/v720p/9.m4s", f"packages/{'0' * 32}/master.m3u8", f"{NAME}/1.m4s"):
        with pytest.raises(FileNotFoundError):
            files.open(name)


def test_a_version_stays_until_the_file_is_replaced(files: MediaFiles) -> None:
    first, again = files.open(NAME), files.open(NAME)
    assert first.version == again.version
    assert first.version.etag[0] == first.version.etag[-1] == '"'
    first.close()
    again.close()


def test_a_playlist_of_a_bucket_is_looked_at_anew(in_bucket: BucketFiles, bucket: BucketStore) -> None:
    name = f"{FOLDER}/master.m3u8"
    before = in_bucket.open(name)
    bucket.write(name, b"#EXTM3U\n")
    after = in_bucket.open(name)
    assert (before.size, after.size, after.read(0, 8)) == (len(CONTENTS["master.m3u8"]), 8, b"#EXTM3U\n")
    assert before.version.etag != after.version.etag


def test_a_segment_of_a_bucket_is_asked_about_once(in_bucket: BucketFiles, bucket: BucketStore) -> None:
    in_bucket.open(NAME)
    bucket.remove(NAME)
    known = in_bucket.open(NAME)
    assert known.size == len(SEGMENT)
    with pytest.raises(FileNotFoundError):
        known.read(0, 10)


def test_what_is_known_of_a_bucket_is_bounded(
    in_bucket: BucketFiles, bucket: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.origin.files._MOST_KNOWN", 1)
    lasting = [f"{FOLDER}/{name}" for name in CONTENTS if not is_replaced(name)]
    for name in (NAME, *lasting):
        in_bucket.open(name)
    bucket.remove(NAME)
    with pytest.raises(FileNotFoundError):
        in_bucket.open(NAME)


def test_a_bucket_that_refuses_or_is_away_is_told_as_it_is(
    in_bucket: BucketFiles, bucket: BucketStore, bucket_server: ObjectServer
) -> None:
    forbid(bucket, "s3:GetObject")
    with pytest.raises((PackageStorageRefused, PackageStorageUnreachable)):
        in_bucket.open(NAME).read(0, 10)


def test_a_file_that_is_shorter_than_it_was_is_no_file_to_send(in_folder: FolderFiles, tmp_path: Path) -> None:
    file = in_folder.open(NAME)
    os.truncate(tmp_path / NAME, 10)
    with pytest.raises(PackageStorageUnreachable):
        file.read(0, 100)
    file.close()


def test_a_file_that_may_not_be_read_is_no_missing_one(tmp_path: Path) -> None:
    # Root may read everything, so the fault is one that holds for root, too: a name longer than the disk takes.
    with pytest.raises(PackageStorageUnreachable):
        FolderFiles(tmp_path).open("v" * 300)


def test_the_files_are_those_of_the_default_storage(media: Path) -> None:
    write_package(media)
    file = default_files().open(NAME)
    assert file.read(0, file.size) == SEGMENT
    file.close()


def test_a_bucket_is_the_default_storage_where_it_is_set(
    in_bucket: BucketFiles, settings: Settings, tmp_path: Path
) -> None:
    found = default_files()
    assert isinstance(found, BucketFiles)
    assert found.open(NAME).size == len(SEGMENT)


async def _fetch(origin: Application, name: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    answer = await ask(origin, f"/m/{make_token()}/{name}", headers)
    return answer.status, answer.body


@pytest.mark.asyncio
async def test_a_bucket_is_served_as_a_folder_is(in_bucket: BucketFiles) -> None:
    with origin_of(in_bucket) as origin:
        for name in CONTENTS.keys() - {"index.json"}:
            assert await _fetch(origin, name) == (200, CONTENTS[name])
        assert await _fetch(origin, "v720p/1.m4s", {"Range": "bytes=5-9"}) == (206, SEGMENT[5:10])
        assert (await _fetch(origin, "v720p/2.m4s"))[0] == 404


@pytest.mark.asyncio
async def test_a_bucket_that_is_away_is_a_problem_that_passes(
    in_bucket: BucketFiles, bucket_server: ObjectServer
) -> None:
    with origin_of(in_bucket) as origin:
        with bucket_server.away():
            assert (await _fetch(origin, "v720p/1.m4s"))[0] == 503
            assert (await _fetch(origin, "master.m3u8"))[0] == 503
        assert await _fetch(origin, "v720p/1.m4s") == (200, SEGMENT)
