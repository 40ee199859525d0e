"""Probes, ladders and plans out of nothing."""

from fractions import Fraction
from typing import Any

from streaming.media.ladder import Codec, Rung
from streaming.media.streams import AudioStream, Hdr, KeyFrames, ProbeResult, SubtitleStream, VideoStream

GOOD_KEYS = KeyFrames(longest_gap_s=Fraction(2), are_closed=True)


def make_rung(name: str, width_px: int, height_px: int, bitrate_bps: int, codec: Codec = Codec.H264) -> Rung:
    return Rung(name=name, codec=codec, width_px=width_px, height_px=height_px, bitrate_bps=bitrate_bps)


LADDER = (
    make_rung("480p", 854, 480, 2_000_000),
    make_rung("720p", 1280, 720, 5_000_000),
    make_rung("1080p", 1920, 1080, 8_000_000),
)


def make_video(**overrides: Any) -> VideoStream:
    """Return the picture of a 1080p film that can be passed through."""
    values: dict[str, Any] = {
        "index": 0,
        "codec": "h264",
        "profile": "High",
        "level": 40,
        "width_px": 1920,
        "height_px": 1080,
        "sample_aspect": Fraction(1),
        "rotation_deg": 0,
        "frame_rate": Fraction(25),
        "is_variable_rate": False,
        "is_interlaced": False,
        "pixel_format": "yuv420p",
        "bit_depth": 8,
        "hdr": Hdr.SDR,
        "matrix": "bt709",
        "primaries": "bt709",
        "transfer": "bt709",
        "color_range": "tv",
        "bitrate_bps": None,
        "start_s": Fraction(0),
        "key_frames": GOOD_KEYS,
    }
    return VideoStream(**values | overrides)


def make_audio(**overrides: Any) -> AudioStream:
    """Return stereo that can be passed through."""
    values: dict[str, Any] = {
        "index": 1,
        "codec": "aac",
        "profile": "LC",
        "channels": 2,
        "layout": "stereo",
        "rate_hz": 48000,
        "language": "en",
        "title": "",
        "is_default": False,
        "is_commentary": False,
        "describes_picture": False,
        "has_header": True,
        "bitrate_bps": 128_000,
        "start_s": Fraction(0),
    }
    return AudioStream(**values | overrides)


def make_subtitles(**overrides: Any) -> SubtitleStream:
    values: dict[str, Any] = {
        "index": 2,
        "codec": "subrip",
        "is_text": True,
        "language": "en",
        "title": "",
        "is_default": False,
        "is_forced": False,
        "is_for_deaf": False,
    }
    return SubtitleStream(**values | overrides)


def make_probe(**overrides: Any) -> ProbeResult:
    """Return a film of ten minutes with stereo, all of which can be passed through."""
    values: dict[str, Any] = {
        "container": "mov,mp4",
        "duration_s": Fraction(600),
        "start_s": Fraction(0),
        "size_bytes": None,
        "bitrate_bps": None,
        "video": make_video(),
        "audio": (make_audio(),),
        "subtitles": (),
        "chapters": (),
        "covers": (),
        "warnings": (),
    }
    return ProbeResult(**values | overrides)
