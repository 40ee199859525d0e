"""While media is given out, nothing of it is read on the event loop, and no query is made at all."""

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from streaming.models import Package
from streaming.origin.files import FolderFile, FolderFiles
from tests.streaming.origin.media import CONTENTS, SEGMENT, ask, make_token, origin_of, write_package

pytestmark = pytest.mark.asyncio

# Far more than an answer from memory takes, on any machine.
PATIENCE_S = 20.0

_opened: list[tuple[str, int]] = []
_is_hooked = False


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        _opened.append((str(arguments[0]), threading.get_ident()))


@pytest.fixture
def opened() -> list[tuple[str, int]]:
    """Which files were opened since, and by which thread: the interpreter itself tells."""
    global _is_hooked
    if not _is_hooked:
        # It cannot be taken away again.
        sys.addaudithook(_note)
        _is_hooked = True
    _opened.clear()
    return _opened


class HangingDisk(FolderFiles):
    """Gives nothing until it is let go."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.asked, self.let_go = threading.Event(), threading.Event()

    def open(self, path: str) -> FolderFile:
        self.asked.set()
        assert self.let_go.wait(PATIENCE_S)
        return super().open(path)


async def test_files_are_opened_by_other_threads(tmp_path: Path, opened: list[tuple[str, int]]) -> None:
    write_package(tmp_path)
    opened.clear()
    with origin_of(tmp_path) as origin:
        for name in CONTENTS.keys() - {"index.json"}:
            assert (await ask(origin, f"/m/{make_token()}/{name}")).status == 200
    by_whom = {path: thread for path, thread in opened if str(tmp_path) in path}
    assert len(by_whom) == len(CONTENTS) - 1
    assert threading.get_ident() not in by_whom.values()


@pytest.mark.parametrize("name", ["v720p/1.m4s", "master.m3u8"])
async def test_a_disk_that_hangs_holds_up_only_those_who_want_something_from_it(tmp_path: Path, name: str) -> None:
    write_package(tmp_path)
    disk = HangingDisk(tmp_path)
    with origin_of(disk) as origin:
        waiting = asyncio.create_task(ask(origin, f"/m/{make_token()}/{name}"))
        assert await asyncio.to_thread(disk.asked.wait, PATIENCE_S)
        async with asyncio.timeout(PATIENCE_S / 2):
            assert (await ask(origin, "/livez")).status == 200
            assert (await ask(origin, "/m/forged/v720p/1.m4s")).status == 403
        assert not waiting.done()
        disk.let_go.set()
        assert (await waiting).status == 200


async def test_no_query_is_made(tmp_path: Path) -> None:
    # Without the mark that opens the database to a test, whichever thread asks it fails.
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        await asyncio.to_thread(Package.objects.count)
    write_package(tmp_path)
    with origin_of(tmp_path) as origin:
        assert (await ask(origin, f"/m/{make_token()}/v720p/1.m4s")).body == SEGMENT
        assert (await ask(origin, "/verdict", {"X-Original-URI": f"/m/{make_token()}/v720p/1.m4s"})).status == 204
