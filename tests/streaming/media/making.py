"""Tracks, samples and segments out of nothing."""

from fractions import Fraction
from typing import Any

from streaming.media.boxes import SampleDefaults, box, full_box, pack
from streaming.media.fragments import Fragment
from streaming.media.package_index import (
    AudioRole,
    AudioTrack,
    ImageTrack,
    PackageIndex,
    SegmentEntry,
    TextFile,
    TextTrack,
    VideoTrack,
)
from streaming.media.sample_entries import Picture, Sound, VideoRange
from streaming.media.samples import Sample
from streaming.media.tracks import Track

# A sequence parameter set of 320x180, High profile, level 1.2, and the record around it.
SPS = bytes.fromhex("6764000cacd94141 9f9f016a02020280 000003008000000019 078a14cb".replace(" ", ""))
AVC_RECORD = b"\x01" + SPS[1:4] + b"\xff\xe1" + len(SPS).to_bytes(2) + SPS + b"\x01\x00\x02\x68\xee"
AVC = Picture(codec="avc1.64000c", width_px=320, height_px=180, video_range=VideoRange.SDR)
AAC = Sound(codec="mp4a.40.2", sample_rate_hz=48000, channels=2)
AAC_LC_STEREO = bytes.fromhex("1190")


def visual_entry(kind: str, *boxes: bytes, width_px: int = 320, height_px: int = 180) -> bytes:
    """Return the content of an stsd box with one picture codec."""
    fields = bytes(6) + pack("H", 1) + bytes(16) + pack("2H", width_px, height_px) + bytes(50)
    return bytes(4) + pack("I", 1) + box(kind, fields, *boxes)


def audio_entry(kind: str, *boxes: bytes, channels: int = 2, rate_hz: int = 48000) -> bytes:
    """Return the content of an stsd box with one sound codec."""
    fields = bytes(6) + pack("H", 1) + bytes(8) + pack("2H", channels, 16) + bytes(4) + pack("I", rate_hz << 16)
    return bytes(4) + pack("I", 1) + box(kind, fields, *boxes)


def esds(specific: bytes = AAC_LC_STEREO, *, kind: int = 0x40) -> bytes:
    """Return an esds box around an AudioSpecificConfig."""
    info = bytes((5, len(specific))) + specific
    config = bytes((4, 13 + len(info), kind, 0x15)) + bytes(11) + info
    return full_box("esds", 0, 0, bytes((3, 3 + len(config), 0, 1, 0)) + config)


def make_track(**overrides: Any) -> Track:
    """Return a track of H.264, 25 frames a second."""
    values: dict[str, Any] = {
        "track_id": 1,
        "timescale": 12800,
        "language": "und",
        "shift": 0,
        "defaults": SampleDefaults(),
        "sample_entry": visual_entry("avc1", box("avcC", AVC_RECORD)),
        "media": AVC,
    }
    return Track(**values | overrides)


def make_sound_track(**overrides: Any) -> Track:
    """Return a track of AAC, 48 kHz."""
    return make_track(**{"timescale": 48000, "sample_entry": audio_entry("mp4a", esds()), "media": AAC} | overrides)


def make_fragment(at: int, *, count: int = 25, duration: int = 512, is_sound: bool = False) -> Fragment:
    """Return a group of pictures of small samples, or as many samples of sound."""
    samples = tuple(Sample(duration, 10, is_sound or not index, 0) for index in range(count))
    return Fragment(decode_time=at, samples=samples, payload=bytes(10 * count))


def make_video(**overrides: Any) -> VideoTrack:
    """Return a rung of three segments: 4, 4 and 2 seconds, 500, 400 and 100 kB."""
    values: dict[str, Any] = {
        "name": "video-720",
        "codec": "avc1.64001f",
        "timescale": 12800,
        "start": 128000,
        "segments": (
            SegmentEntry(51200, 500_000, 30_000),
            SegmentEntry(51200, 400_000, 20_000),
            SegmentEntry(25600, 100_000, 10_000),
        ),
        "ceiling_bps": 2_000_000,
        "width_px": 1280,
        "height_px": 720,
        "frame_rate": Fraction(25),
    }
    return VideoTrack(**values | overrides)


def make_audio(**overrides: Any) -> AudioTrack:
    """Return sound of three segments around the same times."""
    values: dict[str, Any] = {
        "name": "audio-en",
        "codec": "mp4a.40.2",
        "timescale": 48000,
        "start": 478976,
        "segments": (
            SegmentEntry(193536, 64_000, 400),
            SegmentEntry(191488, 64_000, 400),
            SegmentEntry(96256, 32_000, 400),
        ),
        "channels": 2,
        "sample_rate_hz": 48000,
        "label": "English",
        "language": "en",
        "is_default": True,
    }
    return AudioTrack(**values | overrides)


def make_text(**overrides: Any) -> TextTrack:
    """Return one file of English subtitles."""
    values: dict[str, Any] = {
        "name": "text-en",
        "label": "English",
        "language": "en",
        "files": (TextFile(Fraction(10), 2_000),),
    }
    return TextTrack(**values | overrides)


def make_images(**overrides: Any) -> ImageTrack:
    """Return a storyboard of two sheets of 4x3 pictures, one every half second."""
    values: dict[str, Any] = {
        "name": "storyboard",
        "width_px": 160,
        "height_px": 90,
        "columns": 4,
        "rows": 3,
        "interval_s": Fraction(1, 2),
        "sheets": 2,
        "size_bytes": 60_000,
    }
    return ImageTrack(**values | overrides)


def make_index(**overrides: Any) -> PackageIndex:
    """Return a whole package of two rungs, two languages, subtitles and a storyboard."""
    small = make_video(
        name="video-360",
        codec="avc1.4d401e",
        width_px=640,
        height_px=360,
        segments=(
            SegmentEntry(51200, 100_000, 9_000),
            SegmentEntry(51200, 90_000, 8_000),
            SegmentEntry(25600, 30_000, 7_000),
        ),
    )
    german = make_audio(name="audio-de", label="Deutsch", language="de", is_default=False, role=AudioRole.ALTERNATE)
    values: dict[str, Any] = {
        "is_whole": True,
        "target_duration_s": 4,
        "video": (make_video(), small),
        "audio": (make_audio(), german),
        "texts": (make_text(),),
        "images": (make_images(),),
        "posters": ("posters/1.jpg", "posters/2.jpg"),
    }
    return PackageIndex(**values | overrides)
