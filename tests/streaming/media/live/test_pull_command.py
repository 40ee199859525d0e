"""How FFmpeg is told to fetch a stream."""

import pytest

from streaming.hooks.servers import SCHEMES
from streaming.media.live.pull_command import build_pull_command


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_speaks_with_the_server_alone_and_waits_for_nothing_for_ever(scheme: str) -> None:
    argv = build_pull_command(f"{scheme}://ingest.example.com/live/a", ffmpeg="ffmpeg")
    allowed = argv[argv.index("-protocol_whitelist") + 1].split(",")
    assert scheme in allowed
    assert not set(allowed) & {"file", "pipe", "data", "unix", "concat", "subfile"}
    assert {"-rw_timeout", "-timeout"} & set(argv)
    # Its complaints would name the address.
    assert argv[argv.index("-loglevel") + 1] == "quiet"


def test_it_copies_one_picture_and_one_sound_to_its_stdout() -> None:
    argv = build_pull_command("rtmp://ingest.example.com/live/a", ffmpeg="/usr/bin/ffmpeg")
    assert argv[0] == "/usr/bin/ffmpeg"
    assert argv[argv.index("-i") + 1 :] == (
        *("rtmp://ingest.example.com/live/a", "-map", "0:v:0?", "-map", "0:a:0?", "-c", "copy"),
        *("-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1"),
        *("-max_interleave_delta", "1000000", "pipe:1"),
    )
