"""Live plans to FFmpeg's words. Nothing is decided here but how to say it; figures were measured with FFmpeg 8.1.2."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ffmpeg

from streaming.media.command import MOST_BYTES_AT_ONCE, MOVFLAGS, TRACK_OPTIONS, Command, ratio
from streaming.media.live.plan import AUDIO_RATE_HZ, LiveAudio, LivePlan, LiveVideo

# As the packager puts silence where no sound comes, of this it takes no more than the header.
_SILENCE = f"anullsrc=sample_rate={AUDIO_RATE_HZ}:channel_layout=stereo:duration=0.1"
# Enough of a file for its header, metadata and the first frames. With more, FFmpeg holds back what it has read; with
# nobuffer it would throw it away.
_PROBE_BYTES = 32_768
# What is waited for the second track where the file's header promises one.
_ANALYSE_US = 500_000
# FLV counts milliseconds.
_SOURCE_TICK = "1/1000"
# The source decides; x264 would put one after 250 frames by itself.
_ENDLESS_GROUP = 100_000
# A quality that is rarely told from the source; hard scenes reach the ceiling before.
_CRF = 23


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTools:
    """The program that encodes."""

    ffmpeg: str


def build_live_command(plan: LivePlan, *, tools: LiveTools, outputs: Mapping[str, int]) -> Command:
    """Return the command that reads FLV from its stdin and writes each track to the pipe of its name, frame by frame.

    `outputs` are the numbers of the pipes that it inherits.
    """
    source = ffmpeg.input("pipe:0", **_input_options())
    made = [*_pictures(plan, source, outputs), _sound(plan.audio, plan, source, outputs)]
    program, *rest = (ffmpeg.merge_outputs(*made) if len(made) > 1 else made[0]).compile(cmd=tools.ffmpeg)
    return Command(argv=(program, *_global_options(), *rest), pipes=plan.tracks)


def _global_options() -> list[str]:
    return [
        "-hide_banner",
        # Its stdin is the stream: no key that is pressed in it is meant for FFmpeg. Nor must it ask about a pipe.
        *("-nostdin", "-y"),
        *("-loglevel", "level+warning", "-nostats"),
        *("-max_alloc", str(MOST_BYTES_AT_ONCE)),
        # Scaling is little work beside encoding, which has threads of its own.
        *("-filter_complex_threads", "1"),
    ]


def _input_options() -> dict[str, Any]:
    return {
        "f": "flv",
        # A stream can name files and addresses; none of them is opened.
        "protocol_whitelist": "pipe",
        "format_whitelist": "flv",
        "probesize": _PROBE_BYTES,
        "analyzeduration": _ANALYSE_US,
        # Frame threads hold back as many frames as they are: with it a frame comes out as soon as it is in.
        "flags": "low_delay",
        # A broken frame is left out or repaired, however many there are: they may get better.
        "max_error_rate": 1,
        "err_detect": "careful",
    }


def _pictures(plan: LivePlan, source: Any, outputs: Mapping[str, int]) -> list[Any]:
    copies = [_copy(source["v"], _video_track(plan), outputs[track.name]) for track in plan.video if track.is_copy]
    encoded = [track for track in plan.video if not track.is_copy]
    if not encoded:
        return copies
    # Decoded once, whatever the number of rungs. No filter counts frames: "fps" waits for the next one, and the
    # encoders' own count comes to the same for each rung, as they see the same times.
    branches = source["v"].filter_multi_output("split", len(encoded))
    made = [_picture(track, plan, branches[number], outputs) for number, track in enumerate(encoded)]
    return [*copies, *made]


def _copy(source: Any, options: Mapping[str, Any], output: int) -> Any:
    return ffmpeg.output(source, f"pipe:{output}", **options, c="copy")


def _video_track(plan: LivePlan) -> dict[str, Any]:
    return {**_track(plan), "video_track_timescale": plan.timescale}


def _picture(track: LiveVideo, plan: LivePlan, frames: Any, outputs: Mapping[str, int]) -> Any:
    rendition = track.rendition
    scaled = frames.filter("scale", rendition.width_px, rendition.height_px, flags="bicubic")
    shaped = scaled.filter("format", "yuv420p").filter("setsar", "1")
    options = {
        **_video_track(plan),
        **_key_frame_options(plan),
        "c:v": "libx264",
        "preset": str(plan.preset),
        # No frame waits for a later one, and frames are cut among threads instead of handed out to them.
        "tune": "zerolatency",
        "threads": track.threads,
        "crf": _CRF,
        "maxrate": rendition.bitrate_bps,
        "bufsize": rendition.buffer_bits,
        "profile:v": rendition.profile,
        "level:v": rendition.level,
        "sc_threshold": 0,
        "forced-idr": 1,
        "flags": "+cgop",
    }
    return ffmpeg.output(shaped, f"pipe:{outputs[track.name]}", **options)


def _key_frame_options(plan: LivePlan) -> dict[str, Any]:
    """Put key frames at the same frames of every rung: segments and parts are cut there."""
    if plan.copies:
        # Beside what is passed on, each frame is one of the source, at its very time, and a key frame where it is one.
        return {
            "fps_mode": "passthrough",
            "enc_time_base": _SOURCE_TICK,
            "force_key_frames": "source",
            "g": _ENDLESS_GROUP,
        }
    return {
        # The times of FLV are whole milliseconds: 33, 33, 34. A missing frame is made up for by the one before it.
        "r": ratio(plan.frame_rate),
        "fps_mode": "cfr",
        # By count and nowhere else.
        "force_key_frames": f"expr:eq(mod(n,{plan.gop_frames}),0)",
        "g": plan.gop_frames,
    }


def _sound(track: LiveAudio, plan: LivePlan, source: Any, outputs: Mapping[str, int]) -> Any:
    if track.is_copy:
        return _copy(source["a"], _track(plan), outputs[track.name])
    sound = source["a"] if plan.has_sound else ffmpeg.input(_SILENCE, f="lavfi")["a"]
    options = {
        **_track(plan),
        # Not in the graph of the pictures, which would not begin before there is sound. Holes are filled with silence
        # and late sound begins with it, so that it stays beside its picture.
        "af": f"aresample={AUDIO_RATE_HZ}:async=1:first_pts=0:out_chlayout=stereo",
        "c:a": "aac",
        "b:a": track.bitrate_bps,
        "ar": AUDIO_RATE_HZ,
        "ac": 2,
    }
    return ffmpeg.output(sound, f"pipe:{outputs[track.name]}", **options)


def _track(plan: LivePlan) -> dict[str, Any]:
    options = {
        **TRACK_OPTIONS,
        # The packager cuts parts where it wants; each frame leaves as soon as it is encoded.
        "movflags": f"{MOVFLAGS}+frag_every_frame",
        "flush_packets": 1,
    }
    # Decoded, as what follows refers to it, and thrown away.
    return {**options, "ss": f"{float(plan.skip_s):.3f}"} if plan.skip_s else options
