"""Decides what is made of a live stream, from the first that its encoder sends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Any, Self

from streaming.media.codable import encode
from streaming.media.ladder import Codec, Rendition, Rung, choose_ladder, h264_level
from streaming.media.package_plan import decode_plan
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.streams import Hdr, VideoStream
from streaming.rtmp.codecs import VideoConfiguration
from streaming.rtmp.events import MediaMessage
from streaming.rtmp.flv import AudioCodec, AudioTag, Part, VideoCodec, VideoTag
from streaming.rtmp.metadata import ScriptTag, StreamMetadata

VERSION = 1
# The static FFmpeg has no decoder for AV1; of the rest, encoders send none.
_DECODABLE_VIDEO = frozenset(
    {VideoCodec.AVC, VideoCodec.HEVC, VideoCodec.VP9, VideoCodec.VP8, VideoCodec.SORENSON_H263, VideoCodec.VP6}
)
# What a picture is taken for whose size stands nowhere but inside of it: few encoders of HEVC send less.
_UNTOLD_SIZE_PX = (1280, 720)
_MOST_SIDE_PX = 8192
_USUAL_RATE = Fraction(30)
_LOWEST_RATE, _HIGHEST_RATE = Fraction(10), Fraction(60)
# Who claims more counts something else: a thousand are the ticks of a clock.
_MOST_CLAIMED_RATE = 240
_NTSC = Fraction(1000, 1001)
# Encoders round what they claim: 29.97 is 30000/1001, and 30.003 is 30.
_RATE_TOLERANCE = Fraction(1, 300)
_CALM_RATE = Fraction(30)
_AUDIO_NAME, _AUDIO_BPS, _AUDIO_LABEL = "a1-stereo", 128_000, "Stereo"
# A frame of sound may be larger than the average, no segment is by more.
_AUDIO_CEILING_BPS = 144_000
# A buffer of half a second: no segment of two exceeds its rate by more than a quarter, and key frames stay sharp.
_BUFFER_S = Fraction(1, 2)
# Pixels a second for each thread, so that a frame is encoded well before the next one comes.
_PIXELS_PER_THREAD = 32_000_000
_MOST_THREADS = 4


class Preset(StrEnum):
    """How hard x264 looks for what it can spare."""

    VERYFAST = "veryfast"
    SUPERFAST = "superfast"
    ULTRAFAST = "ultrafast"


# Pixels a second that one core encodes, all rungs taken together, with their share of decoding and scaling.
_PIXELS_PER_CORE = {Preset.VERYFAST: 81_000_000, Preset.SUPERFAST: 101_000_000, Preset.ULTRAFAST: 160_000_000}
# What is left of the machine: viewers are served by it as well.
_SHARE_OF_CORES = Fraction(3, 4)


class LiveNote(StrEnum):
    """What a broadcaster should know of what is made of the stream."""

    NO_PICTURE = "no-picture"
    NO_SOUND = "no-sound"
    SIZE_UNKNOWN = "size-unknown"
    RATE_HALVED = "rate-halved"
    RUNGS_LEFT_OUT = "rungs-left-out"
    LIGHTER_PRESET = "lighter-preset"


class Unsupported(StrEnum):
    """Why nothing can be made of a stream."""

    VIDEO_CODEC = "video-codec-unsupported"
    NO_MEDIA = "no-media"
    PICTURE_MISSING = "picture-missing"
    PICTURE_TOO_LARGE = "picture-too-large"


class LiveUnsupported(Exception):
    """Nothing can be made of a stream; the words are the code, one of `Unsupported`."""

    def __init__(self, code: Unsupported) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFormat:
    """What an encoder sends; None is what it does not send or does not tell. `frame_rate` is what it claims."""

    video_codec: VideoCodec | None = None
    width_px: int | None = None
    height_px: int | None = None
    frame_rate: Fraction | None = None
    audio_codec: AudioCodec | None = None
    bitrate_bps: int | None = None


def source_format(messages: Iterable[MediaMessage]) -> SourceFormat:
    """Return what has come so far: tracks of which there was a frame, as their headers describe them."""
    found = SourceFormat()
    claimed = StreamMetadata()
    for message in messages:
        header = message.header
        if isinstance(header, ScriptTag):
            claimed = header.metadata or claimed
        elif isinstance(message.configuration, VideoConfiguration):
            found = replace(found, width_px=message.configuration.width_px, height_px=message.configuration.height_px)
        elif header.part is Part.CODED_FRAMES:
            found = _with_frame(found, header)
    if found.width_px is None or found.height_px is None:
        found = replace(found, width_px=claimed.width_px, height_px=claimed.height_px)
    rate = None if claimed.frame_rate is None else Fraction(claimed.frame_rate).limit_denominator(1001)
    return replace(found, frame_rate=rate or None, bitrate_bps=claimed.video_bitrate_bps)


def _with_frame(found: SourceFormat, header: VideoTag | AudioTag) -> SourceFormat:
    if isinstance(header, AudioTag):
        return replace(found, audio_codec=header.codec)
    return replace(found, video_codec=header.codec)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVideo:
    """A rung. `rendition` has its rate as the most that it takes over half a second."""

    name: str
    rendition: Rendition
    threads: int

    @property
    def ceiling_bps(self) -> int:
        """What no segment exceeds, if only the buffer is full when it begins."""
        return self.rendition.bitrate_bps + self.rendition.buffer_bits // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAudio:
    name: str
    bitrate_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlan:
    """What is made of a stream as long as it lasts, and what the encoder that is connected now brings for it.

    Attributes:
        has_picture, has_sound: what comes in. What does not has a stand-in: the tracks of a stream never change.
        frame_rate: constant, of every rung.
        gop_frames: frames from one key frame to the next; a segment.
        video: the largest first, which leads.
    """

    version: int
    has_picture: bool
    has_sound: bool
    frame_rate: Fraction
    gop_frames: int
    preset: Preset
    video: tuple[LiveVideo, ...]
    audio: LiveAudio
    notes: tuple[LiveNote, ...]

    @property
    def tracks(self) -> tuple[str, ...]:
        """The names of what comes out, the leader first."""
        return (*(track.name for track in self.video), self.audio.name)

    @property
    def outputs(self) -> tuple[VideoOutput | AudioOutput, ...]:
        """The same for the packager."""
        rungs = (
            VideoOutput(name=track.name, frame_rate=self.frame_rate, ceiling_bps=track.ceiling_bps)
            for track in self.video
        )
        sound = AudioOutput(name=self.audio.name, label=_AUDIO_LABEL, is_default=True, ceiling_bps=_AUDIO_CEILING_BPS)
        return (*rungs, sound)

    def fed_by(self, source: SourceFormat) -> Self:
        """Return the same outputs for what another encoder, or the same after a change, brings.

        Raises:
            LiveUnsupported: it cannot go on with this.
        """
        _check(source)
        has_picture = source.video_codec is not None
        if self.video and not has_picture:
            raise LiveUnsupported(Unsupported.PICTURE_MISSING)
        notes = tuple(note for note in self.notes if note is not LiveNote.NO_SOUND)
        has_sound = source.audio_codec is not None
        return replace(
            self,
            has_picture=has_picture,
            has_sound=has_sound,
            notes=notes if has_sound else (*notes, LiveNote.NO_SOUND),
        )

    def lighter(self) -> Self | None:
        """Return the same outputs with less work for each; None when nothing is left to be spared."""
        presets = list(Preset)
        left = presets[presets.index(self.preset) + 1 :]
        if not self.video or not left:
            return None
        notes = tuple(note for note in self.notes if note is not LiveNote.LIGHTER_PRESET)
        return replace(self, preset=left[0], notes=(*notes, LiveNote.LIGHTER_PRESET))

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        stored: dict[str, Any] = encode(self)
        return stored


def live_plan_from_json(stored: object) -> LivePlan:
    """Read a stored plan. Raises PlanOfAnotherVersion."""
    return decode_plan(LivePlan, stored, version=VERSION)


def plan_live(*, source: SourceFormat, levels: Sequence[Rung], cores: int, segment_s: Fraction) -> LivePlan:
    """Return what to make of a stream on a machine of so many cores.

    Raises:
        LiveUnsupported: nothing here can decode it.
    """
    _check(source)
    notes: list[LiveNote] = []
    rate = _output_rate(source.frame_rate)
    renditions = _renditions(source, rate, levels, notes) if source.video_codec else ()
    rate, renditions, preset = _fit(rate, renditions, cores, notes)
    if source.video_codec is None:
        notes.append(LiveNote.NO_PICTURE)
    if source.audio_codec is None:
        notes.append(LiveNote.NO_SOUND)
    return LivePlan(
        version=VERSION,
        has_picture=source.video_codec is not None,
        has_sound=source.audio_codec is not None,
        frame_rate=rate,
        gop_frames=max(1, round(rate * segment_s)),
        preset=preset,
        video=tuple(_video(rendition, rate, cores) for rendition in renditions),
        audio=LiveAudio(name=_AUDIO_NAME, bitrate_bps=_AUDIO_BPS),
        notes=tuple(notes),
    )


def _check(source: SourceFormat) -> None:
    if source.video_codec is None and source.audio_codec is None:
        raise LiveUnsupported(Unsupported.NO_MEDIA)
    if source.video_codec is not None and source.video_codec not in _DECODABLE_VIDEO:
        raise LiveUnsupported(Unsupported.VIDEO_CODEC)
    if max(source.width_px or 0, source.height_px or 0) > _MOST_SIDE_PX:
        raise LiveUnsupported(Unsupported.PICTURE_TOO_LARGE)


def _output_rate(claimed: Fraction | None) -> Fraction:
    """Return the constant rate that comes out: what was claimed, so far as it makes sense."""
    if claimed is None or not 1 <= claimed <= _MOST_CLAIMED_RATE:
        return _USUAL_RATE
    whole = Fraction(round(claimed)) or _LOWEST_RATE
    # The nearer of the two: at 60 frames a second they are no further apart than encoders round.
    rate = min((whole, whole * _NTSC), key=lambda candidate: abs(candidate - claimed))
    if abs(rate - claimed) > claimed * _RATE_TOLERANCE:
        rate = Fraction(ceil(claimed))
    while rate > _HIGHEST_RATE:
        rate /= 2
    while rate < _LOWEST_RATE:
        rate *= 2
    return rate


def _renditions(
    source: SourceFormat, rate: Fraction, levels: Sequence[Rung], notes: list[LiveNote]
) -> tuple[Rendition, ...]:
    if source.width_px is None or source.height_px is None:
        notes.append(LiveNote.SIZE_UNKNOWN)
    width_px, height_px = source.width_px or _UNTOLD_SIZE_PX[0], source.height_px or _UNTOLD_SIZE_PX[1]
    picture = _as_stream(source, width_px, height_px, rate)
    made = choose_ladder(picture, [rung for rung in levels if rung.codec is Codec.H264])
    return tuple(replace(rendition, buffer_bits=int(rendition.bitrate_bps * _BUFFER_S)) for rendition in made)


def _as_stream(source: SourceFormat, width_px: int, height_px: int, rate: Fraction) -> VideoStream:
    """Say of a live picture what the ladder asks of a film's; what it does not ask is of no consequence."""
    return VideoStream(
        index=0,
        codec="hevc" if source.video_codec is VideoCodec.HEVC else "h264",
        profile="",
        level=0,
        width_px=width_px,
        height_px=height_px,
        sample_aspect=Fraction(1),
        rotation_deg=0,
        frame_rate=rate,
        is_variable_rate=False,
        is_interlaced=False,
        pixel_format="yuv420p",
        bit_depth=8,
        hdr=Hdr.SDR,
        matrix="",
        primaries="",
        transfer="",
        color_range="",
        # What an encoder claims of its rate is a wish; rungs below the source need no more than they are given.
        bitrate_bps=None,
        start_s=Fraction(0),
        key_frames=None,
    )


