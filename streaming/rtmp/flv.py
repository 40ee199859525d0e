"""FLV tags: the headers in front of audio and video, and a writer for FFmpeg's stdin.

Sources: Adobe Flash Video File Format 10.1, annex E (classic headers); Enhanced RTMP v2, "Enhanced
Audio" and "Enhanced Video" (FourCC headers, ModEx, multitrack).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final

from streaming.rtmp.errors import MediaUnsupported, MediaViolation
from streaming.rtmp.messages import TIMESTAMP_MODULUS, Message, MessageType


class VideoCodec(StrEnum):
    """Video codecs, by their FourCC; those without one by name."""

    AVC = "avc1"
    HEVC = "hvc1"
    VVC = "vvc1"
    AV1 = "av01"
    VP8 = "vp08"
    VP9 = "vp09"
    SORENSON_H263 = "h263"
    SCREEN = "screen"
    VP6 = "vp6"
    VP6_ALPHA = "vp6a"
    SCREEN_2 = "screen2"


class AudioCodec(StrEnum):
    """Audio codecs, by their FourCC; those without one by name."""

    AAC = "mp4a"
    MP3 = ".mp3"
    OPUS = "Opus"
    FLAC = "fLaC"
    AC3 = "ac-3"
    EAC3 = "ec-3"
    PCM = "pcm"
    ADPCM = "adpcm"
    NELLYMOSER = "nellymoser"
    G711_A = "alaw"
    G711_MU = "mulaw"
    SPEEX = "speex"


class Part(StrEnum):
    """What the body of an audio or video tag is."""

    SEQUENCE_START = "sequence start"
    CODED_FRAMES = "coded frames"
    SEQUENCE_END = "sequence end"
    METADATA = "metadata"
    COMMAND = "command"


class FrameType(IntEnum):
    """Frame types (annex E.4.3.1)."""

    KEY = 1
    INTER = 2
    DISPOSABLE_INTER = 3
    GENERATED_KEY = 4
    COMMAND = 5


class _VideoPacketType(IntEnum):
    """VideoPacketType of the extended header."""

    SEQUENCE_START = 0
    CODED_FRAMES = 1
    SEQUENCE_END = 2
    CODED_FRAMES_X = 3
    METADATA = 4
    MPEG2TS_SEQUENCE_START = 5
    MULTITRACK = 6
    MOD_EX = 7


class _AudioPacketType(IntEnum):
    """AudioPacketType of the extended header."""

    SEQUENCE_START = 0
    CODED_FRAMES = 1
    SEQUENCE_END = 2
    MULTICHANNEL_CONFIG = 4
    MULTITRACK = 5
    MOD_EX = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTag:
    """What the header of a video message says.

    Attributes:
        codec: None only for `COMMAND`, which names no codec in an extended header.
        composition_ms: presentation minus decoding time.
        body_offset: where the codec's own bytes begin in the payload.
    """

    codec: VideoCodec | None
    part: Part
    is_key: bool
    composition_ms: int
    body_offset: int
    is_enhanced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTag:
    """What the header of an audio message says.

    Attributes:
        body_offset: where the codec's own bytes begin in the payload.
    """

    codec: AudioCodec
    part: Part
    body_offset: int
    is_enhanced: bool


_IS_EXTENDED = 0x80
_SOUND_FORMAT_EXTENDED = 9
_AVC_ID, _HEVC_ID = 7, 12
_AAC_ID = 10
_CLASSIC_VIDEO_BYTES, _CLASSIC_AUDIO_BYTES = 5, 2

_CLASSIC_VIDEO: Final = {
    2: VideoCodec.SORENSON_H263,
    3: VideoCodec.SCREEN,
    4: VideoCodec.VP6,
    5: VideoCodec.VP6_ALPHA,
    6: VideoCodec.SCREEN_2,
    _AVC_ID: VideoCodec.AVC,
    # Never standardised, but widespread in Asian encoders: same layout as H.264.
    _HEVC_ID: VideoCodec.HEVC,
}
_CLASSIC_AUDIO: Final = {
    0: AudioCodec.PCM,
    1: AudioCodec.ADPCM,
    2: AudioCodec.MP3,
    3: AudioCodec.PCM,
    4: AudioCodec.NELLYMOSER,
    5: AudioCodec.NELLYMOSER,
    6: AudioCodec.NELLYMOSER,
    7: AudioCodec.G711_A,
    8: AudioCodec.G711_MU,
    _AAC_ID: AudioCodec.AAC,
    11: AudioCodec.SPEEX,
    14: AudioCodec.MP3,
}
_ENHANCED_VIDEO: Final = {
    codec.value.encode(): codec
    for codec in (
        VideoCodec.AVC,
        VideoCodec.HEVC,
        VideoCodec.VVC,
        VideoCodec.AV1,
        VideoCodec.VP8,
        VideoCodec.VP9,
    )
}
_ENHANCED_AUDIO: Final = {
    codec.value.encode(): codec
    for codec in (
        AudioCodec.AAC,
        AudioCodec.MP3,
        AudioCodec.OPUS,
        AudioCodec.FLAC,
        AudioCodec.AC3,
        AudioCodec.EAC3,
    )
}
_MAX_MODIFIERS = 8
"""One is defined; a message of nothing else would keep the event loop busy for a second."""
_MAX_AGGREGATED = 4096
"""Half a million parts fit into the longest message: seconds of work at one go."""
_WITH_COMPOSITION_TIME: Final = frozenset({VideoCodec.AVC, VideoCodec.HEVC, VideoCodec.VVC})
_CLASSIC_PARTS: Final = (Part.SEQUENCE_START, Part.CODED_FRAMES, Part.SEQUENCE_END)
_VIDEO_PARTS: Final[Mapping[int, Part]] = {
    _VideoPacketType.SEQUENCE_START: Part.SEQUENCE_START,
    _VideoPacketType.CODED_FRAMES: Part.CODED_FRAMES,
    _VideoPacketType.CODED_FRAMES_X: Part.CODED_FRAMES,
    _VideoPacketType.SEQUENCE_END: Part.SEQUENCE_END,
    _VideoPacketType.METADATA: Part.METADATA,
}
_AUDIO_PARTS: Final[Mapping[int, Part]] = {
    _AudioPacketType.SEQUENCE_START: Part.SEQUENCE_START,
    _AudioPacketType.CODED_FRAMES: Part.CODED_FRAMES,
    _AudioPacketType.SEQUENCE_END: Part.SEQUENCE_END,
    _AudioPacketType.MULTICHANNEL_CONFIG: Part.METADATA,
}


def parse_video_tag(payload: bytes) -> VideoTag:
    """Read the header of a video message.

    Raises:
        MediaViolation: the header is cut short or uses a reserved value.
        MediaUnsupported: multitrack, MPEG-2 TS or an unknown codec.
    """
    # Streams repeat few headers: most are found again. Extended headers have no fixed length.
    if _byte(payload, 0, "video") & _IS_EXTENDED:
        return _parse_extended_video(payload)
    return _parse_classic_video(payload[:_CLASSIC_VIDEO_BYTES])


@lru_cache(maxsize=256)
def _parse_classic_video(payload: bytes) -> VideoTag:
    first = payload[0]
    frame_type, codec_id = first >> 4, first & 0x0F
    codec = _CLASSIC_VIDEO.get(codec_id)
    if codec is None:
        raise MediaUnsupported(f"video codec id {codec_id} is not known")
    part, composition_ms, body_offset = Part.CODED_FRAMES, 0, 1
    if frame_type == FrameType.COMMAND:
        part = Part.COMMAND
    elif codec_id in (_AVC_ID, _HEVC_ID):
        part = _classic_part(payload, "video")
        body_offset = _CLASSIC_VIDEO_BYTES
        composition_ms = _signed_24(payload, 2)
    return VideoTag(
        codec=codec,
        part=part,
        is_key=frame_type in (FrameType.KEY, FrameType.GENERATED_KEY),
        composition_ms=composition_ms,
        body_offset=body_offset,
        is_enhanced=False,
    )


def parse_audio_tag(payload: bytes) -> AudioTag:
    """Read the header of an audio message.

    Raises:
        MediaViolation: the header is cut short or uses a reserved value.
        MediaUnsupported: multitrack or an unknown codec.
    """
    if _byte(payload, 0, "audio") >> 4 == _SOUND_FORMAT_EXTENDED:
        return _parse_extended_audio(payload)
    return _parse_classic_audio(payload[:_CLASSIC_AUDIO_BYTES])


@lru_cache(maxsize=256)
def _parse_classic_audio(payload: bytes) -> AudioTag:
    sound_format = payload[0] >> 4
    codec = _CLASSIC_AUDIO.get(sound_format)
    if codec is None:
        raise MediaUnsupported(f"audio format {sound_format} is not known")
    is_aac = codec is AudioCodec.AAC
    return AudioTag(
        codec=codec,
        part=_classic_part(payload, "audio") if is_aac else Part.CODED_FRAMES,
        body_offset=2 if is_aac else 1,
        is_enhanced=False,
    )


def _parse_extended_video(payload: bytes) -> VideoTag:
    frame_type = payload[0] >> 4 & 0x07
    packet_type, offset = _skip_mod_ex(payload, payload[0] & 0x0F, "video")
    if packet_type == _VideoPacketType.MULTITRACK:
        raise MediaUnsupported("multitrack video is not supported; send one video track")
    if frame_type == FrameType.COMMAND and packet_type != _VideoPacketType.METADATA:
        return _enhanced_video(None, Part.COMMAND, body_offset=offset)
    part = _VIDEO_PARTS.get(packet_type)
    if part is None:
        raise MediaUnsupported(f"video packet type {packet_type} is not supported")
    codec = _ENHANCED_VIDEO.get(payload[offset : offset + 4])
    if codec is None:
        raise MediaUnsupported(f"video FourCC {payload[offset : offset + 4]!r} is not known")
    offset += 4
    composition_ms = 0
    if packet_type == _VideoPacketType.CODED_FRAMES and codec in _WITH_COMPOSITION_TIME:
        composition_ms = _signed_24(payload, offset)
        offset += 3
    return _enhanced_video(
        codec,
        part,
        body_offset=offset,
        is_key=frame_type in (FrameType.KEY, FrameType.GENERATED_KEY),
        composition_ms=composition_ms,
    )


def _enhanced_video(
    codec: VideoCodec | None,
    part: Part,
    *,
    body_offset: int,
    is_key: bool = False,
    composition_ms: int = 0,
) -> VideoTag:
    return VideoTag(
        codec=codec,
        part=part,
        is_key=is_key,
        composition_ms=composition_ms,
        body_offset=body_offset,
        is_enhanced=True,
    )


def _parse_extended_audio(payload: bytes) -> AudioTag:
    packet_type, offset = _skip_mod_ex(payload, payload[0] & 0x0F, "audio")
    if packet_type == _AudioPacketType.MULTITRACK:
        raise MediaUnsupported("multitrack audio is not supported; send one audio track")
    part = _AUDIO_PARTS.get(packet_type)
    if part is None:
        raise MediaUnsupported(f"audio packet type {packet_type} is not supported")
    codec = _ENHANCED_AUDIO.get(payload[offset : offset + 4])
    if codec is None:
        raise MediaUnsupported(f"audio FourCC {payload[offset : offset + 4]!r} is not known")
    return AudioTag(codec=codec, part=part, body_offset=offset + 4, is_enhanced=True)


def _skip_mod_ex(payload: bytes, packet_type: int, kind: str) -> tuple[int, int]:
    """Step over packet modifiers; return the real packet type and where its fields begin.

    The only modifier defined adds nanoseconds to the timestamp, finer than anything used here.
    """
    offset = 1
    modifiers = 0
    while packet_type == _VideoPacketType.MOD_EX:
        modifiers += 1
        if modifiers > _MAX_MODIFIERS:
            raise MediaViolation(f"the {kind} header has more than {_MAX_MODIFIERS} modifiers")
        size = _byte(payload, offset, kind) + 1
        offset += 1
        if size == 256:
            size = (_byte(payload, offset, kind) << 8 | _byte(payload, offset + 1, kind)) + 1
            offset += 2
        offset += size
        packet_type = _byte(payload, offset, kind) & 0x0F
        offset += 1
    return packet_type, offset


def _classic_part(payload: bytes, kind: str) -> Part:
    packet_type = _byte(payload, 1, kind)
    if packet_type >= len(_CLASSIC_PARTS):
        raise MediaViolation(f"{kind} packet type {packet_type} is reserved")
    return _CLASSIC_PARTS[packet_type]


def _byte(payload: bytes, offset: int, kind: str) -> int:
    if offset >= len(payload):
        raise MediaViolation(f"the {kind} header is cut short after {len(payload)} bytes")
    return payload[offset]


def _signed_24(payload: bytes, offset: int) -> int:
    if len(payload) < offset + 3:
        raise MediaViolation(f"the video header is cut short after {len(payload)} bytes")
    return int.from_bytes(payload[offset : offset + 3], signed=True)


TAG_HEADER_BYTES = 11
"""Length of an FLV tag header (annex E.4.1)."""
_PREVIOUS_TAG_SIZE_BYTES = 4


def format_file_header(*, has_audio: bool = True, has_video: bool = True) -> bytes:
    """Return the FLV file header and the size of the tag before the first, 0 (E.2, E.3)."""
    return b"FLV\x01" + bytes((has_audio << 2 | has_video, 0, 0, 0, 9)) + bytes(4)


def format_tag(*, type_id: int, timestamp_ms: int, payload: bytes) -> bytes:
    """Return one FLV tag and its size (E.4.1). The timestamp is cut to 32 bits."""
    size = len(payload)
    wrapped_ms = timestamp_ms % TIMESTAMP_MODULUS
    header = b"".join(
        (
            bytes((type_id,)),
            size.to_bytes(3),
            (wrapped_ms & 0xFFFFFF).to_bytes(3),
            bytes((wrapped_ms >> 24, 0, 0, 0)),
        )
    )
    return b"".join((header, payload, (size + TAG_HEADER_BYTES).to_bytes(4)))


def split_aggregate(message: Message) -> Iterator[Message]:
    """Yield the messages inside an aggregate message (RTMP 1.0, 7.1.6).

    Their timestamps are moved so that the first one has that of the aggregate.

    Raises:
        MediaViolation: a part is cut short or is itself an aggregate, or there are too many.
    """
    payload, offset, shift_ms, parts = message.payload, 0, None, 0
    while offset < len(payload):
        parts += 1
        if parts > _MAX_AGGREGATED:
            raise MediaViolation(f"an aggregate message has more than {_MAX_AGGREGATED} parts")
        header = payload[offset : offset + TAG_HEADER_BYTES]
        end = offset + TAG_HEADER_BYTES + int.from_bytes(header[1:4])
        if len(header) < TAG_HEADER_BYTES or end > len(payload):
            raise MediaViolation(f"the aggregate message is cut short at byte {offset}")
        if header[0] == MessageType.AGGREGATE:
            raise MediaViolation("an aggregate message contains another one")
        timestamp_ms = header[7] << 24 | int.from_bytes(header[4:7])
        if shift_ms is None:
            shift_ms = message.timestamp_ms - timestamp_ms
        yield Message(
            type_id=header[0],
            stream_id=message.stream_id,
            timestamp_ms=(timestamp_ms + shift_ms) % TIMESTAMP_MODULUS,
            payload=payload[offset + TAG_HEADER_BYTES : end],
        )
        offset = end + _PREVIOUS_TAG_SIZE_BYTES
