"""Playlists in memory: read once for many, looked at again soon, and never more of them than there is room for."""

import asyncio
import gzip
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from streaming.origin.files import FolderFile, FolderFiles
from streaming.origin.playlists import Playlist, Playlists
from tests.streaming.origin.media import PACKAGE, PLAYLIST, write_package

pytestmark = pytest.mark.asyncio

PATH = f"packages/{PACKAGE}/master.m3u8"


class CountedFiles(FolderFiles):
    """Counts what is opened and read; waits at the door while it is closed."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.opened: list[str] = []
        self.door = threading.Event()
        self.door.set()

    def open(self, path: str) -> FolderFile:
        self.opened.append(path)
        assert self.door.wait(30)
        return super().open(path)


async def in_thread(work: Callable[[], Playlist]) -> Playlist:
    return await asyncio.to_thread(work)


@pytest.fixture
def files(tmp_path: Path) -> CountedFiles:
    write_package(tmp_path)
    return CountedFiles(tmp_path)


@pytest.fixture
def playlists(files: CountedFiles) -> Playlists:
    return Playlists(files, in_thread)


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what was looked at stay fresh, however slow the machine is."""
    monkeypatch.setattr("streaming.origin.playlists._FRESH_S", 3600.0)


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.origin.playlists._FRESH_S", 0.0)


async def test_it_is_there_in_both_forms(playlists: Playlists) -> None:
    playlist = await playlists.get(PATH)
    plain, packed = (playlist.in_form(is_compressed=flag) for flag in (False, True))
    assert plain[0] == gzip.decompress(packed[0]) == PLAYLIST
    assert plain[1].etag != packed[1].etag
    assert plain[1].modified_s == packed[1].modified_s


@pytest.mark.usefixtures("lasting")
async def test_what_is_fresh_is_not_looked_at(playlists: Playlists, files: CountedFiles) -> None:
    first = await playlists.get(PATH)
    assert await playlists.get(PATH) is first
    assert files.opened == [PATH]


@pytest.mark.usefixtures("stale")
async def test_what_is_older_is_looked_at_and_kept_if_it_is_the_same(playlists: Playlists, files: CountedFiles) -> None:
    first, second = await playlists.get(PATH), await playlists.get(PATH)
    assert files.opened == [PATH, PATH]
    assert second.compressed is first.compressed


@pytest.mark.usefixtures("stale")
async def test_what_was_replaced_is_read_anew(playlists: Playlists, tmp_path: Path) -> None:
    await playlists.get(PATH)
    (tmp_path / "draft").write_bytes(b"#EXTM3U\n")
    (tmp_path / "draft").replace(tmp_path / PATH)
    assert (await playlists.get(PATH)).plain == b"#EXTM3U\n"


@pytest.mark.usefixtures("stale")
async def test_what_is_gone_is_not_answered_from_memory(playlists: Playlists, tmp_path: Path) -> None:
    await playlists.get(PATH)
    (tmp_path / PATH).unlink()
    with pytest.raises(FileNotFoundError):
        await playlists.get(PATH)


@pytest.mark.usefixtures("lasting")
async def test_however_many_ask_at_once_it_is_read_once(playlists: Playlists, files: CountedFiles) -> None:
    files.door.clear()
    asking = [asyncio.create_task(playlists.get(PATH)) for _ in range(20)]
    await asyncio.sleep(0.05)
    files.door.set()
    answers = await asyncio.gather(*asking)
    assert len({id(answer) for answer in answers}) == 1
    assert files.opened == [PATH]


async def test_who_goes_away_takes_it_from_nobody_else(playlists: Playlists, files: CountedFiles) -> None:
    files.door.clear()
    gone, staying = (asyncio.create_task(playlists.get(PATH)) for _ in range(2))
    await asyncio.sleep(0.05)
    gone.cancel()
    files.door.set()
    assert (await staying).plain == PLAYLIST
    assert gone.cancelled()


async def test_a_fault_is_told_to_all_who_wait_and_to_nobody_later(
    playlists: Playlists, files: CountedFiles, tmp_path: Path
) -> None:
    (tmp_path / PATH).rename(tmp_path / "aside")
    files.door.clear()
    asking = [asyncio.create_task(playlists.get(PATH)) for _ in range(3)]
    await asyncio.sleep(0.05)
    files.door.set()
    faults = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(fault) for fault in faults} == {FileNotFoundError}
    (tmp_path / "aside").rename(tmp_path / PATH)
    assert (await playlists.get(PATH)).plain == PLAYLIST


@pytest.mark.usefixtures("lasting")
async def test_those_that_nobody_asked_for_in_long_make_room(
    playlists: Playlists, files: CountedFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"v{number}/index.m3u8" for number in range(4)]
    write_package(tmp_path, contents=dict.fromkeys(names, PLAYLIST))
    paths = [f"packages/{PACKAGE}/{name}" for name in names]
    size = (await playlists.get(paths[0])).size_bytes
    monkeypatch.setattr("streaming.origin.playlists._MOST_BYTES", 2 * size)
    await playlists.get(paths[1])
    await playlists.get(paths[0])
    await playlists.get(paths[2])
    files.opened.clear()
    for path in (paths[0], paths[2], paths[1]):
        await playlists.get(path)
    assert files.opened == [paths[1]]


@pytest.mark.usefixtures("lasting")
async def test_one_that_is_very_large_is_sent_and_not_kept(
    playlists: Playlists, files: CountedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.origin.playlists._LARGEST_CACHED_BYTES", 10)
    for _ in range(2):
        assert (await playlists.get(PATH)).plain == PLAYLIST
    assert files.opened == [PATH, PATH]