def _fit(
    rate: Fraction, renditions: tuple[Rendition, ...], cores: int, notes: list[LiveNote]
) -> tuple[Fraction, tuple[Rendition, ...], Preset]:
    """Take from the work what the machine cannot do in time: first the encoder's pains, then frames, then rungs."""
    capacity = cores * _SHARE_OF_CORES
    for preset in Preset:
        if _pixels(renditions) * rate <= capacity * _PIXELS_PER_CORE[preset]:
            break
    else:
        preset = Preset.ULTRAFAST
    most = capacity * _PIXELS_PER_CORE[preset]
    if _pixels(renditions) * rate > most and rate > _CALM_RATE:
        notes.append(LiveNote.RATE_HALVED)
        rate /= 2
    if _pixels(renditions) * rate > most and len(renditions) > 1:
        notes.append(LiveNote.RUNGS_LEFT_OUT)
        while _pixels(renditions) * rate > most and len(renditions) > 1:
            renditions = renditions[1:]
    if preset is not Preset.VERYFAST:
        notes.append(LiveNote.LIGHTER_PRESET)
    return rate, renditions, preset


def _pixels(renditions: Sequence[Rendition]) -> int:
    return sum(rendition.width_px * rendition.height_px for rendition in renditions)


def _video(rendition: Rendition, rate: Fraction, cores: int) -> LiveVideo:
    size = (rendition.width_px, rendition.height_px)
    threads = ceil(size[0] * size[1] * rate / _PIXELS_PER_THREAD)
    level = h264_level(size=size, rate=rate, bitrate_bps=rendition.bitrate_bps)
    return LiveVideo(
        name=f"v-{rendition.codec}-{size[0]}x{size[1]}",
        rendition=replace(rendition, level=level),
        threads=max(1, min(threads, cores, _MOST_THREADS)),
    )
