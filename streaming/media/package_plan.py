"""What a plan says: all that is made of a source, and why. Lengths in seconds, rates in bit/s."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from streaming.media.codable import NotDecodable, decode, encode
from streaming.media.ladder import Rendition
from streaming.media.streams import Hdr

VERSION = 1
MOST_POSTERS = 6


class KeyFrameRule(StrEnum):
    """Where encoded pictures have their key frames: every so many frames, or where the source has them."""

    COUNTED = "counted"
    SOURCE = "source"


class NoteCode(StrEnum):
    """What the plan tells an editor; what the values of each mean stands behind it."""

    PASSED_THROUGH = "passed-through"  # width, height
    ENCODED_CODEC = "encoded-codec"  # codec
    ENCODED_DEPTH = "encoded-depth"  # pixel format
    ENCODED_HDR = "encoded-hdr"  # kind
    ENCODED_INTERLACED = "encoded-interlaced"
    ENCODED_ROTATED = "encoded-rotated"  # degrees
    ENCODED_ANAMORPHIC = "encoded-anamorphic"  # aspect of a pixel
    ENCODED_VARIABLE_RATE = "encoded-variable-rate"  # rate that it gets
    ENCODED_RATE = "encoded-rate"  # rate that it had, rate that it gets
    ENCODED_SIZE = "encoded-size"  # width, height
    ENCODED_OPEN_GROUPS = "encoded-open-groups"
    ENCODED_KEY_FRAMES = "encoded-key-frames"  # longest distance in seconds, "unknown"
    ENCODED_BITRATE = "encoded-bitrate"  # its rate, the highest allowed
    ENCODED_COPY_FAULT = "encoded-copy-fault"  # what was wrong with a package of the source's own picture
    AUDIO_PASSED_THROUGH = "audio-passed-through"  # track
    AUDIO_ENCODED = "audio-encoded"  # track, channels
    AUDIO_LEFT_OUT = "audio-left-out"  # language, title
    SILENT = "silent"
    NO_PICTURE = "no-picture"
    SUBTITLES_KEPT = "subtitles-kept"  # language
    SUBTITLES_ARE_PICTURES = "subtitles-are-pictures"  # language
    SUBTITLES_FROM_CATALOGUE = "subtitles-from-catalogue"  # language
    SOURCE_CAUTION = "source-caution"  # one of streams.Caution


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    code: NoteCode
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInput:
    """How the source's picture is read, before it is made smaller; every encoded rung has this in common.

    Attributes:
        frame_rate: what comes out, constant.
        gop_frames: frames between two key frames.
        hdr: how its light is coded; what is not SDR is mapped to it.
    """

    index: int
    frame_rate: Fraction
    gop_frames: int
    is_interlaced: bool
    hdr: Hdr
    keeps_times: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTrack:
    """A picture of the package. `rendition` says what is encoded, or for a copy what it is."""

    name: str
    is_copy: bool
    rendition: Rendition


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTrack:
    """A sound track of the package; `group` ties the tracks of one quality together."""

    name: str
    group: str
    index: int
    is_copy: bool
    channels: int
    bitrate_bps: int
    language: str
    title: str
    is_default: bool
    is_commentary: bool
    describes_picture: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTrack:
    """Embedded subtitles that become WebVTT."""

    name: str
    index: int
    language: str
    title: str
    is_forced: bool
    is_for_deaf: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """Small pictures, one every `interval_s`, for sheets of `columns` by `rows`."""

    interval_s: Fraction
    width_px: int
    height_px: int
    columns: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posters:
    """Frames to choose posters from, one every `interval_s`; of each `of_each` in a row one is a candidate."""

    of_each: int
    interval_s: Fraction
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One run of FFmpeg: the names of the tracks that it makes, and whether the pictures to choose from."""

    tracks: tuple[str, ...]
    makes_stills: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagingPlan:
    """What to produce from one source, independent of how. The first phase makes what a player can start."""

    version: int
    duration_s: Fraction
    segment_s: Fraction
    key_frames: KeyFrameRule
    picture: PictureInput | None
    video: tuple[VideoTrack, ...]
    audio: tuple[AudioTrack, ...]
    texts: tuple[TextTrack, ...]
    storyboard: Storyboard | None
    posters: Posters | None
    phases: tuple[Phase, ...]
    notes: tuple[Note, ...]

    @property
    def is_one_pass(self) -> bool:
        """Whether every rung is made at once, and not one of them ahead of the others."""
        return len(self.phases) == 1 and self.phases[0].makes_stills

    @property
    def leader(self) -> VideoTrack | None:
        """The picture that a player can begin with."""
        return min(
            (track for track in self.video if track.name in self.phases[0].tracks),
            key=lambda track: self.phases[0].tracks.index(track.name),
            default=None,
        )

    @property
    def early(self) -> tuple[str, ...]:
        """The tracks that a player can begin with, while they grow: one picture and all the sound."""
        sound = tuple(track.name for track in self.audio)
        return (self.leader.name, *sound) if self.leader else sound

    @property
    def has_copies(self) -> bool:
        """Whether something of the source goes into the package as it is."""
        return any(track.is_copy for track in self.video) or any(track.is_copy for track in self.audio)

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        stored: dict[str, Any] = encode(self)
        return stored


class PlanOfAnotherVersion(ValueError):
    """A stored plan was written by another version of this program, or is damaged."""


def plan_from_json(stored: object) -> PackagingPlan:
    """Read a stored plan.

    Raises:
        PlanOfAnotherVersion: make it anew.
    """
    return decode_plan(PackagingPlan, stored, version=VERSION)


class _Plan(Protocol):
    @property
    def version(self) -> int: ...


PlanT = TypeVar("PlanT", bound=_Plan)


def decode_plan(kind: type[PlanT], stored: object, *, version: int) -> PlanT:
    """Read a plan of any kind. Raises PlanOfAnotherVersion."""
    try:
        plan = decode(kind, stored, where="plan")
    except NotDecodable as error:
        raise PlanOfAnotherVersion(str(error)) from error
    if plan.version != version:
        raise PlanOfAnotherVersion(f"version {plan.version} instead of {version}")
    return plan
