"""What a package consists of: all that playlists and manifests are written from, and kept as `index.json`.

HLS and DASH are written from the same index and name the same files, so players of both are given the same bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from streaming.media.errors import IndexViolation
from streaming.media.sample_entries import VideoRange
from streaming.media.segmenter import TIMELINE_START_S

INDEX_VERSION = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# BCP 47 as far as media needs it: language, script, region, variants, extensions, private use.
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}")
FIRST_HEADER = "init.mp4"
_HEADER = re.compile(r"init(-[1-9][0-9]{0,5})?\.mp4")
_POSTER = re.compile(r"posters/[1-9][0-9]?\.jpg")
_CODEC = re.compile(r"[A-Za-z0-9.-]{1,64}")
_LONGEST_LABEL = 200
_MOST_TRACKS, _MOST_SEGMENTS = 200, 100_000


class SegmentEntry(NamedTuple):
    """One stored segment: its length in the track's timescale, and sizes in bytes.

    `key_end` is how much of it, from its beginning, holds its first key frame; 0 where it begins with none.
    """

    duration: int
    size: int
    key_end: int


class HeaderChange(NamedTuple):
    """From the segment of that number on, the header of a track is another file beside its segments.

    Films have one header. A stream that was recorded has another where its encoder had to be started with other
    settings.
    """

    number: int
    name: str


class AudioRole(StrEnum):
    """What a track of sound is for (ISO/IEC 23009-1, 5.8.5.5 and TV Audio Purpose)."""

    MAIN = "main"
    ALTERNATE = "alternate"
    COMMENTARY = "commentary"
    DESCRIPTION = "description"


class TextKind(StrEnum):
    """Whom a text is for: those who read a translation, or those who do not hear."""

    SUBTITLES = "subtitles"
    CAPTIONS = "captions"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaTrack:
    """A track of segments: `<name>/init.mp4`, then `<name>/1.m4s` and on; `headers` are those that follow the first.

    Attributes:
        start: when the first sample is shown, in the timescale; the film begins at TIMELINE_START_S.
        ceiling_bps: what the encoder may not exceed; told instead of the peak while the package grows and no
            measurement is final. None where nothing limits it.
    """

    name: str
    codec: str
    timescale: int
    start: int
    segments: tuple[SegmentEntry, ...]
    ceiling_bps: int | None = None
    headers: tuple[HeaderChange, ...] = ()

    def __post_init__(self) -> None:
        _check(bool(_NAME.fullmatch(self.name)), f"{self.name!r} is no name of a track")
        _check(bool(_CODEC.fullmatch(self.codec)), f"{self.name} has no codec string")
        _check(0 < self.timescale < 1 << 32, f"{self.name} has a timescale of {self.timescale}")
        _check(0 <= self.start < 1 << 62, f"{self.name} begins at {self.start}")
        _check(len(self.segments) <= _MOST_SEGMENTS, f"{self.name} has {len(self.segments)} segments")
        for number, (duration, size, key_end) in enumerate(self.segments, 1):
            if not (0 < duration < 1 << 40 and 0 < size < 1 << 40 and 0 <= key_end <= size):
                raise IndexViolation(f"segment {number} of {self.name} has impossible figures")
        numbers = [0, *(change.number for change in self.headers)]
        _check(all(before < after for before, after in pairwise(numbers)), f"{self.name} has headers out of order")
        _check(all(_HEADER.fullmatch(change.name) for change in self.headers), f"{self.name} has an impossible header")

    def header_of(self, number: int) -> str:
        """Return the file that is the header of a segment."""
        return next((change.name for change in reversed(self.headers) if change.number <= number), FIRST_HEADER)

    def lengths(self) -> list[tuple[Fraction, int]]:
        """Return length in seconds and size in bytes of each segment."""
        return [(Fraction(segment.duration, self.timescale), segment.size) for segment in self.segments]

    @property
    def duration_s(self) -> Fraction:
        """How long its segments last together."""
        return Fraction(sum(segment.duration for segment in self.segments), self.timescale)

    @property
    def end_s(self) -> Fraction:
        """When it ends, counted from the beginning of the film."""
        return Fraction(self.start, self.timescale) - TIMELINE_START_S + self.duration_s

    @property
    def size_bytes(self) -> int:
        """All its segments together, without the init segment."""
        return sum(segment.size for segment in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTrack(MediaTrack):
    """A rung of the ladder. `frame_rate` is in frames a second."""

    width_px: int
    height_px: int
    frame_rate: Fraction
    video_range: VideoRange = VideoRange.SDR

    def __post_init__(self) -> None:
        MediaTrack.__post_init__(self)
        sane = 0 < self.width_px < 1 << 16 and 0 < self.height_px < 1 << 16 and 0 < self.frame_rate <= 1000
        _check(sane, f"{self.name} has an impossible picture")

    @property
    def has_key_frames(self) -> bool:
        """Whether every segment begins with a key frame, so that there can be a playlist of key frames alone."""
        return bool(self.segments) and all(segment.key_end for segment in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTrack(MediaTrack):
    """Sound of one language: a tag of BCP 47, None where it is unknown. `label` is what viewers choose by."""

    channels: int
    sample_rate_hz: int
    label: str
    language: str | None = None
    role: AudioRole = AudioRole.MAIN
    is_default: bool = False

    def __post_init__(self) -> None:
        MediaTrack.__post_init__(self)
        _check(0 < self.channels <= 64 and 0 < self.sample_rate_hz < 1 << 20, f"{self.name} has impossible sound")
        _check_words(self.name, self.label, self.language)


class TextFile(NamedTuple):
    """One WebVTT file: how many seconds of the film it covers, and its size in bytes."""

    duration_s: Fraction
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTrack:
    """Text to read: `<name>/1.vtt` and on. Each file needs the line that `hls.TIMESTAMP_MAP` is."""

    name: str
    label: str
    files: tuple[TextFile, ...]
    language: str | None = None
    kind: TextKind = TextKind.SUBTITLES
    is_default: bool = False
    is_forced: bool = False

    def __post_init__(self) -> None:
        _check(bool(_NAME.fullmatch(self.name)), f"{self.name!r} is no name of a track")
        _check_words(self.name, self.label, self.language)
        _check(len(self.files) <= _MOST_SEGMENTS, f"{self.name} has {len(self.files)} files")
        for number, (duration_s, size) in enumerate(self.files, 1):
            _check(0 < duration_s < 1 << 20 and 0 < size < 1 << 32, f"file {number} of {self.name} is impossible")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageTrack:
    """A storyboard: sheets of small pictures, `<name>/1.jpg` and on, read by rows. Sizes are those of one picture.

    Attributes:
        interval_s: from one picture to the next.
        size_bytes: all sheets together.
    """

    name: str
    width_px: int
    height_px: int
    columns: int
    rows: int
    interval_s: Fraction
    sheets: int
    size_bytes: int

    def __post_init__(self) -> None:
        _check(bool(_NAME.fullmatch(self.name)), f"{self.name!r} is no name of a track")
        figures = (self.width_px, self.height_px, self.columns, self.rows, self.sheets, self.size_bytes)
        _check(all(0 < figure < 1 << 40 for figure in figures) and self.interval_s > 0, f"{self.name} is impossible")

    @property
    def sheet_s(self) -> Fraction:
        """How much of the film one sheet covers."""
        return self.interval_s * self.columns * self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageIndex:
    """A package: whole, or as far as it has grown.

    Attributes:
        target_duration_s: no segment may be longer when rounded; the same in all playlists, and as long as it grows.
        posters: files with frames that an editor may choose a poster from, in the order of the film.
    """

    is_whole: bool
    target_duration_s: int
    video: tuple[VideoTrack, ...] = ()
    audio: tuple[AudioTrack, ...] = ()
    texts: tuple[TextTrack, ...] = ()
    images: tuple[ImageTrack, ...] = ()
    posters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(all(map(_POSTER.fullmatch, self.posters)), "a poster has an impossible name")
        names = [*(track.name for track in self.media()), *(track.name for track in self.texts)]
        names += [track.name for track in self.images]
        _check(len(names) <= _MOST_TRACKS, f"{len(names)} tracks")
        _check(len(set(names)) == len(names), "two tracks have the same name")
        _check(0 < self.target_duration_s < 1 << 16, f"a target duration of {self.target_duration_s} s")
        for track in self.media():
            # In whole numbers, as `round_half_up` has it: there may be a hundred thousand, and fractions are slow.
            too_long = track.timescale * (2 * self.target_duration_s + 1)
            for number, (duration, *_) in enumerate(track.segments, 1):
                if 2 * duration >= too_long:
                    said = f"segment {number} of {track.name} lasts {duration / track.timescale:.3f} s"
                    raise IndexViolation(f"{said}, {self.target_duration_s} s are the most")

    def media(self) -> Iterator[VideoTrack | AudioTrack]:
        """Yield the tracks that consist of segments."""
        yield from self.video
        yield from self.audio

    def header_numbers(self) -> list[int]:
        """Return the numbers of the segments with which another header begins, of whatever track."""
        return sorted({change.number for track in self.media() for change in track.headers} - {1})

    @property
    def duration_s(self) -> Fraction:
        """How long the film is, as far as it has grown: until the last of its tracks ends."""
        return max((track.end_s for track in self.media()), default=Fraction(0))


def round_half_up(seconds: Fraction) -> int:
    """Round as RFC 8216 does where it holds a length against the target duration."""
    return (2 * seconds.numerator + seconds.denominator) // (2 * seconds.denominator)


def _check_words(name: str, label: str, language: str | None) -> None:
    is_label = 0 < len(label) <= _LONGEST_LABEL and label.isprintable() and '"' not in label
    _check(is_label, f"{name} has no label that a playlist can hold")
    _check(language is None or bool(_LANGUAGE.fullmatch(language)), f"{name} has {language!r} for its language")


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise IndexViolation(otherwise)
