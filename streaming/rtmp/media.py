"""Bodies of FLV tags, which are those of RTMP messages too, to messages of a publication."""

from typing import Final

from streaming.rtmp.codecs import parse_audio_configuration, parse_video_configuration
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import Part, parse_audio_tag, parse_video_tag
from streaming.rtmp.limits import AmfLimits
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import parse_script

# Looking a member up costs more than the comparison; these are used for each message.
_SEQUENCE_START: Final = Part.SEQUENCE_START
_AUDIO: Final = MessageType.AUDIO
_VIDEO: Final = MessageType.VIDEO


def read_video(payload: bytes, *, timestamp_ms: int) -> MediaMessage:
    """Read one of video, which is not empty. Raises MediaViolation, MediaUnsupported."""
    header = parse_video_tag(payload)
    configuration = None
    if header.part is _SEQUENCE_START and header.codec is not None:
        configuration = parse_video_configuration(header.codec, payload[header.body_offset :])
    return MediaMessage(
        type_id=_VIDEO, timestamp_ms=timestamp_ms, payload=payload, header=header, configuration=configuration
    )


def read_audio(payload: bytes, *, timestamp_ms: int) -> MediaMessage:
    """Read one of audio, which is not empty. Raises MediaViolation, MediaUnsupported."""
    header = parse_audio_tag(payload)
    configuration = None
    if header.part is _SEQUENCE_START:
        configuration = parse_audio_configuration(header.codec, payload[header.body_offset :])
    return MediaMessage(
        type_id=_AUDIO, timestamp_ms=timestamp_ms, payload=payload, header=header, configuration=configuration
    )


def read_data(payload: bytes, *, timestamp_ms: int, limits: AmfLimits | None = None) -> MediaMessage:
    """Read one of data in AMF0. Raises AmfViolation."""
    header, body = parse_script(payload, limits=limits)
    return MediaMessage(type_id=MessageType.DATA_AMF0, timestamp_ms=timestamp_ms, payload=body, header=header)
