"""Sequence headers: codec strings, picture size, sampling rate.

Sources: ISO/IEC 14496-15 (5.3.3.1 AVC, 8.3.3.1 HEVC configuration records; annex E codec strings),
ISO/IEC 14496-10 7.3.2.1.1 (sequence parameter set), ISO/IEC 14496-3 1.6.2.1 (AudioSpecificConfig),
RFC 7845 5.1 (OpusHead), AV1 Codec ISO Media File Format Binding 2.3 (av1C) and section 5 (codecs
parameter).
"""

from dataclasses import dataclass
from typing import NamedTuple

from streaming.rtmp.bits import BitReader
from streaming.rtmp.errors import MediaUnsupported, MediaViolation
from streaming.rtmp.flv import AudioCodec, VideoCodec


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoConfiguration:
    """What a video sequence header says.

    Attributes:
        codec_string: as in the CODECS attribute of a playlist (RFC 6381).
        width_px: after cropping; None where the record does not hold it (HEVC, AV1).
        height_px: likewise.
        nal_length_bytes: how long the length before each NAL unit is; None but for H.264, as of what follows.
        is_progressive: no picture may be of two fields.
        has_square_pixels: as far as it says something of their shape.
    """

    codec: VideoCodec
    codec_string: str
    width_px: int | None = None
    height_px: int | None = None
    nal_length_bytes: int | None = None
    is_progressive: bool | None = None
    has_square_pixels: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioConfiguration:
    """What an audio sequence header says. `channels` is None when a program config decides."""

    codec: AudioCodec
    codec_string: str
    sample_rate_hz: int
    channels: int | None


_CONFIGURATION_VERSION = 1
_NAL_SPS = 7
_PROFILES_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_HEVC_RECORD_BYTES = 23
_MAX_SPS_BYTES = 1024
"""A sequence parameter set with all its scaling lists stays below this."""
_MAX_AAC_BYTES = 64
_MAX_MB = 1 << 12
"""Macroblocks along one side: 65536 pixels, far above level 6.2."""
_SAMPLE_RATES_HZ = (
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
)  # fmt: skip
_EXPLICIT_RATE = 15
_EXPLICIT_OBJECT_TYPE = 31
_CHANNELS = (None, 1, 2, 3, 4, 5, 6, 8, None, None, None, 7, 8, None, 8, None)
_OPUS_HEAD_BYTES, _OPUS_RATE_HZ = 19, 48000
_SBR, _PARAMETRIC_STEREO = 5, 29
_UNSPECIFIED_SHAPE, _SQUARE_SHAPE, _EXTENDED_SHAPE = 0, 1, 255


def parse_video_configuration(codec: VideoCodec, record: bytes) -> VideoConfiguration | None:
    """Read a video sequence header; None for codecs whose record is not read.

    Raises:
        MediaViolation: the record is cut short or contradicts itself.
        MediaUnsupported: an HEVC record under an H.264 label.
    """
    match codec:
        case VideoCodec.AVC:
            return parse_avc_configuration(record)
        case VideoCodec.HEVC:
            return parse_hevc_configuration(record)
        case VideoCodec.AV1:
            return parse_av1_configuration(record)
    return None


def parse_audio_configuration(codec: AudioCodec, record: bytes) -> AudioConfiguration | None:
    """Read an audio sequence header; None for codecs whose record is not read.

    Raises:
        MediaViolation: the record is cut short or uses a reserved value.
    """
    match codec:
        case AudioCodec.AAC:
            return parse_aac_configuration(record)
        case AudioCodec.OPUS:
            return parse_opus_configuration(record)
    return None


