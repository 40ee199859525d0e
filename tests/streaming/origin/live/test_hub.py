"""Who is admitted, and what becomes of admissions when rows and the database are not as they should be."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from channels.db import database_sync_to_async

from portal.models import AuditEntry
from streaming.models import Channel, Stream
from streaming.rtmp.codecs import parse_hevc_configuration
from streaming.rtmp.events import EndReason
from streaming.rtmp.publishing import PublishRefused
from tests.streaming.database import another_hand
from tests.streaming.origin.live import messages
from tests.streaming.origin.live.puppets import PATIENCE_S, Stage, issued_secret, on_stage, until_row

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

LONGEST_HEVC = bytes.fromhex("01 7f ffffffff ffffffffffff ff") + bytes(10)


async def states() -> list[str]:
    found: list[str] = await database_sync_to_async(lambda: list(Stream.objects.values_list("state", flat=True)))()
    return found


async def test_a_wrong_key_is_refused_in_words_for_the_broadcaster(tmp_path: Path) -> None:
    await issued_secret()
    async with on_stage(tmp_path) as stage:
        with pytest.raises(PublishRefused, match="Unknown stream key"):
            await stage.publish("wrong")


async def test_a_channel_that_is_live_refuses_a_second_encoder(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with on_stage(tmp_path) as stage:
        await stage.publish(secret)
        with pytest.raises(PublishRefused, match="The channel is live already"):
            await stage.publish(secret)


async def test_the_end_of_a_stream_whose_row_is_gone_is_no_error(tmp_path: Path) -> None:
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        await database_sync_to_async(lambda: Channel.objects.all().delete())()
        await publication.ended(EndReason.DISCONNECTED)
    assert not await database_sync_to_async(AuditEntry.objects.filter(action="stream.ended").exists)()


async def test_the_longest_codec_string_there_is_fits_the_row(tmp_path: Path) -> None:
    configuration = parse_hevc_configuration(LONGEST_HEVC)
    assert configuration.codec_string == "hvc1.A31.FFFFFFFF.H255.FF.FF.FF.FF.FF.FF"
    async with on_stage(tmp_path) as stage:
        publication = await stage.publish(await issued_secret())
        publication.media(replace(messages.video_header(), configuration=configuration))
        publication.media(messages.picture(0, is_key=True))
        publication.media(messages.sound(0))
        row = await until_row(state=Stream.State.ACTIVE)
    assert row.video_codec == configuration.codec_string


async def test_an_admission_that_nobody_waits_for_any_more_leaves_no_live_stream(tmp_path: Path) -> None:
    secret = await issued_secret()
    async with on_stage(tmp_path) as stage:
        with another_hand() as other:
            other.execute("SELECT 1 FROM streaming_streamkey FOR UPDATE")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stage.publish(secret), 0.2)
        await ended(stage)
        await stage.publish(secret)


async def ended(stage: Stage) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await states() != [Stream.State.ENDED]:
            await asyncio.sleep(0.02)


async def test_a_refusal_that_nobody_waits_for_any_more_is_silent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await issued_secret()
    async with on_stage(tmp_path) as stage:
        with another_hand() as other:
            other.execute("LOCK TABLE streaming_streamkey")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stage.publish("0a1b2c3d-wrong"), 0.2)
        await asyncio.sleep(0.1)
    assert await states() == []
    assert caplog.records == []
