import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

from streaming.media.programme import build_programme
from streaming.media.visible_clock import (
    BITS,
    CYCLE_MS,
    LEFT_PX,
    SQUARE_PX,
    SQUARES,
    TOP_PX,
    delay_ms,
    read_clock,
)

_WIDTH, _HEIGHT = 426, 240


def squares_of(moment_ms: int) -> list[float]:
    gray = moment_ms ^ (moment_ms >> 1)
    return [235, 16, *(235 if gray >> (BITS - 1 - index) & 1 else 16 for index in range(BITS))]


@pytest.mark.parametrize("moment_ms", [0, 1, 2, 1_234_567, CYCLE_MS - 1])
def test_what_was_drawn_is_read(moment_ms: int) -> None:
    assert read_clock(squares_of(moment_ms)) == moment_ms


def test_a_faded_picture_is_read_all_the_same() -> None:
    assert read_clock([level * 0.5 + 40 for level in squares_of(987_654)]) == 987_654


def test_a_picture_without_a_clock_has_none() -> None:
    assert read_clock([120.0] * SQUARES) is None
    assert read_clock([235.0, 16.0]) is None


def test_a_delay_is_counted_past_the_moment_when_the_clock_begins_anew() -> None:
    assert delay_ms(shown_ms=CYCLE_MS - 300, now_ms=5 * CYCLE_MS + 200) == 500


@pytest.mark.ffmpeg
def test_the_programme_shows_the_time_at_which_it_was_sent(tmp_path: Path) -> None:
    path = f"{tmp_path}/programme.flv"
    before_ms = int(time.time() * 1000)
    subprocess.run(build_programme(ffmpeg_path=settings.NOVA_FFMPEG, url=path, seconds=1), check=True, timeout=60)
    lasted_ms = int(time.time() * 1000) - before_ms

    delays = [delay_ms(shown_ms=shown, now_ms=before_ms) for shown in _clocks_of(path)]

    since_start = [CYCLE_MS - delay for delay in delays]
    assert len(since_start) >= 28
    assert since_start == sorted(since_start)
    assert 0 < since_start[0] < since_start[-1] <= lasted_ms + 1


def _clocks_of(path: str) -> list[int]:
    """Return what each frame shows, of a picture that has become a third as wide."""
    scale = f"scale={_WIDTH}:{_HEIGHT},format=gray"
    argv = [settings.NOVA_FFMPEG, "-loglevel", "error", "-i", path, "-vf", scale, "-f", "rawvideo", "-"]
    raw = subprocess.run(argv, check=True, capture_output=True, timeout=60).stdout
    size = _WIDTH * _HEIGHT
    found = [read_clock(_squares_in(raw[start : start + size])) for start in range(0, len(raw), size)]
    assert None not in found
    return [moment for moment in found if moment is not None]


def _squares_in(frame: bytes) -> list[float]:
    shrunk = _WIDTH / 1280
    row = int((TOP_PX + SQUARE_PX / 2) * shrunk)
    columns = (int((LEFT_PX + (number + 0.5) * SQUARE_PX) * shrunk) for number in range(SQUARES))
    return [frame[row * _WIDTH + column] for column in columns]
