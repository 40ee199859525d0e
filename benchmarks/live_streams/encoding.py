"""Encoders that publish to a portal, and know how much they have sent."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from streaming.media.programme import build_programme
from tests.e2e.running import Portal
from tests.streaming.media.sources import FFMPEG, make_film

# It tells ten times a second how far it is: that is how exactly is known what was sent when it is killed.
_PROGRESS = ("-progress", "pipe:1", "-stats_period", "0.1")
_PATIENCE_S = 30
_SMALL_S = 20
SMALL_RATE = 15
_SMALL = (
    f"-f lavfi -i testsrc2=s=320x180:r={SMALL_RATE}:d={_SMALL_S} -f lavfi -i sine=d={_SMALL_S}:sample_rate=48000 "
    "-c:v libx264 -preset veryfast -tune zerolatency -b:v 200k -g 30 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -ac 2"
)


class Encoder:
    """An encoder with a good key. `film` is sent as it is, again and again; without one it is the demo's programme.

    A film's encoder publishes from an address of its own, of which Linux has sixteen million: the portal takes no more
    than a few encoders, and a few attempts a minute, from one.
    """

    def __init__(self, portal: Portal, key: str, *, film: Path | None = None, address: str = "127.0.0.1") -> None:
        self._url = f"rtmp://127.0.0.1:{portal.rtmp_port}/live/{key}"
        self._film, self._address = film, address
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._earlier_s = self._sent_s = 0.0

    @property
    def sent_s(self) -> float:
        """How many seconds of media it has sent, in all its runs."""
        return self._earlier_s + self._sent_s

    def begin(self) -> None:
        program, *rest = self._argv()
        process = subprocess.Popen(
            [program, *_PROGRESS, *rest],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._earlier_s, self._sent_s = self.sent_s, 0.0
        self._process = process
        self._reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """Press its button: it says good-bye."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._end()

    def lose_connection(self) -> None:
        """End it in the middle of a word."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def _end(self) -> None:
        assert self._process is not None
        assert self._reader is not None
        self._process.wait(_PATIENCE_S)
        self._reader.join(_PATIENCE_S)

    def _argv(self) -> list[str]:
        if self._film is None:
            return build_programme(ffmpeg_path=FFMPEG, url=self._url, seconds=None)
        loop = ["-hide_banner", "-nostdin", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", str(self._film)]
        copy = ["-c", "copy", "-f", "flv", "-flvflags", "no_duration_filesize"]
        return [FFMPEG, *loop, *copy, "-local_addr", self._address, self._url]

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as told:
            for line in told:
                name, _, value = line.partition("=")
                if name == "out_time_us":
                    # Before the first frame it says N/A.
                    with suppress(ValueError):
                        self._sent_s = int(value) / 1e6


def make_small_film(folder: Path) -> Path:
    """Make what a small encoder sends, fit to be passed on: twenty of them cost no more than their network."""
    return make_film(folder, _SMALL, name="small.flv")


@contextmanager
def encoder_of(portal: Portal, *, film: Path | None = None) -> Iterator[Encoder]:
    """Give an encoder of the demo's channel, and stop it in the end."""
    encoder = Encoder(portal, portal.stream_key, film=film)
    try:
        yield encoder
    finally:
        encoder.stop()
