"""What the ingest does when its rows or the database are not as it left them."""

import asyncio
from dataclasses import replace

import pytest
from channels.db import database_sync_to_async

from portal.models import AuditEntry
from streaming.models import Channel, Stream
from streaming.origin.ingest import admit
from streaming.rtmp.codecs import parse_hevc_configuration
from streaming.rtmp.events import EndReason
from streaming.rtmp.flv import Part
from streaming.rtmp.publishing import PublishedStream, PublishRequest
from streaming.services import ingest
from tests.factories import AT, make_stream_key
from tests.streaming.database import another_hand
from tests.streaming.origin.test_ingest import VIDEO, request, video

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

PATIENCE_S = 10.0
LONGEST_HEVC = bytes.fromhex("01 7f ffffffff ffffffffffff ff") + bytes(10)


async def secret() -> str:
    issued: str = (await database_sync_to_async(make_stream_key)()).secret
    return issued


def request_with_kicks(key: str) -> tuple[PublishRequest, list[str]]:
    """Return a request, and where the descriptions go with which its publisher is kicked."""
    kicks: list[str] = []
    return replace(request(key), stream=PublishedStream(kicks.append)), kicks


async def states() -> list[str]:
    found: list[str] = await database_sync_to_async(lambda: list(Stream.objects.values_list("state", flat=True)))()
    return found


async def end_it_in_the_database() -> None:
    stream = await database_sync_to_async(Stream.objects.get)()
    await database_sync_to_async(ingest.end_stream)(stream_id=stream.pk, reason=Stream.EndReason.KICKED, at=AT)


async def kicked(kicks: list[str]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not kicks:
            await asyncio.sleep(0.01)


async def test_a_publisher_whose_channel_was_deleted_is_told_and_ends_in_peace() -> None:
    asked, kicks = request_with_kicks(await secret())
    stream = await admit(asked)
    await database_sync_to_async(lambda: Channel.objects.all().delete())()
    stream.media(video(Part.CODED_FRAMES))
    await kicked(kicks)
    await stream.ended(EndReason.KICKED)
    assert kicks == ["The stream was ended by the portal."]
    assert await states() == []


async def test_a_publisher_whose_stream_was_ended_elsewhere_is_told() -> None:
    asked, kicks = request_with_kicks(await secret())
    stream = await admit(asked)
    await end_it_in_the_database()
    stream.media(video(Part.CODED_FRAMES))
    await kicked(kicks)
    await stream.ended(EndReason.KICKED)
    row = await database_sync_to_async(Stream.objects.get)()
    assert (row.state, row.end_reason, row.active_at) == (Stream.State.ENDED, Stream.EndReason.KICKED, None)


async def test_the_end_of_a_stream_whose_row_is_gone_is_no_error() -> None:
    stream = await admit(request(await secret()))
    await database_sync_to_async(lambda: Channel.objects.all().delete())()
    await stream.ended(EndReason.DISCONNECTED)
    assert not await database_sync_to_async(AuditEntry.objects.filter(action="stream.ended").exists)()


async def test_the_longest_codec_string_there_is_fits_the_row() -> None:
    stream = await admit(request(await secret()))
    configuration = parse_hevc_configuration(LONGEST_HEVC)
    assert configuration.codec_string == "hvc1.A31.FFFFFFFF.H255.FF.FF.FF.FF.FF.FF"
    stream.media(video(Part.SEQUENCE_START, configuration))
    stream.media(video(Part.CODED_FRAMES))
    await stream.ended(EndReason.UNPUBLISHED)
    row = await database_sync_to_async(Stream.objects.get)()
    assert (row.state, row.video_codec) == (Stream.State.ENDED, configuration.codec_string)


async def test_a_header_that_cannot_be_stored_is_reported_and_the_channel_is_free_again() -> None:
    key = await secret()
    stream = await admit(request(key))
    stream.media(video(Part.SEQUENCE_START, replace(VIDEO, codec_string="x" * 100)))
    stream.media(video(Part.CODED_FRAMES))
    with pytest.raises(Exception, match="value too long"):
        await stream.ended(EndReason.UNPUBLISHED)
    assert await states() == [Stream.State.ENDED]
    again = await admit(request(key))
    await again.ended(EndReason.UNPUBLISHED)


async def test_an_admission_that_nobody_waits_for_any_more_leaves_no_live_stream() -> None:
    key = await secret()
    with another_hand() as other:
        other.execute("SELECT 1 FROM streaming_streamkey FOR UPDATE")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(admit(request(key)), 0.2)
    async with asyncio.timeout(PATIENCE_S):
        while await states() != [Stream.State.ENDED]:
            await asyncio.sleep(0.02)
    again = await admit(request(key))
    await again.ended(EndReason.UNPUBLISHED)


async def test_a_refusal_that_nobody_waits_for_any_more_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    await secret()
    with another_hand() as other:
        other.execute("LOCK TABLE streaming_streamkey")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(admit(request("0a1b2c3d-wrong")), 0.2)
    assert await states() == []
    assert caplog.records == []
