"""From the RTMP server's words to the rows, on a real database."""

import pytest
from channels.db import database_sync_to_async

from streaming.models import Stream
from streaming.origin.ingest import admit
from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.flv import AudioCodec, Part, VideoCodec, VideoTag
from streaming.rtmp.messages import MessageType
from streaming.rtmp.publishing import PublishedStream, PublishRefused, PublishRequest
from streaming.rtmp.redaction import Secret
from tests.factories import make_stream_key

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

VIDEO = VideoConfiguration(codec=VideoCodec.AVC, codec_string="avc1.640028", width_px=1920, height_px=1080)
AUDIO = AudioConfiguration(codec=AudioCodec.AAC, codec_string="mp4a.40.2", sample_rate_hz=48000, channels=2)


def request(key: str) -> PublishRequest:
    return PublishRequest(
        app="live",
        stream_key=Secret(key),
        stream_name=None,
        tc_url=Secret("rtmp://localhost/live"),
        encoder="test",
        peer="127.0.0.1:1",
        stream=PublishedStream(lambda description: None),
    )


def video(part: Part, configuration: VideoConfiguration | AudioConfiguration | None = None) -> MediaMessage:
    header = VideoTag(codec=VideoCodec.AVC, part=part, is_key=True, composition_ms=0, body_offset=5, is_enhanced=False)
    return MediaMessage(
        type_id=MessageType.VIDEO, timestamp_ms=0, payload=b"", header=header, configuration=configuration
    )


async def issued_secret() -> str:
    secret: str = (await database_sync_to_async(make_stream_key)()).secret
    return secret


async def the_stream() -> Stream:
    stream: Stream = await database_sync_to_async(Stream.objects.get)()
    return stream


async def test_headers_alone_do_not_put_a_stream_on_air() -> None:
    stream = await admit(request(await issued_secret()))
    stream.media(video(Part.SEQUENCE_START, VIDEO))
    assert (await the_stream()).state == Stream.State.PENDING
    await stream.ended(EndReason.DISCONNECTED)


async def test_the_first_frame_does_with_what_the_headers_said() -> None:
    stream = await admit(request(await issued_secret()))
    stream.media(video(Part.SEQUENCE_START, VIDEO))
    stream.media(video(Part.SEQUENCE_START, AUDIO))
    stream.media(video(Part.CODED_FRAMES))
    stream.media(video(Part.CODED_FRAMES))
    await stream.ended(EndReason.UNPUBLISHED)
    row = await the_stream()
    assert (row.state, row.end_reason) == (Stream.State.ENDED, Stream.EndReason.UNPUBLISHED)
    assert row.active_at is not None
    assert (row.video_codec, row.height_px, row.audio_codec) == ("avc1.640028", 1080, "mp4a.40.2")


async def test_a_wrong_key_is_refused_in_words_for_the_broadcaster() -> None:
    await issued_secret()
    with pytest.raises(PublishRefused, match="Unknown stream key"):
        await admit(request("wrong"))


async def test_a_channel_that_is_live_refuses_a_second_encoder() -> None:
    secret = await issued_secret()
    first = await admit(request(secret))
    with pytest.raises(PublishRefused, match="The channel is live already"):
        await admit(request(secret))
    await first.ended(EndReason.KICKED)


@pytest.mark.parametrize("reason", [reason for reason in EndReason if reason is not EndReason.REFUSED])
async def test_every_way_to_end_is_stored(reason: EndReason) -> None:
    stream = await admit(request(await issued_secret()))
    await stream.ended(reason)
    assert (await the_stream()).end_reason != ""
