"""Files of packages, in a folder and in a bucket: whole or not there, replaced at once, listed and deleted."""

import os
import resource
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from portal import clock
from streaming.errors import PackageStorageFull
from streaming.runtime.bucket_store import BucketStore
from streaming.runtime.segment_store import FolderStore, SegmentStore, Sender

pytestmark = pytest.mark.enable_socket


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


def test_many_are_deleted_at_once_and_counted(store: SegmentStore) -> None:
    for name in ("packages/a/1.m4s", "packages/a/2.m4s", "packages/b/1.m4s"):
        store.write(name, b"x")

    assert store.remove_all(["packages/a/1.m4s", "packages/a/2.m4s"]) == 2
    assert list(store.list("packages")) == ["packages/b/1.m4s"]


def test_a_source_is_there_as_a_file_for_as_long_as_it_is_needed(store: SegmentStore) -> None:
    content = bytes(range(256)) * 20_000
    store.write("sources/a/original.mkv", content)

    with store.as_local_file("sources/a/original.mkv", check=lambda: None) as path:
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


def test_an_empty_folder_does_not_stay(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "media")
    store.write("packages/a/v1/1.m4s", b"x")

    store.remove("packages/a/v1/1.m4s")

    # The uppermost stays: another worker may be about to put its package there.
    assert list((tmp_path / "media").rglob("*")) == [tmp_path / "media" / "packages"]


def test_nobody_but_the_portal_and_its_group_reads_or_lists_packages(tmp_path: Path) -> None:
    """Paths that nobody can guess are no secret where anybody may look."""
    store = FolderStore(tmp_path / "media")
    before = os.umask(0)
    try:
        store.write("packages/a/v1/1.m4s", b"x")
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "media").rglob("*")}
    assert modes == {"packages": 0o750, "a": 0o750, "v1": 0o750, "1.m4s": 0o640}


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


def test_waiting_for_a_store_that_does_not_answer_ends_when_the_job_does(tmp_path: Path) -> None:
    store, is_over = Slow(tmp_path), threading.Event()

    def check() -> None:
        if is_over.is_set():
            # What is being sent comes to its end; only nobody waits for it as for a success.
            store.go_on.set()
            raise PermissionError("cancelled")

    with Sender(store, check=check) as sender:
        sender.send("1.m4s", b"x")
        threading.Timer(0.1, is_over.set).start()

        with pytest.raises(PermissionError):
            sender.settle()


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
