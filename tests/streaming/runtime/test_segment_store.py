"""Files of packages, in a folder and in a bucket: whole or not there, replaced at once, listed and deleted."""

import resource
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.storage import storages
from django.test import override_settings
from moto.server import ThreadedMotoServer

from portal import clock
from portal.media_storage import media_storage
from streaming.errors import PackageStorageFull
from streaming.runtime.segment_store import BucketStore, FolderStore, SegmentStore, Sender, default_store, media_type

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def object_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(object_server: str, request: pytest.FixtureRequest) -> BucketStore:
    name = f"b{abs(hash(request.node.nodeid)):x}"[:40]
    address = f"s3://{name}/films/here?endpoint={object_server}&region=eu-west-1"
    entry = media_storage(address, folder=Path(), key_id="key", secret="secret")
    with override_settings(STORAGES={**storages.backends, "default": entry}):
        store = default_store()
    assert isinstance(store, BucketStore)
    store._client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return store


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SegmentStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "media")
    chosen: BucketStore = request.getfixturevalue("bucket")
    return chosen


def test_what_was_written_is_read(store: SegmentStore) -> None:
    store.write("packages/a/v1/1.m4s", b"segment")

    assert store.read("packages/a/v1/1.m4s") == b"segment"


def test_a_file_is_replaced_as_a_whole(store: SegmentStore) -> None:
    store.write("packages/a/master.m3u8", b"a longer playlist")
    store.write("packages/a/master.m3u8", b"shorter")

    assert store.read("packages/a/master.m3u8") == b"shorter"


def test_what_is_not_there_is_no_empty_file(store: SegmentStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.read("packages/a/1.m4s")


def test_a_folder_lists_its_own_files_only(store: SegmentStore) -> None:
    for name in ("packages/a/v1/1.m4s", "packages/a/index.json", "packages/ab/index.json"):
        store.write(name, b"x")

    assert sorted(store.list("packages/a")) == ["packages/a/index.json", "packages/a/v1/1.m4s"]
    assert list(store.list("packages/nothing")) == []


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: SegmentStore) -> None:
    store.write("packages/a/v1/1.m4s", b"x")

    store.remove("packages/a/v1/1.m4s")
    store.remove("packages/a/v1/1.m4s")

    assert list(store.list("packages")) == []


def test_a_source_is_there_as_a_file_for_as_long_as_it_is_needed(store: SegmentStore) -> None:
    content = bytes(range(256)) * 20_000
    store.write("sources/a/original.mkv", content)

    with store.as_local_file("sources/a/original.mkv") as path:
        assert path.suffix == ".mkv"
        assert path.read_bytes() == content


def test_many_files_are_written_side_by_side_and_all_of_them(store: SegmentStore) -> None:
    with Sender(store) as sender:
        for number in range(60):
            sender.send(f"packages/a/{number}.m4s", str(number).encode())
        sender.settle()

    assert {name: store.read(name) for name in store.list("packages/a")} == {
        f"packages/a/{number}.m4s": str(number).encode() for number in range(60)
    }


def test_a_folder_knows_which_folders_are_in_it(store: SegmentStore) -> None:
    for name in ("packages/a/v1/1.m4s", "packages/b/index.json", "packages/stray.txt", "sources/c/d.mkv"):
        store.write(name, b"x")

    assert sorted(store.folders("packages")) == ["packages/a", "packages/b"]
    assert list(store.folders("nothing")) == []


def test_old_files_are_told_from_new_ones(store: SegmentStore) -> None:
    store.write("packages/a/1.m4s", b"x")
    now = clock.now()

    assert list(store.list_older("packages", than=now - timedelta(hours=1))) == []
    assert list(store.list_older("packages", than=now + timedelta(hours=1))) == ["packages/a/1.m4s"]


def test_fetching_a_source_ends_when_nobody_wants_it_any_more(bucket: BucketStore) -> None:
    bucket.write("sources/a/original.mkv", bytes(3_000_000))
    checks: list[int] = []

    def check() -> None:
        checks.append(1)
        if len(checks) == 2:
            raise InterruptedError("cancelled")

    with pytest.raises(InterruptedError), bucket.as_local_file("sources/a/original.mkv", check=check):
        pytest.fail("it was fetched")

    assert len(checks) == 2


