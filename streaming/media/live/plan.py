"""Decides what is made of a live stream, from the first that its encoder sends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil, lcm
from typing import Any, Self

from streaming.media.codable import encode
from streaming.media.ladder import Codec, Rendition, Rung, choose_ladder, h264_level
from streaming.media.live.copying import CopyFault, is_sound_copyable, picture_fault
from streaming.media.live.source import SourceFormat
from streaming.media.live.timing import LiveTiming
from streaming.media.package_plan import decode_plan
from streaming.media.packager import AudioOutput, VideoOutput
from streaming.media.streams import Hdr, VideoStream
from streaming.rtmp.flv import VideoCodec

VERSION = 2
# The static FFmpeg has no decoder for AV1; of the rest, encoders send none.
_DECODABLE_VIDEO = frozenset(
    {VideoCodec.AVC, VideoCodec.HEVC, VideoCodec.VP9, VideoCodec.VP8, VideoCodec.SORENSON_H263, VideoCodec.VP6}
)
# What a picture is taken for whose size stands nowhere but inside of it: few encoders of HEVC send less.
_UNTOLD_SIZE_PX = (1280, 720)
_MOST_SIDE_PX = 8192
_CALM_RATE = Fraction(30)
# Ten of them are a millisecond.
_LEAST_TIMESCALE = 10_000
AUDIO_RATE_HZ = 48_000
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
    KEY_FRAMES_TOO_RARE = "key-frames-too-rare"
    FRAMES_UNEVEN = "frames-uneven"
    BITRATE_TOO_HIGH = "bitrate-too-high"


# Of the reasons why a picture is not passed on, those that a broadcaster can do away with.
_COPY_NOTES = {
    CopyFault.KEY_FRAMES: LiveNote.KEY_FRAMES_TOO_RARE,
    CopyFault.BITRATE: LiveNote.BITRATE_TOO_HIGH,
}


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
class LiveVideo:
    """A rung. `rendition` has its rate as the most that it takes over half a second; a copy is the source itself."""

    name: str
    rendition: Rendition
    threads: int
    is_copy: bool

    @property
    def ceiling_bps(self) -> int:
        """What no segment exceeds, if only the buffer is full when it begins."""
        return self.rendition.bitrate_bps + self.rendition.buffer_bits // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAudio:
    name: str
    bitrate_bps: int
    is_copy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlan:
    """What is made of a stream as long as it lasts, and what the encoder that is connected now brings for it.

    Attributes:
        has_picture, has_sound: what comes in. What does not has a stand-in: the tracks of a stream never change.
        frame_rate: constant, of every rung.
        gop_frames: frames from one key frame to the next; a segment.
        skip_s: so much of what comes has been shown already: nothing comes out of it.
        cores: of the machine that it is meant for.
        copied_within_s: key frames of a picture that is passed on come in less than that; None: nothing is passed on.
        video: the largest first, which leads, and is the only one that may be a copy.
    """

    version: int
    has_picture: bool
    has_sound: bool
    frame_rate: Fraction
    gop_frames: int
    skip_s: Fraction
    cores: int
    copied_within_s: Fraction | None
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

    @property
    def copies(self) -> bool:
        """Whether the largest rung is the source itself."""
        return any(track.is_copy for track in self.video)

    @property
    def copied_ceilings_bps(self) -> dict[str, int]:
        """What no segment of the tracks that are copied may exceed, by their names."""
        found = {track.name: track.ceiling_bps for track in self.video if track.is_copy}
        return found | ({self.audio.name: _AUDIO_CEILING_BPS} if self.audio.is_copy else {})

    @property
    def timescale(self) -> int:
        """Ticks a second of every rung, whether it is a copy or not: they take turns."""
        # Frames of the rate and the milliseconds of FLV are whole numbers of them.
        return lcm(self.frame_rate.numerator, _LEAST_TIMESCALE)

    def fed_by(self, source: SourceFormat) -> Self:
        """Return the same outputs for what another encoder, or the same after a change, brings.

        Raises:
            LiveUnsupported: it cannot go on with this.
        """
        _check(source)
        if self.video and source.video_codec is None:
            raise LiveUnsupported(Unsupported.PICTURE_MISSING)
        renditions = [track.rendition for track in self.video]
        return self._fed_by(source, _fault(source, renditions, self.frame_rate, self.copied_within_s))

    def _fed_by(self, source: SourceFormat, fault: CopyFault | None) -> Self:
        has_sound = source.audio_codec is not None
        # What was said of another encoder; but where nothing is passed on any more, the reason stands.
        past = {LiveNote.NO_SOUND, *(_COPY_NOTES.values() if self.copied_within_s is not None else ())}
        notes = tuple(note for note in self.notes if note not in past)
        fed = replace(
            self,
            has_picture=source.video_codec is not None,
            has_sound=has_sound,
            skip_s=Fraction(0),
            notes=notes if has_sound else (*notes, LiveNote.NO_SOUND),
        )
        if fault is None:
            return fed._copying(source)
        return fed._encoding(_COPY_NOTES.get(fault))

    def encoded(self, note: LiveNote) -> Self:
        """Return the same outputs with all of them encoded, whoever feeds them from now on."""
        return replace(self, copied_within_s=None)._encoding(note)

    def behind(self, skip_s: Fraction) -> Self:
        """Return the same for what has been shown already in its first seconds."""
        return replace(self, skip_s=skip_s)

    def _copying(self, source: SourceFormat) -> Self:
        best, *others = self.video
        is_fit = is_sound_copyable(source, rate_hz=AUDIO_RATE_HZ, bitrate_bps=self.audio.bitrate_bps)
        return replace(
            self,
            video=(replace(best, is_copy=True), *others),
            audio=replace(self.audio, is_copy=is_fit and self.has_sound),
        )

    def _encoding(self, note: LiveNote | None) -> Self:
        notes = [*self.notes, *([note] if note else [])]
        presets = list(Preset)
        needed = _preset([track.rendition for track in self.video], self.frame_rate, self.cores)
        preset = max(self.preset, needed, key=presets.index)
        if preset is not self.preset and LiveNote.LIGHTER_PRESET not in notes:
            notes.append(LiveNote.LIGHTER_PRESET)
        return replace(
            self,
            preset=preset,
            video=tuple(replace(track, is_copy=False) for track in self.video),
            audio=replace(self.audio, is_copy=False),
            notes=tuple(notes),
        )

    def lighter(self) -> Self | None:
        """Return the same outputs with less work for each; None when nothing is left to be spared."""
        presets = list(Preset)
        left = presets[presets.index(self.preset) + 1 :]
        if all(track.is_copy for track in self.video) or not left:
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


def plan_live(
    *, source: SourceFormat, levels: Sequence[Rung], cores: int, segment_s: Fraction, may_copy: bool
) -> LivePlan:
    """Return what to make of a stream on a machine of so many cores; a picture that is fit for it may be passed on.

    Raises:
        LiveUnsupported: nothing here can decode it.
    """
    _check(source)
    notes: list[LiveNote] = []
    rate = source.output_rate
    within_s = LiveTiming(segment_s=segment_s).too_long_s if may_copy else None
    renditions = _renditions(source, rate, levels, notes) if source.video_codec else ()
    # Of the whole ladder: what a weak machine leaves of it is no reason that a broadcaster could do anything about.
    fault = _fault(source, renditions, rate, within_s)
    copied = 0 if fault else 1
    rate, renditions, preset = _fit(rate, renditions, cores, notes, copied=copied)
    if source.video_codec is None:
        notes.append(LiveNote.NO_PICTURE)
    return LivePlan(
        version=VERSION,
        has_picture=source.video_codec is not None,
        has_sound=source.audio_codec is not None,
        frame_rate=rate,
        gop_frames=max(1, round(rate * segment_s)),
        skip_s=Fraction(0),
        cores=cores,
        copied_within_s=within_s,
        preset=preset,
        video=tuple(_video(rendition, rate, cores) for rendition in renditions),
        audio=LiveAudio(name=_AUDIO_NAME, bitrate_bps=_AUDIO_BPS, is_copy=False),
        notes=tuple(notes),
    )._fed_by(source, fault)


def _fault(
    source: SourceFormat, renditions: Sequence[Rendition], rate: Fraction, within_s: Fraction | None
) -> CopyFault | None:
    """Return why the largest rung cannot be the source itself."""
    if within_s is None or not renditions:
        return CopyFault.CODEC
    return picture_fault(source, renditions[0], rate=rate, within_s=within_s)


def _check(source: SourceFormat) -> None:
    if source.video_codec is None and source.audio_codec is None:
        raise LiveUnsupported(Unsupported.NO_MEDIA)
    if source.video_codec is not None and source.video_codec not in _DECODABLE_VIDEO:
        raise LiveUnsupported(Unsupported.VIDEO_CODEC)
    if max(source.width_px or 0, source.height_px or 0) > _MOST_SIDE_PX:
        raise LiveUnsupported(Unsupported.PICTURE_TOO_LARGE)


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
    rate: Fraction, renditions: tuple[Rendition, ...], cores: int, notes: list[LiveNote], *, copied: int
) -> tuple[Fraction, tuple[Rendition, ...], Preset]:
    """Take from the work what the machine cannot do in time: first the encoder's pains, then frames, then rungs.

    The first rungs, so many as are `copied`, are no work, and their frames come as they are.
    """
    kept, encoded = renditions[:copied], renditions[copied:]
    preset = _preset(encoded, rate, cores)
    most = _capacity(preset, cores)
    if _pixels(encoded) * rate > most and rate > _CALM_RATE and not kept:
        notes.append(LiveNote.RATE_HALVED)
        rate /= 2
    if _pixels(encoded) * rate > most and len(encoded) > 1:
        notes.append(LiveNote.RUNGS_LEFT_OUT)
        while _pixels(encoded) * rate > most and len(encoded) > 1:
            encoded = encoded[1:]
    if preset is not Preset.VERYFAST:
        notes.append(LiveNote.LIGHTER_PRESET)
    return rate, (*kept, *encoded), preset


def _preset(renditions: Sequence[Rendition], rate: Fraction, cores: int) -> Preset:
    """Return the one of the most pains that a machine can take in time; the one of the least if it can take none."""
    work = _pixels(renditions) * rate
    return next((preset for preset in Preset if work <= _capacity(preset, cores)), Preset.ULTRAFAST)


def _capacity(preset: Preset, cores: int) -> Fraction:
    return cores * _SHARE_OF_CORES * _PIXELS_PER_CORE[preset]


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
        is_copy=False,
    )