def parse_avc_configuration(record: bytes) -> VideoConfiguration:
    """Read an AVCDecoderConfigurationRecord and the first SPS in it."""
    if len(record) < 7 or record[0] != _CONFIGURATION_VERSION:
        raise MediaViolation("the H.264 configuration record is cut short or of unknown version")
    size = int.from_bytes(record[6:8])
    sps = record[8 : 8 + size]
    if record[5] & 0x1F == 0 or len(sps) < max(size, 4) or sps[0] & 0x1F != _NAL_SPS:
        if _looks_like_hevc(record):
            raise MediaUnsupported("the video is HEVC labelled as H.264; update the encoder or choose H.264")
        raise MediaViolation("the H.264 configuration record holds no sequence parameter set")
    picture = _parse_avc_picture(sps)
    return VideoConfiguration(
        codec=VideoCodec.AVC,
        codec_string=f"avc1.{record[1:4].hex()}",
        width_px=picture.width_px,
        height_px=picture.height_px,
        nal_length_bytes=(record[4] & 0x03) + 1,
        is_progressive=picture.is_progressive,
        has_square_pixels=picture.has_square_pixels,
    )


def parse_hevc_configuration(record: bytes) -> VideoConfiguration:
    """Read an HEVCDecoderConfigurationRecord."""
    if len(record) < _HEVC_RECORD_BYTES or record[0] != _CONFIGURATION_VERSION:
        raise MediaViolation("the HEVC configuration record is cut short or of unknown version")
    space = ("", "A", "B", "C")[record[1] >> 6]
    tier = "H" if record[1] & 0x20 else "L"
    # Compatibility flags are written in reverse bit order, trailing zero bytes are left out (E.3).
    compatibility = int(f"{int.from_bytes(record[2:6]):032b}"[::-1], 2)
    constraints = "".join(f".{byte:X}" for byte in record[6:12].rstrip(b"\x00"))
    return VideoConfiguration(
        codec=VideoCodec.HEVC,
        codec_string=(f"hvc1.{space}{record[1] & 0x1F}.{compatibility:X}.{tier}{record[12]}{constraints}"),
    )


def parse_av1_configuration(record: bytes) -> VideoConfiguration:
    """Read an AV1CodecConfigurationRecord."""
    if len(record) < 4 or record[0] != 0x81:
        raise MediaViolation("the AV1 configuration record is cut short or of unknown version")
    profile, level = record[1] >> 5, record[1] & 0x1F
    tier = "H" if record[2] & 0x80 else "M"
    is_high, is_twelve = record[2] & 0x40, record[2] & 0x20
    depth = 8 if not is_high else 12 if is_twelve and profile == 2 else 10
    return VideoConfiguration(codec=VideoCodec.AV1, codec_string=f"av01.{profile}.{level:02d}{tier}.{depth:02d}")


def parse_aac_configuration(record: bytes) -> AudioConfiguration:
    """Read an AudioSpecificConfig. With SBR the rate is that of the output."""
    bits = BitReader(record[:_MAX_AAC_BYTES])
    object_type = _read_object_type(bits)
    sample_rate_hz = _read_sample_rate(bits)
    channels = _CHANNELS[bits.read(4)]
    if object_type in (_SBR, _PARAMETRIC_STEREO):
        sample_rate_hz = _read_sample_rate(bits)
        channels = 2 if object_type == _PARAMETRIC_STEREO else channels
    return AudioConfiguration(
        codec=AudioCodec.AAC,
        codec_string=f"mp4a.40.{object_type}",
        sample_rate_hz=sample_rate_hz,
        channels=channels,
    )


def parse_opus_configuration(record: bytes) -> AudioConfiguration:
    """Read an Opus identification header; Opus always decodes to 48 kHz."""
    if len(record) < _OPUS_HEAD_BYTES or not record.startswith(b"OpusHead"):
        raise MediaViolation("the Opus identification header is cut short")
    return AudioConfiguration(
        codec=AudioCodec.OPUS, codec_string="opus", sample_rate_hz=_OPUS_RATE_HZ, channels=record[9] or None
    )


