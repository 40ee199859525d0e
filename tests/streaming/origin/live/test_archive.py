"""What of a live stream is stored, and what is told of it when something is missing."""

import asyncio
import threading
from datetime import datetime
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from streaming.errors import PackageStorageRefused, PackageStorageUnreachable
from streaming.media.index_json import format_index, index_from_json
from streaming.media.package_index import PackageIndex
from streaming.models import Package, Stream
from streaming.origin.live import archive as archive_module
from streaming.origin.live import lease as lease_module
from streaming.rtmp.events import EndReason
from streaming.runtime.segment_store import FolderStore
from tests.streaming.origin.live.puppets import (
    PATIENCE_S,
    Stage,
    issued_secret,
    on_stage,
    the_row,
    until,
    until_row,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


class RefusingStore(FolderStore):
    """Refuses the files that end like that."""

    def __init__(self, root: Path, *endings: str) -> None:
        super().__init__(root)
        self.endings = endings

    def write(self, name: str, content: bytes) -> None:
        if name.endswith(self.endings):
            raise PackageStorageRefused()
        super().write(name, content)


class AwayStore(FolderStore):
    """Writes nothing for now."""

    is_away = True

    def write(self, name: str, content: bytes) -> None:
        if self.is_away:
            raise PackageStorageUnreachable()
        super().write(name, content)


async def broadcast(stage: Stage, *, seconds: float) -> None:
    """Broadcast so long, then stop the encoder by its button."""
    publication = await stage.go_on_air(await issued_secret(), seconds=seconds)
    await until_row(state=Stream.State.ACTIVE)
    await stage.stream._archive._recorder.settle()
    await publication.ended(EndReason.UNPUBLISHED)
    await stage.stream.close()


async def test_a_recording_ends_before_what_could_not_be_stored_and_its_broadcaster_is_told(tmp_path: Path) -> None:
    async with on_stage(tmp_path, store=RefusingStore(tmp_path, "/4.m4s")) as stage:
        await broadcast(stage, seconds=11.0)
        row = await the_row()
    package = await database_sync_to_async(Package.objects.get)()
    assert [len(track.segments) for track in index_from_json(package.index).media()] == [3, 3]
    # While it was on air, and now that it is not.
    assert row.warnings == ["recording-cut"]
    assert row.error == "recording-cut"
    folder = tmp_path / package.path
    assert not [path for path in folder.glob("*/index.m3u8") if "\n4.m4s" in path.read_text()]


async def test_a_recording_without_playlists_is_left_to_a_worker(tmp_path: Path) -> None:
    async with on_stage(tmp_path, store=RefusingStore(tmp_path, "master.m3u8")) as stage:
        await broadcast(stage, seconds=7.0)
    row = await the_row()
    assert (row.recording_id, row.is_recorded, row.error) == (None, True, "")


async def test_the_index_of_a_long_stream_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def formatted(index: PackageIndex) -> str:
        threads.append(threading.current_thread())
        return format_index(index)

    monkeypatch.setattr(archive_module, "format_index", formatted)
    async with on_stage(tmp_path) as stage:
        await stage.go_on_air(await issued_secret(), seconds=30.0)
        await until(lambda: threads)
        await until(lambda: list(tmp_path.glob("packages/*/index.json")))
    # Now and then, and once more as it was suspended.
    assert len(threads) >= 2
    assert threading.main_thread() not in threads


async def test_workers_wait_for_an_origin_that_still_stores_what_it_has_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "_EVERY_S", 0.05)
    store = AwayStore(tmp_path)
    async with on_stage(tmp_path, store=store) as stage:
        publication = await stage.go_on_air(await issued_secret(), seconds=7.0)
        await until_row(state=Stream.State.ACTIVE)
        await publication.ended(EndReason.UNPUBLISHED)
        first = await until_lease(after=None)
        await until_lease(after=first)
        store.is_away = False
        await stage.stream.close()
    assert (await the_row()).recording_id is not None


async def until_lease(*, after: datetime | None) -> datetime:
    """Wait until a stream that is over has a lease again, which ends later than the other."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            row = await the_row()
            if row.ended_at and row.lease_until and (after is None or row.lease_until > after):
                return row.lease_until
            await asyncio.sleep(0.02)
