"""What somebody would type who has no portal: FFmpeg commands that make the rungs of a plan, and nothing else.

Quality, ceilings and key frames are those of the plan, for otherwise the bits would not be worth the same. Threads and
everything else are what FFmpeg takes by itself.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.packaged_films.films import FFMPEG
from streaming.media.ladder import Rendition
from streaming.media.package_plan import AudioTrack, KeyFrameRule, PackagingPlan, VideoTrack

_START = (FFMPEG, "-nostdin", "-v", "error", "-y")


def one_command(plan: PackagingPlan, film: Path, folder: Path) -> tuple[str, ...]:
    """Return one command that decodes once and writes each track of the plan to a file."""
    encoded = [track for track in plan.video if not track.is_copy]
    pads = "".join(f"[s{number}]" for number in range(len(encoded)))
    chains = [f"[0:v]split={len(encoded)}{pads}"]
    words: list[str] = []
    for number, track in enumerate(encoded):
        chains.append(f"[s{number}]{_scale(track.rendition)}[v{number}]")
        words += ["-map", f"[v{number}]", *_encoder(track.rendition), *_keys(plan), str(folder / f"{track.name}.mp4")]
    for track in plan.video:
        if track.is_copy:
            words += ["-map", "0:v:0", "-c:v", "copy", str(folder / f"{track.name}.mp4")]
    for sound in plan.audio:
        words += ["-map", f"0:{sound.index}", *_sound(sound), str(folder / f"{sound.name}.mp4")]
    graph = ("-filter_complex", ";".join(chains)) if encoded else ()
    return (*_START, "-i", str(film), *graph, *words)


def command_per_rung(plan: PackagingPlan, film: Path, folder: Path) -> Sequence[tuple[str, ...]]:
    """Return a command for each rung, the source's own included, with its own decoding and its own AAC."""
    # Nobody who encodes every rung looks where the source has its key frames.
    counted = replace(plan, key_frames=KeyFrameRule.COUNTED)
    return [
        (
            *_START,
            *("-i", str(film), "-map", "0:v:0", "-map", "0:a:0"),
            *("-vf", _scale(track.rendition), *_encoder(track.rendition), *_keys(counted)),
            *("-c:a", "aac", "-b:a", "160k", str(folder / f"{track.name}.mp4")),
        )
        for track in plan.video
    ]


def command_alone(plan: PackagingPlan, track: VideoTrack, film: Path, folder: Path) -> tuple[str, ...]:
    """Return a command that makes one rung of the plan and nothing beside it."""
    return one_command(replace(plan, video=(track,), audio=()), film, folder)


def _scale(rendition: Rendition) -> str:
    return f"scale={rendition.width_px}:{rendition.height_px}:flags=bicubic"


def _encoder(rendition: Rendition) -> list[str]:
    rates = f"-crf 21 -maxrate {rendition.bitrate_bps} -bufsize {rendition.buffer_bits}"
    shape = f"-profile:v {rendition.profile} -level:v {rendition.level} -pix_fmt yuv420p"
    return f"-c:v libx264 -preset veryfast {rates} {shape}".split()


def _keys(plan: PackagingPlan) -> list[str]:
    assert plan.picture is not None
    frames = str(plan.picture.gop_frames)
    where: tuple[str, ...] = ("-g", frames, "-keyint_min", frames)
    if plan.key_frames is KeyFrameRule.SOURCE:
        where = ("-g", "100000", "-force_key_frames", "source", "-forced-idr", "1")
    return [*where, "-sc_threshold", "0"]


def _sound(track: AudioTrack) -> list[str]:
    return ["-c:a", "copy"] if track.is_copy else ["-c:a", "aac", "-b:a", str(track.bitrate_bps)]
