"""Frames of silence."""

import subprocess
from pathlib import Path

import pytest

from streaming.media.live.silence import silent_frame
from streaming.media.sample_entries import Sound
from tests.streaming.media.sources import FFMPEG, PATIENCE_S


def adts(frame: bytes, channels: int) -> bytes:
    """Put the head of a raw stream of AAC-LC at 48 kHz before a frame."""
    bits = f"{0xFFF:012b}{0b0001:04b}{1:02b}{3:04b}0{channels:03b}0000{7 + len(frame):013b}{0x7FF:011b}00"
    return int(bits, 2).to_bytes(7) + frame


@pytest.mark.parametrize("channels", [1, 2])
def test_they_decode_to_nothing_but_silence(tmp_path: Path, channels: int) -> None:
    frame = silent_frame(Sound(codec="mp4a.40.2", sample_rate_hz=48000, channels=channels))
    assert frame is not None
    source = tmp_path / "silence.aac"
    source.write_bytes(adts(frame, channels) * 10)
    argv = [FFMPEG, "-v", "error", "-xerror", "-i", str(source), "-f", "s16le", "-"]
    done = subprocess.run(argv, capture_output=True, timeout=PATIENCE_S, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) >= 8 * 1024 * 2 * channels
    assert not any(done.stdout)


@pytest.mark.parametrize(("codec", "channels"), [("opus", 2), ("mp4a.40.2", 6)])
def test_there_is_none_of_what_is_not_known(codec: str, channels: int) -> None:
    assert silent_frame(Sound(codec=codec, sample_rate_hz=48000, channels=channels)) is None
