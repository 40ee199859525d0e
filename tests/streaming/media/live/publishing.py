"""What encoders send: messages out of nothing, and those of a real FLV file."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from streaming.media.live.plan import LivePlan, plan_live
from streaming.media.live.source import SourceFormat
from streaming.rtmp.codecs import parse_audio_configuration, parse_video_configuration
from streaming.rtmp.events import MediaMessage, MediaType
from streaming.rtmp.flv import (
    TAG_HEADER_BYTES,
    AudioCodec,
    AudioTag,
    Part,
    VideoCodec,
    VideoTag,
    parse_audio_tag,
    parse_video_tag,
)
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import parse_script
from tests.streaming.media.planning import LADDER
from tests.streaming.rtmp.publisher import AAC_FRAME, AAC_HEADER, AVC_FRAME, AVC_HEADER, AVC_KEY_FRAME

__all__ = ["AAC_FRAME", "AAC_HEADER", "AVC_FRAME", "AVC_HEADER", "AVC_KEY_FRAME"]
FULL_HD = SourceFormat(
    video_codec=VideoCodec.AVC,
    width_px=1920,
    height_px=1080,
    frame_rate=Fraction(30),
    audio_codec=AudioCodec.AAC,
)
SEGMENT_S = Fraction(2)


def make_plan(source: SourceFormat = FULL_HD, **overrides: Any) -> LivePlan:
    """Return the plan of a machine that has cores for everything."""
    values: dict[str, Any] = {"levels": LADDER, "cores": 16, "segment_s": SEGMENT_S, "may_copy": False}
    return plan_live(source=source, **values | overrides)


def video(at_ms: int, payload: bytes = AVC_FRAME) -> MediaMessage:
    return _message(MessageType.VIDEO, at_ms, payload)


def audio(at_ms: int, payload: bytes = AAC_FRAME) -> MediaMessage:
    return _message(MessageType.AUDIO, at_ms, payload)


def script(payload: bytes) -> MediaMessage:
    tag, body = parse_script(payload)
    return MediaMessage(type_id=MessageType.DATA_AMF0, timestamp_ms=0, payload=body, header=tag)


def messages_of(flv: bytes) -> Iterator[MediaMessage]:
    """Return what an encoder would send of an FLV file."""
    at = 13
    while at + TAG_HEADER_BYTES <= len(flv):
        size = int.from_bytes(flv[at + 1 : at + 4])
        payload = flv[at + TAG_HEADER_BYTES : at + TAG_HEADER_BYTES + size]
        at_ms = int.from_bytes(flv[at + 4 : at + 7]) | flv[at + 7] << 24
        if flv[at] == MessageType.DATA_AMF0:
            yield script(payload)
        elif flv[at] == MessageType.VIDEO:
            yield video(at_ms, payload)
        else:
            yield audio(at_ms, payload)
        at += TAG_HEADER_BYTES + size + 4


def _message(kind: MediaType, at_ms: int, payload: bytes) -> MediaMessage:
    header = parse_video_tag(payload) if kind is MessageType.VIDEO else parse_audio_tag(payload)
    return MediaMessage(
        type_id=kind, timestamp_ms=at_ms, payload=payload, header=header, configuration=_configuration(header, payload)
    )


def _configuration(header: VideoTag | AudioTag, payload: bytes) -> Any:
    if header.part is not Part.SEQUENCE_START:
        return None
    record = payload[header.body_offset :]
    if isinstance(header, AudioTag):
        return parse_audio_configuration(header.codec, record)
    return parse_video_configuration(header.codec, record) if header.codec else None
