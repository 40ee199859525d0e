"""What a source holds, as ffprobe tells it. Lengths are in seconds, rates in bit/s."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Reason(StrEnum):
    """Why a source cannot be packaged."""

    UNREADABLE = "unreadable"
    NO_STREAMS = "no-streams"
    ENCRYPTED = "encrypted"
    UNKNOWN_CODEC = "unknown-codec"
    NO_DURATION = "no-duration"
    TOO_LONG = "too-long"
    TOO_LARGE = "too-large"
    CONTRADICTORY = "contradictory"


class UnsupportedSource(Exception):
    """A source cannot be packaged. `reason` is for programs, the words are for logs."""

    def __init__(self, reason: Reason, words: str) -> None:
        super().__init__(words)
        self.reason = reason


class Hdr(StrEnum):
    """How light is coded. DOLBY_VISION has no base layer that an ordinary screen shows in the right colours."""

    SDR = "sdr"
    HDR10 = "hdr10"
    HLG = "hlg"
    DOLBY_VISION = "dolby-vision"


class Caution(StrEnum):
    """What an editor should know about a source that is packaged all the same."""

    TRACKS_LEFT_OUT = "tracks-left-out"
    MORE_PICTURES = "more-pictures"
    UNKNOWN_TRACKS = "unknown-tracks"
    LENGTHS_DIFFER = "lengths-differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrames:
    """What was seen of a picture's key frames. `longest_gap_s` is None where there was one only."""

    longest_gap_s: Fraction | None
    are_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """A moving picture.

    Attributes:
        rotation_deg: clockwise, a multiple of 90: how the picture is to be turned before it is shown.
        frame_rate: the exact one, or the average where frames come at no constant rate.
        key_frames: None where they were not looked at.
    """

    index: int
    codec: str
    profile: str
    level: int
    width_px: int
    height_px: int
    sample_aspect: Fraction
    rotation_deg: int
    frame_rate: Fraction
    is_variable_rate: bool
    is_interlaced: bool
    pixel_format: str
    bit_depth: int
    hdr: Hdr
    matrix: str
    primaries: str
    transfer: str
    color_range: str
    bitrate_bps: int | None
    start_s: Fraction
    key_frames: KeyFrames | None

    @property
    def display_size(self) -> tuple[Fraction, Fraction]:
        """Width and height as they are seen: turned, with square pixels, neither of them enlarged needlessly."""
        width, height = self.width_px * self.sample_aspect, Fraction(self.height_px)
        return (height, width) if self.rotation_deg % 180 else (width, height)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """A sound track.

    Attributes:
        language: a BCP 47 tag, "und" where it is unknown.
        has_header: the decoder's configuration stands before the first packet, as it does not in ADTS.
    """

    index: int
    codec: str
    profile: str
    channels: int
    layout: str
    rate_hz: int
    language: str
    title: str
    is_default: bool
    is_commentary: bool
    describes_picture: bool
    has_header: bool
    bitrate_bps: int | None
    start_s: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtitleStream:
    """Embedded subtitles, as text or, where `is_text` is false, as pictures."""

    index: int
    codec: str
    is_text: bool
    language: str
    title: str
    is_default: bool
    is_forced: bool
    is_for_deaf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    start_s: Fraction
    end_s: Fraction
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """A source that can be packaged.

    Attributes:
        duration_s: the container's, unless its streams contradict it by far.
        start_s: what FFmpeg takes from every time, so that the earliest stream begins at zero.
        covers: indices of attached pictures, which are no film.
    """

    container: str
    duration_s: Fraction
    start_s: Fraction
    size_bytes: int | None
    bitrate_bps: int | None
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    subtitles: tuple[SubtitleStream, ...]
    chapters: tuple[Chapter, ...]
    covers: tuple[int, ...]
    warnings: tuple[Caution, ...]
