"""Whether what an encoder sends can be passed on to viewers as it is, without being encoded anew."""

from enum import StrEnum
from fractions import Fraction

from streaming.media.ladder import Rendition
from streaming.media.live.source import SourceFormat
from streaming.rtmp.flv import VideoCodec

# Baseline, main and high: 8 bits, 4:2:0, which every browser plays.
_PLAYED_PROFILES = frozenset({0x42, 0x4D, 0x64})
_HIGHEST_LEVEL = 52
_SOUND = "mp4a.40.2"


class CopyFault(StrEnum):
    """Why a picture cannot be passed on."""

    CODEC = "codec"
    PROFILE = "profile"
    INTERLACED = "interlaced"
    PIXELS = "pixels"
    SIZE = "size"
    FRAME_RATE = "frame-rate"
    OPEN_GROUPS = "open-groups"
    KEY_FRAMES = "key-frames"
    BITRATE = "bitrate"


def picture_fault(
    source: SourceFormat, rendition: Rendition, *, rate: Fraction, within_s: Fraction
) -> CopyFault | None:
    """Return why the picture cannot stand in for a rung at a frame rate; None if nothing is known against it.

    Its key frames must come before `within_s` are over. Not all encoders tell how far apart they are: see `Cutter`.
    """
    header, key_frame = source.video, source.key_frame
    if source.video_codec is not VideoCodec.AVC or header is None or key_frame is None:
        return CopyFault.CODEC
    profile, _, level = bytes.fromhex(header.codec_string.partition(".")[2])
    group_s = (key_frame.group_frames or 0) / rate
    checks = (
        (profile not in _PLAYED_PROFILES or level > _HIGHEST_LEVEL, CopyFault.PROFILE),
        (not header.is_progressive, CopyFault.INTERLACED),
        (not header.has_square_pixels, CopyFault.PIXELS),
        ((header.width_px, header.height_px) != (rendition.width_px, rendition.height_px), CopyFault.SIZE),
        (not source.claims_rate(rate), CopyFault.FRAME_RATE),
        (not key_frame.is_clean, CopyFault.OPEN_GROUPS),
        (group_s >= within_s, CopyFault.KEY_FRAMES),
        ((source.bitrate_bps or 0) > rendition.bitrate_bps, CopyFault.BITRATE),
    )
    return next((fault for applies, fault in checks if applies), None)


def is_sound_copyable(source: SourceFormat, *, rate_hz: int, bitrate_bps: int) -> bool:
    """Tell whether the sound can stand in for a stereo track of AAC; one that does not tell its bit rate cannot."""
    header = source.audio
    return (
        header is not None
        and (header.codec_string, header.sample_rate_hz, header.channels) == (_SOUND, rate_hz, 2)
        and source.audio_bitrate_bps is not None
        and source.audio_bitrate_bps <= bitrate_bps
    )