def test_a_source_for_which_there_is_no_room_is_not_fetched(
    bucket: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.write("sources/a/original.mkv", bytes(1000))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10**8))

    with pytest.raises(PackageStorageFull), bucket.as_local_file("sources/a/original.mkv"):
        pytest.fail("it was fetched")


def test_an_empty_folder_does_not_stay(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "media")
    store.write("packages/a/v1/1.m4s", b"x")

    store.remove("packages/a/v1/1.m4s")

    assert list((tmp_path / "media").iterdir()) == []


def test_nothing_leads_out_of_the_folder(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "media")

    with pytest.raises(ValueError, match="out of the store"):
        store.write("packages/../../x", b"x")


def test_whoever_looks_sees_one_playlist_or_the_other(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    versions = [letter * 200_000 for letter in (b"a", b"b")]
    store.write("master.m3u8", versions[0])
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.add(store.read("master.m3u8"))

    watcher = threading.Thread(target=look)
    watcher.start()
    for turn in range(200):
        store.write("master.m3u8", versions[turn % 2])
    over.set()
    watcher.join()

    assert seen <= set(versions)
    assert [path.name for path in tmp_path.iterdir()] == ["master.m3u8"]


def test_a_full_disk_is_told_as_such_and_leaves_nothing_behind(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(PackageStorageFull):
            store.write("a/1.m4s", bytes(2000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(store.list("a")) == []


def test_room_is_judged_by_the_disk(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)

    assert store.has_room_for(1)
    assert not store.has_room_for(10**18)


class Refusing(FolderStore):
    """A store that loses every third file."""

    def write(self, name: str, content: bytes) -> None:
        if int(content) % 3 == 2:
            raise OSError("the connection is gone")
        super().write(name, content)


def test_a_file_that_was_not_written_is_told_before_a_playlist_could_name_it(tmp_path: Path) -> None:
    with Sender(Refusing(tmp_path)) as sender:
        for number in range(3):
            sender.send(f"{number}.m4s", str(number).encode())

        with pytest.raises(OSError, match="connection"):
            sender.settle()


class Full(FolderStore):
    """A store that has room for nothing more."""

    def has_room_for(self, size_bytes: int) -> bool:
        return False


def test_what_would_fill_the_disk_is_not_written(tmp_path: Path) -> None:
    with Sender(Full(tmp_path)) as sender:
        sender.send("1.m4s", b"x")

        with pytest.raises(PackageStorageFull):
            sender.settle()

    assert list(tmp_path.iterdir()) == []


def test_whoever_may_not_write_any_more_does_not(tmp_path: Path) -> None:
    def forbid() -> None:
        raise PermissionError("another worker has it")

    with Sender(FolderStore(tmp_path), check=forbid) as sender:
        sender.send("1.m4s", b"x")

        with pytest.raises(PermissionError):
            sender.settle()

    assert list(tmp_path.iterdir()) == []


class Slow(FolderStore):
    """A store that waits until it is told to go on, and counts who waits."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.go_on = threading.Event()

    def write(self, name: str, content: bytes) -> None:
        self.go_on.wait(30)
        super().write(name, content)


def test_only_so_many_segments_are_held_in_memory(tmp_path: Path) -> None:
    store, handed_over = Slow(tmp_path), []

    def hand_over() -> None:
        with Sender(store) as sender:
            for number in range(30):
                sender.send(f"{number}.m4s", b"x")
                handed_over.append(number)
            sender.settle()

    encoder = threading.Thread(target=hand_over)
    encoder.start()
    encoder.join(0.5)
    held = len(handed_over)
    store.go_on.set()
    encoder.join(30)

    assert held < 20
    assert len(handed_over) == len(list(tmp_path.iterdir())) == 30


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("v1/1.m4s", "video/iso.segment"),
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("manifest.mpd", "application/dash+xml"),
        ("th.vtt", "text/vtt; charset=utf-8"),
        ("sheet.webp", "image/webp"),
        ("unknown", "application/octet-stream"),
    ],
)
def test_players_are_told_what_each_file_is(name: str, kind: str) -> None:
    assert media_type(name) == kind
