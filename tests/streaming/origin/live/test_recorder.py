"""Storing what a live stream makes."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streaming.errors import PackageStorageFull, PackageStorageRefused
from streaming.origin.live import recorder as recorder_module
from streaming.origin.live.recorder import Recorder
from streaming.runtime.segment_store import FolderStore

pytestmark = pytest.mark.asyncio

PATH = "packages/0f"


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


class StumblingStore(FolderStore):
    """Raises what it is told to, then writes."""

    def __init__(self, root: Path, *errors: Exception) -> None:
        super().__init__(root)
        self._errors = list(errors)

    def write(self, name: str, content: bytes) -> None:
        if self._errors:
            raise self._errors.pop()
        super().write(name, content)


class SlowStore(FolderStore):
    """Writes nothing before it may."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.may_write = threading.Event()

    def write(self, name: str, content: bytes) -> None:
        self.may_write.wait(30)
        super().write(name, content)


async def test_what_was_handed_over_is_in_the_store_when_it_has_settled(
    tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    recorder = Recorder(FolderStore(tmp_path), threads, path=PATH)
    for number in range(1, 6):
        recorder.write(f"v/{number}.m4s", b"segment %d" % number)
    await recorder.settle()
    assert not recorder.is_behind
    assert recorder.lost == []
    assert (tmp_path / PATH / "v/5.m4s").read_bytes() == b"segment 5"
    assert len(list((tmp_path / PATH / "v").iterdir())) == 5


async def test_a_store_that_fails_for_a_moment_loses_nothing(
    tmp_path: Path, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_RETRY_DELAYS_S", (0.0,))
    outage = [OSError("gone"), PackageStorageFull()] * 10
    recorder = Recorder(StumblingStore(tmp_path, *outage), threads, path=PATH)
    recorder.write("v/1.m4s", b"segment")
    await recorder.settle()
    assert recorder.lost == []
    assert (tmp_path / PATH / "v/1.m4s").read_bytes() == b"segment"


async def test_a_store_that_stays_away_is_not_waited_for_for_ever(
    tmp_path: Path, threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_RETRY_DELAYS_S", (0.01,))
    recorder = Recorder(StumblingStore(tmp_path, *[OSError("gone")] * 100_000), threads, path=PATH)
    recorder.write("v/1.m4s", b"segment")
    await recorder.settle(within_s=0.05)
    assert recorder.lost == ["v/1.m4s"]


async def test_what_a_store_refuses_is_told_as_lost_and_the_rest_is_written(
    tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    recorder = Recorder(StumblingStore(tmp_path, PackageStorageRefused()), threads, path=PATH)
    recorder.write("v/1.m4s", b"segment")
    await recorder.settle()
    recorder.write("v/2.m4s", b"segment")
    await recorder.settle()
    assert recorder.lost == ["v/1.m4s"]
    assert (tmp_path / PATH / "v/2.m4s").exists()


async def test_a_store_that_does_not_answer_takes_a_bounded_share_of_memory(
    tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    store = SlowStore(tmp_path)
    recorder = Recorder(store, threads, path=PATH)
    segment = bytes(8 * 1024 * 1024)
    for number in range(1, 11):
        recorder.write(f"v/{number}.m4s", segment)
    await asyncio.sleep(0)
    assert recorder.lost == ["v/9.m4s", "v/10.m4s"]
    store.may_write.set()
    await recorder.settle()
    assert len(list((tmp_path / PATH / "v").iterdir())) == 8


async def test_what_is_not_to_be_kept_is_deleted(tmp_path: Path, threads: ThreadPoolExecutor) -> None:
    recorder = Recorder(FolderStore(tmp_path), threads, path=PATH)
    for name in ("v/1.m4s", "v/2.m4s"):
        recorder.write(name, b"segment")
    await recorder.settle()
    recorder.remove(["v/1.m4s"])
    await recorder.settle()
    assert [path.name for path in (tmp_path / PATH / "v").iterdir()] == ["2.m4s"]


async def test_what_is_deleted_while_another_writer_writes_it_is_not_there_afterwards(
    tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    store = SlowStore(tmp_path)
    recorder = Recorder(store, threads, path=PATH)
    recorder.write("v/1.m4s", b"segment")
    recorder.remove(["v/1.m4s"])
    # Time enough for the second writer to delete, if it does not wait.
    await asyncio.sleep(0.1)
    store.may_write.set()
    await recorder.settle()
    assert not (tmp_path / PATH / "v/1.m4s").exists()


async def test_what_is_deleted_before_it_was_written_is_not_there_afterwards(
    tmp_path: Path, threads: ThreadPoolExecutor
) -> None:
    store = SlowStore(tmp_path)
    recorder = Recorder(store, threads, path=PATH)
    for number in range(1, 9):
        recorder.write(f"v/{number}.m4s", b"segment")
    recorder.remove(["v/4.m4s", "v/5.m4s"])
    await asyncio.sleep(0)
    store.may_write.set()
    await recorder.settle()
    assert len(list((tmp_path / PATH / "v").iterdir())) == 6
