"""A stream is one origin's at a time: whoever had it before changes nothing of it any more."""

from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from streaming.models import Channel, Package, Stream
from streaming.origin.live import hub as hub_module
from streaming.origin.live import lease as lease_module
from streaming.rtmp.events import EndReason
from tests.streaming.origin.live.puppets import (
    Stage,
    issued_secret,
    on_stage,
    the_row,
    until,
    until_row,
)

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


async def leave_and_come_back_elsewhere(here: Stage, there: Stage, secret: str) -> None:
    """Broadcast five seconds at one origin, and as long again at the other."""
    publication = await here.go_on_air(secret, seconds=5.0)
    await until_row(state=Stream.State.ACTIVE)
    await here.stream._archive._recorder.settle()
    await publication.ended(EndReason.DISCONNECTED)
    await there.go_on_air(secret, seconds=5.0)
    await until_row(interrupted_at=None)


async def test_an_encoder_that_comes_back_to_another_origin_stays_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "_EVERY_S", 0.05)
    async with on_stage(tmp_path, lease_owner="a:1") as here, on_stage(tmp_path, lease_owner="b:1") as there:
        await leave_and_come_back_elsewhere(here, there, await issued_secret())
        await until(lambda: not list(here.hub))
        assert (await the_row()).state == Stream.State.ACTIVE
        there.stream.end(Stream.EndReason.UNPUBLISHED)
        await there.stream.close()
        assert there.kicks == ["The stream was ended by the portal."]
    package = await database_sync_to_async(Package.objects.get)()
    # The open segment of the first run was in its memory alone, or was stored as its last one.
    assert 8.9 < package.duration_s < 10.1


async def test_the_end_that_an_origin_waited_for_is_not_that_of_a_stream_it_has_no_more(tmp_path: Path) -> None:
    async with (
        on_stage(tmp_path, lease_owner="a:1", grace_s=0.3) as here,
        on_stage(tmp_path, lease_owner="b:1") as there,
    ):
        await leave_and_come_back_elsewhere(here, there, await issued_secret())
        await until(lambda: not list(here.hub))
        row = await the_row()
        assert (row.state, row.lease_owner) == (Stream.State.ACTIVE, "b:1")
        assert there.kicks == []


async def test_what_is_not_recorded_is_deleted_by_its_origin_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_module, "_EVERY_S", 0.05)
    monkeypatch.setattr(hub_module, "_LINGER_S", 0.05)
    async with on_stage(tmp_path, lease_owner="a:1") as here, on_stage(tmp_path, lease_owner="b:1") as there:
        secret = await issued_secret()
        await database_sync_to_async(lambda: Channel.objects.update(is_recorded=False, dvr_s=30))()
        await leave_and_come_back_elsewhere(here, there, secret)
        await until(lambda: not list(here.hub))
        await there.stream._archive._recorder.settle()
        assert len(list(tmp_path.glob("packages/*/v-*/*.m4s"))) >= 4
