"""Messages of an encoder, without any picture or sound in them."""

from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import AudioCodec, AudioTag, Part, VideoCodec, VideoTag
from streaming.rtmp.messages import MessageType
from streaming.rtmp.metadata import ScriptTag, StreamMetadata

VIDEO = VideoConfiguration(codec=VideoCodec.AVC, codec_string="avc1.640028", width_px=1920, height_px=1080)
AUDIO = AudioConfiguration(codec=AudioCodec.AAC, codec_string="mp4a.40.2", sample_rate_hz=48000, channels=2)


def picture(at_ms: int, *, is_key: bool = False, payload: bytes = b"picture") -> MediaMessage:
    return _video(Part.CODED_FRAMES, at_ms=at_ms, is_key=is_key, payload=payload)


def video_header(payload: bytes = b"sps") -> MediaMessage:
    return _video(Part.SEQUENCE_START, at_ms=0, is_key=True, payload=payload, configuration=VIDEO)


def _video(
    part: Part, *, at_ms: int, is_key: bool, payload: bytes, configuration: VideoConfiguration | None = None
) -> MediaMessage:
    header = VideoTag(
        codec=VideoCodec.AVC, part=part, is_key=is_key, composition_ms=0, body_offset=5, is_enhanced=False
    )
    return MediaMessage(
        type_id=MessageType.VIDEO, timestamp_ms=at_ms, payload=payload, header=header, configuration=configuration
    )


def sound(at_ms: int) -> MediaMessage:
    return _audio(Part.CODED_FRAMES, at_ms=at_ms)


def audio_header() -> MediaMessage:
    return _audio(Part.SEQUENCE_START, at_ms=0, configuration=AUDIO)


def _audio(part: Part, *, at_ms: int, configuration: AudioConfiguration | None = None) -> MediaMessage:
    header = AudioTag(codec=AudioCodec.AAC, part=part, body_offset=2, is_enhanced=False)
    return MediaMessage(
        type_id=MessageType.AUDIO, timestamp_ms=at_ms, payload=b"sound", header=header, configuration=configuration
    )


def metadata() -> MediaMessage:
    header = ScriptTag(name="onMetaData", metadata=StreamMetadata(frame_rate=30.0))
    return MediaMessage(type_id=MessageType.DATA_AMF0, timestamp_ms=0, payload=b"claims", header=header)
