"""An origin that is started again waits for the encoders that it had, and viewers with it."""

from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from streaming.errors import LiveStalled
from streaming.media.live.reload import Reload
from streaming.media.live.timing import LiveTiming
from streaming.models import Package, Stream
from streaming.origin.live import hub as hub_module
from streaming.rtmp.events import EndReason
from streaming.services.ingest import list_waiting
from tests.streaming.origin.live.puppets import Stage, issued_secret, on_stage, playlist_of, until, until_row

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

OWNER = "a:1"


async def broadcast_and_stop(root: Path) -> str:
    """Broadcast five seconds, until the origin is stopped; return the key."""
    async with on_stage(root, lease_owner=OWNER) as stage:
        secret = await issued_secret()
        await stage.go_on_air(secret, seconds=5.0)
        await until_row(state=Stream.State.ACTIVE)
    return secret


async def wait_again(stage: Stage) -> None:
    stage.hub.wait_for(await database_sync_to_async(list_waiting)(lease_owner=OWNER))
    await until(lambda: stage.stream.broadcast)


async def test_viewers_find_what_was_there_before_the_encoder_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = await broadcast_and_stop(tmp_path)
    monkeypatch.setattr(LiveTiming, "most_wait_s", 0.05)
    async with on_stage(tmp_path, lease_owner=OWNER) as stage:
        await wait_again(stage)
        waiting = stage.stream
        assert stage.hub.find(waiting.admitted.package_hex) is waiting.broadcast
        found = await playlist_of(waiting)
        assert [line for line in found.splitlines() if line.endswith(".m4s")] == ["1.m4s", "2.m4s", "3.m4s"]
        with pytest.raises(LiveStalled):
            await playlist_of(waiting, Reload(msn=4, part=0))
        publication = await stage.go_on_air(secret, seconds=4.2)
        await until_row(interrupted_at=None)
        assert stage.stream is waiting
        gone_on = await playlist_of(waiting)
        assert gone_on.startswith(found.partition("#EXT-X-PRELOAD-HINT")[0])
        assert "#EXT-X-DISCONTINUITY\n" in gone_on
        await publication.ended(EndReason.UNPUBLISHED)
        await waiting.close()
    package = await database_sync_to_async(Package.objects.get)()
    assert 9.0 < package.duration_s < 9.4


async def test_an_encoder_that_does_not_come_back_has_ended_its_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "_LINGER_S", 0.05)
    await broadcast_and_stop(tmp_path)
    async with on_stage(tmp_path, lease_owner=OWNER, grace_s=0.5) as stage:
        await wait_again(stage)
        waiting = stage.stream
        row = await until_row(state=Stream.State.ENDED)
        assert row.end_reason == Stream.EndReason.DISCONNECTED
        await waiting.close()
    package = await database_sync_to_async(Package.objects.get)()
    assert 4.9 < package.duration_s < 5.1


async def test_those_of_other_origins_are_not_waited_for(tmp_path: Path) -> None:
    await broadcast_and_stop(tmp_path)
    for owner in ("b:1", ""):
        assert await database_sync_to_async(list_waiting)(lease_owner=owner) == []
