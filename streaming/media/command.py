"""Plans to FFmpeg's words. Nothing is decided here but how to say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import ffmpeg
import langcodes

from streaming.media.ladder import Codec, Rendition
from streaming.media.package_plan import (
    AudioTrack,
    KeyFrameRule,
    PackagingPlan,
    Phase,
    PictureInput,
    TextTrack,
    VideoTrack,
)
from streaming.media.probe import input_guards
from streaming.media.streams import Hdr

PROGRESS, STORYBOARD, POSTERS = "progress", "storyboard", "posters"
# Short enough for the packager to cut sound beside a picture's boundary, long enough to cost few bytes.
_AUDIO_FRAGMENT_US = 500_000
# What comes out of a pipe: a header without samples, then fragments that address nothing outside themselves. Without
# frag_discont and negative_cts_offsets FFmpeg moves each track to a zero of its own; a trailer would be seen by nobody.
MOVFLAGS = "+empty_moov+default_base_moof+frag_discont+skip_trailer+negative_cts_offsets"
TRACK_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "f": "mp4",
        # Picture and sound keep the distance that they have in the source, priming included.
        "avoid_negative_ts": "disabled",
        # Names of people and places in the source's tags are no business of viewers.
        "map_metadata": -1,
        "map_chapters": -1,
        # A film whose sound begins late must not be given up.
        "max_muxing_queue_size": 4096,
    }
)
# One picture of the largest size with 16 bits a sample has 212 MB; no header may ask for more at once.
MOST_BYTES_AT_ONCE = 512 * 1024 * 1024
_CRF = {Codec.H264: 21, Codec.HEVC: 24, Codec.AV1: 32}
_PRESETS = {Codec.H264: "veryfast", Codec.HEVC: "superfast", Codec.AV1: "10"}
_ENCODERS = {Codec.H264: "libx264", Codec.HEVC: "libx265", Codec.AV1: "libsvtav1"}
_STILL_QUALITY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run. `pipes` are the outputs that it writes, by name; each under the number that it was given."""

    argv: tuple[str, ...]
    pipes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The program, the file, and how many cores a job may keep busy.

    Attributes:
        tone_table: the file that `tone_mapping.format_table` made for the source's light; where that is to be mapped.
    """

    ffmpeg: str
    source: str
    cores: int
    tone_table: str = ""


def pipe_names(plan: PackagingPlan, phase: Phase) -> tuple[str, ...]:
    """Return which pipes a phase needs; that of the progress is the last."""
    stills = (STORYBOARD, POSTERS) if phase.makes_stills and plan.picture else ()
    return (*phase.tracks, *stills, PROGRESS)


def build_command(plan: PackagingPlan, phase: Phase, *, tools: Tools, outputs: Mapping[str, int]) -> Command:
    """Return the command of one phase. `outputs` are the numbers of the pipes that FFmpeg inherits, by name."""
    names = pipe_names(plan, phase)
    source = ffmpeg.input(f"file:{tools.source}", **_input_options(plan, phase, tools))
    made = [
        *_picture_outputs(plan, phase, source, tools, outputs),
        *(_audio_output(track, source, outputs) for track in plan.audio if track.name in phase.tracks),
        *(_text_output(track, source, outputs) for track in plan.texts if track.name in phase.tracks),
        *(_listened(track, source) for track in plan.audio if _is_listened_to(track, plan, phase)),
        *_sound_of_other_phases(plan, phase, source),
    ]
    joined = ffmpeg.merge_outputs(*made) if len(made) > 1 else made[0]
    program, *rest = joined.compile(cmd=tools.ffmpeg)
    return Command(
        argv=(program, *_global_options(tools, outputs[PROGRESS]), *rest),
        pipes=names,
    )


def _global_options(tools: Tools, progress: int) -> list[str]:
    return [
        "-hide_banner",
        # It must never wait for a key that nobody presses, nor ask whether to overwrite a pipe.
        *("-nostdin", "-y"),
        # The summaries of ebur128 are of level info; each line says its level, so that causes are found.
        *("-loglevel", "level+info", "-nostats"),
        *("-progress", f"pipe:{progress}", "-stats_period", "0.5"),
        *("-max_alloc", str(MOST_BYTES_AT_ONCE)),
        # Filters of one graph share these threads; without it there are as many as the machine has cores.
        *("-filter_complex_threads", str(tools.cores)),
    ]


def _input_options(plan: PackagingPlan, phase: Phase, tools: Tools) -> dict[str, Any]:
    options: dict[str, Any] = {
        **input_guards(),
        # The decoder's share: frame threads, of which each holds a picture.
        "threads": tools.cores,
        # A few broken frames are left out or repaired; a film that is mostly broken fails.
        "max_error_rate": 0.5,
        "err_detect": "careful",
    }
    if plan.picture and phase.makes_stills and not phase.tracks:
        # Nothing but small pictures is made: key frames suffice, which are a hundredth of the work.
        options["skip_frame"] = "nokey"
    return options


def _picture_outputs(
    plan: PackagingPlan, phase: Phase, source: Any, tools: Tools, outputs: Mapping[str, int]
) -> list[Any]:
    if plan.picture is None:
        return []
    tracks = [track for track in plan.video if track.name in phase.tracks]
    copies = [_copied_video(track, plan.picture, source, outputs) for track in tracks if track.is_copy]
    encoded = [track for track in tracks if not track.is_copy]
    stills = 2 if phase.makes_stills else 0
    if not encoded and not stills:
        return copies
    frames = _common_filters(plan.picture, source, only_stills=not encoded)
    if plan.picture.hdr is not Hdr.SDR:
        frames = _tone_mapped(frames, _largest(plan, encoded, phase), tools)
    # Decoded, deinterlaced and tone-mapped once, whatever the number of rungs.
    branches = frames.filter_multi_output("split", len(encoded) + stills)
    made = [_encoded_video(track, plan, branches[number], tools, outputs) for number, track in enumerate(encoded)]
    if stills:
        made.append(_storyboard_output(plan, branches[len(encoded)], outputs))
        made.append(_posters_output(plan, branches[len(encoded) + 1], outputs))
    return [*copies, *made]


def _common_filters(picture: PictureInput, source: Any, *, only_stills: bool) -> Any:
    frames = source[str(picture.index)]
    if picture.is_interlaced:
        # One picture of each pair of fields: the rate stays what it was.
        frames = frames.filter("bwdif", mode="send_frame", parity="auto", deint="interlaced")
    if not picture.keeps_times and not only_stills:
        # Every rung gets the same frames at the same times, so that every rung is cut at the same places. A copied
        # rung has the source's times, and the others keep them. A picture that begins behind its sound stands still
        # until then: players would begin where it does.
        frames = frames.filter("fps", fps=ratio(picture.frame_rate), start_time=0)
    return frames


def _largest(plan: PackagingPlan, encoded: Sequence[VideoTrack], phase: Phase) -> tuple[int, int]:
    """Return the size of the largest picture that a run makes."""
    sizes = [(track.rendition.width_px, track.rendition.height_px) for track in encoded]
    if phase.makes_stills and plan.posters:
        sizes.append((plan.posters.width_px, plan.posters.height_px))
    return max(sizes)


def _tone_mapped(frames: Any, size: tuple[int, int], tools: Tools) -> Any:
    # It takes as long as encoding does, so it is not done for pixels that nobody gets to see.
    coded = frames.filter("scale", *size, flags="bicubic").filter("format", "gbrp12")
    mapped = coded.filter("lut3d", file=tools.tone_table)
    # What the light was graded for is not true any more: screens would dim the picture once again.
    for kind in ("MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"):
        mapped = mapped.filter("sidedata", mode="delete", type=kind)
    named = mapped.filter("setparams", color_primaries="bt709", color_trc="bt709")
    return named.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")


def ratio(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _copied_video(track: VideoTrack, picture: PictureInput, source: Any, outputs: Mapping[str, int]) -> Any:
    options = {**TRACK_OPTIONS, "c": "copy", "movflags": f"{MOVFLAGS}+frag_keyframe"}
    return ffmpeg.output(source[str(picture.index)], f"pipe:{outputs[track.name]}", **options)


def _encoded_video(
    track: VideoTrack, plan: PackagingPlan, frames: Any, tools: Tools, outputs: Mapping[str, int]
) -> Any:
    assert plan.picture is not None
    rendition = track.rendition
    scaled = frames.filter("scale", rendition.width_px, rendition.height_px, flags="bicubic")
    # 8 bits, 4:2:0: what every decoder plays. Pixels are square from here on.
    shaped = scaled.filter("format", "yuv420p").filter("setsar", "1")
    options = {
        **TRACK_OPTIONS,
        "movflags": f"{MOVFLAGS}+frag_keyframe",
        # Frames leave as they came from the filters: none is doubled or dropped to please a muxer.
        "fps_mode": "passthrough",
        "threads": _threads(rendition.codec, tools.cores),
        **_rate_options(rendition),
        **_key_frame_options(plan, plan.picture, rendition.codec, tools.cores),
    }
    return ffmpeg.output(shaped, f"pipe:{outputs[track.name]}", **options)


def _threads(codec: Codec, cores: int) -> int:
    """Return how many frames are encoded side by side: in H.264 each waits for parts of the one before it, so that half
    as many again as there are cores keep these busy (x264's own rule). Others share their work out by themselves.
    """
    return max(1, cores * 3 // 2) if codec is Codec.H264 else cores


def _rate_options(rendition: Rendition) -> dict[str, Any]:
    """Constant quality below a ceiling: easy scenes take less than the rung allows, hard ones no more."""
    options: dict[str, Any] = {
        "c:v": _ENCODERS[rendition.codec],
        "preset": _PRESETS[rendition.codec],
        "crf": _CRF[rendition.codec],
        "maxrate": rendition.bitrate_bps,
        "bufsize": rendition.buffer_bits,
    }
    if rendition.codec is Codec.H264:
        options |= {"profile:v": rendition.profile, "level:v": rendition.level}
    if rendition.codec is Codec.HEVC:
        # Apple plays nothing but hvc1, which has its parameter sets in the header alone.
        options["tag:v"] = "hvc1"
    return options


def _key_frame_options(plan: PackagingPlan, picture: PictureInput, codec: Codec, cores: int) -> dict[str, Any]:
    if plan.key_frames is KeyFrameRule.SOURCE:
        # Where the copied rung has its own, and nowhere else: groups are as long as the source's.
        distance, forced = 100_000, "source"
    else:
        distance, forced = picture.gop_frames, f"expr:eq(mod(n,{picture.gop_frames}),0)"
    options: dict[str, Any] = {"force_key_frames": forced, "g": distance}
    if codec is Codec.H264:
        # No key frames at scene changes, which each rung would find elsewhere; forced ones are IDR and groups closed.
        options |= {"sc_threshold": 0, "forced-idr": 1, "flags": "+cgop"}
    if codec is Codec.HEVC:
        # x265 takes -threads for frames only, and opens a pool of as many threads as the machine has cores.
        cuts = "scenecut=0:open-gop=0:repeat-headers=0"
        options |= {"forced-idr": 1, "x265-params": f"{cuts}:pools={cores}:log-level=error"}
    if codec is Codec.AV1:
        options["svtav1-params"] = f"scd=0:enable-force-key-frames=1:lp={cores}"
    return options


def _audio_output(track: AudioTrack, source: Any, outputs: Mapping[str, int]) -> Any:
    options: dict[str, Any] = {
        **TRACK_OPTIONS,
        "movflags": MOVFLAGS,
        "frag_duration": _AUDIO_FRAGMENT_US,
        "metadata:s:a:0": f"language={_iso_639_2(track.language)}",
    }
    sound = source[str(track.index)]
    if track.is_copy:
        options["c"] = "copy"
    else:
        # Holes are filled with silence and late sound begins with it, so that it stays beside its picture. What has
        # more channels is mixed down by the coefficients of ITU-R BS.775, without clipping.
        layout = {1: "mono", 2: "stereo"}.get(track.channels, "5.1")
        sound = sound.filter("aresample", 48_000, **{"async": 1, "first_pts": 0, "out_chlayout": layout})
        sound = _measured(sound, track)
        options |= {"c:a": "aac", "b:a": track.bitrate_bps, "ar": 48_000}
    return ffmpeg.output(sound, f"pipe:{outputs[track.name]}", **options)


def _is_listened_to(track: AudioTrack, plan: PackagingPlan, phase: Phase) -> bool:
    return track.is_copy and phase is plan.phases[-1]


def _listened(track: AudioTrack, source: Any) -> Any:
    """Decode sound that is copied, for its loudness: in the last phase, as nobody must wait for that to begin."""
    return ffmpeg.output(_measured(source[str(track.index)], track), "-", f="null")


def _measured(sound: Any, track: AudioTrack) -> Any:
    """Measure sound, and leave it as it is: players and televisions level by what was measured."""
    return sound.filter(f"ebur128@{track.name}", framelog="quiet", peak="sample")


def _sound_of_other_phases(plan: PackagingPlan, phase: Phase, source: Any) -> list[Any]:
    """Read all the sound in every run, and throw it away where it is not made.

    FFmpeg counts the times of a transport stream from the earliest of the tracks that a run reads, and mends jumps of
    its clock by what any of them tells. Runs that read other tracks would put the same picture at different times.
    """
    read = {track.index for track in plan.audio if track.name in phase.tracks or _is_listened_to(track, plan, phase)}
    others = sorted({track.index for track in plan.audio} - read)
    return [ffmpeg.output(*(source[str(index)] for index in others), "-", f="null", c="copy")] if others else []


def _iso_639_2(language: str) -> str:
    """Return the three letters that an MP4 header has room for."""
    try:
        return langcodes.Language.get(language).to_alpha3()
    except LookupError:
        return "und"


def _text_output(track: TextTrack, source: Any, outputs: Mapping[str, int]) -> Any:
    options = {"c:s": "webvtt", "f": "webvtt", "map_metadata": -1, "flush_packets": 1}
    return ffmpeg.output(source[str(track.index)], f"pipe:{outputs[track.name]}", **options)


def _stills(frames: Any, size: tuple[int, int], output: str) -> Any:
    # JPEG has the full range of values.
    shaped = frames.filter("scale", *size, out_range="pc").filter("setsar", "1").filter("format", "yuvj420p")
    options = {
        "f": "image2pipe",
        "c:v": "mjpeg",
        "q:v": _STILL_QUALITY,
        "fps_mode": "passthrough",
        "threads": 1,
    }
    return ffmpeg.output(shaped, output, **options)


def _storyboard_output(plan: PackagingPlan, frames: Any, outputs: Mapping[str, int]) -> Any:
    board = plan.storyboard
    assert board is not None
    # One by one and not as sheets: FFmpeg tells no progress before every output has begun, and a sheet is complete
    # after minutes. The first is that of the first moment; by default it would be that of half an interval.
    picked = frames.filter("fps", fps=ratio(1 / board.interval_s), start_time=0, round="up")
    return _stills(picked, (board.width_px, board.height_px), f"pipe:{outputs[STORYBOARD]}")


def _posters_output(plan: PackagingPlan, frames: Any, outputs: Mapping[str, int]) -> Any:
    posters = plan.posters
    assert posters is not None
    picked = frames.filter("fps", fps=ratio(1 / posters.interval_s), start_time=0, round="up")
    return _stills(picked, (posters.width_px, posters.height_px), f"pipe:{outputs[POSTERS]}")