def _read_object_type(bits: BitReader) -> int:
    object_type = bits.read(5)
    return 32 + bits.read(6) if object_type == _EXPLICIT_OBJECT_TYPE else object_type


def _read_sample_rate(bits: BitReader) -> int:
    index = bits.read(4)
    if index == _EXPLICIT_RATE:
        return bits.read(24)
    if index >= len(_SAMPLE_RATES_HZ):
        raise MediaViolation(f"AAC sampling frequency index {index} is reserved")
    return _SAMPLE_RATES_HZ[index]


def _looks_like_hevc(record: bytes) -> bool:
    """Tell whether the fixed and reserved bits are those of an HEVC record (8.3.3.1.2)."""
    return (
        len(record) >= _HEVC_RECORD_BYTES
        and 1 <= record[1] & 0x1F <= 4
        and record[13] & 0xF0 == 0xF0
        and record[15] & 0xFC == 0xFC
    )


class _AvcPicture(NamedTuple):
    width_px: int
    height_px: int
    is_progressive: bool
    has_square_pixels: bool


def _parse_avc_picture(sps: bytes) -> _AvcPicture:
    """Return the size in pixels, and what the pixels are like (7.3.2.1.1, 7.4.2.1.1)."""
    # Inside NAL units 00 00 03 stands for 00 00 (7.4.1).
    bits = BitReader(sps[1:_MAX_SPS_BYTES].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.read(8)
    bits.skip(16)
    bits.unsigned()
    chroma_format, is_planar = 1, False
    if profile in _PROFILES_WITH_CHROMA:
        chroma_format, is_planar = _read_chroma(bits)
    bits.unsigned()
    _skip_picture_order(bits)
    bits.unsigned()
    bits.skip(1)
    width_mb, height_units = bits.unsigned() + 1, bits.unsigned() + 1
    if width_mb > _MAX_MB or height_units > _MAX_MB:
        raise MediaViolation(f"the H.264 picture is {width_mb}x{height_units} macroblocks")
    is_frame_only = bits.read(1)
    bits.skip(1 if is_frame_only else 2)
    rows = 2 - is_frame_only
    width_px, height_px = width_mb * 16, height_units * 16 * rows
    if bits.read(1):
        unit_x, unit_y = _crop_units(0 if is_planar else chroma_format)
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width_px -= (left + right) * unit_x
        height_px -= (top + bottom) * unit_y * rows
    if width_px <= 0 or height_px <= 0:
        raise MediaViolation("the H.264 picture is cropped to nothing")
    return _AvcPicture(width_px, height_px, bool(is_frame_only), _read_square_pixels(bits))


def _read_square_pixels(bits: BitReader) -> bool:
    """Read the beginning of the VUI parameters (E.1.1, table E-1). Nothing said is square, as for all players."""
    has_vui, says_shape = bits.read(1), 0
    if has_vui:
        says_shape = bits.read(1)
    if not says_shape:
        return True
    shape = bits.read(8)
    if shape == _EXTENDED_SHAPE:
        return bits.read(16) == bits.read(16)
    return shape in (_UNSPECIFIED_SHAPE, _SQUARE_SHAPE)


def _read_chroma(bits: BitReader) -> tuple[int, bool]:
    chroma_format = bits.unsigned()
    if chroma_format > 3:
        raise MediaViolation(f"H.264 chroma format {chroma_format} is reserved")
    is_planar = chroma_format == 3 and bits.read(1) == 1
    bits.unsigned()
    bits.unsigned()
    bits.skip(1)
    if bits.read(1):
        for index in range(8 if chroma_format != 3 else 12):
            if bits.read(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma_format, is_planar


def _skip_scaling_list(bits: BitReader, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _skip_picture_order(bits: BitReader) -> None:
    kind = bits.unsigned()
    if kind == 0:
        bits.unsigned()
    elif kind == 1:
        bits.skip(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()


def _crop_units(chroma_format: int) -> tuple[int, int]:
    return {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}[chroma_format]
