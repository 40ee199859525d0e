import subprocess
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.media.progress import (
    FailureCode,
    Progress,
    ProgressReader,
    count_broken_frames,
    explain_failure,
    parse_loudness,
    pause_before_growth,
    time_left,
)
from tests.streaming.media.sources import FFMPEG, PATIENCE_S, SOUND, make_film

BLOCK = b"frame=%d\nfps=%d.5\nout_time_us=%s\nspeed=%sx\nprogress=%s\n"
BLOCKS = (
    BLOCK % (0, 0, b"N/A", b"N/A", b"continue")
    + BLOCK % (25, 25, b"1000000", b"2.0", b"continue")
    + BLOCK % (50, 25, b"2000000", b" 4", b"end")
)
METER_TEXT = """[ebur128@a1-stereo @ 0x7f] [info] Summary:

  Integrated loudness:
    I:         -21.8 LUFS
    Threshold: -31.8 LUFS
  Loudness range:
    LRA:         3.0 LU
    LRA low:   -21.8 LUFS
  Sample peak:
    Peak:      -18.1 dBFS
[ebur128@a2-stereo @ 0x7f] [info] Summary:
    I:         -70.0 LUFS
    LRA:         0.0 LU
    Peak:      -120.0 dBFS
[out#0/null @ 0x7f] [info] video:0KiB"""
METER = METER_TEXT.splitlines()


def made(**overrides: object) -> Progress:
    values: dict[str, object] = {"position_s": 30.0, "speed": 2.0, "frames_per_s": 50.0, "has_ended": False}
    return Progress(**(values | overrides))  # type: ignore[arg-type]  # The test gives each its own type.


def test_each_complete_block_is_a_progress() -> None:
    first, second, last = ProgressReader().feed(BLOCKS)
    assert (first.position_s, first.speed, first.has_ended) == (0.0, None, False)
    assert (second.position_s, second.frames_per_s) == (1.0, 25.5)
    assert (last.position_s, last.speed, last.has_ended) == (2.0, 4.0, True)


def test_the_speed_is_told_once_it_says_more_than_how_long_the_start_took() -> None:
    times = (b"100000", b"1900000", b"2000000")
    told = ProgressReader().feed(b"".join(BLOCK % (0, 0, time, b"0.01", b"continue") for time in times))
    assert [progress.speed for progress in told] == [None, None, 0.01]


def test_the_speed_is_smoothed() -> None:
    speeds = (b"2.0", b"4")
    _, second = ProgressReader().feed(b"".join(BLOCK % (0, 0, b"9000000", speed, b"continue") for speed in speeds))
    assert second.speed is not None
    assert 2.0 < second.speed < 4.0


@given(st.lists(st.integers(0, len(BLOCKS))))
def test_slices_change_nothing(cuts: list[int]) -> None:
    reader, edges = ProgressReader(), [0, *sorted(cuts), len(BLOCKS)]
    sliced = [p for a, b in pairwise(edges) for p in reader.feed(BLOCKS[a:b])]
    assert tuple(sliced) == ProgressReader().feed(BLOCKS)


@given(st.binary(max_size=2000))
def test_what_is_no_progress_is_passed_over(noise: bytes) -> None:
    reader = ProgressReader()
    reader.feed(noise)
    assert reader.feed(b"\nout_time_us=7000000000000\nprogress=end\n")[-1].has_ended


def test_a_position_never_goes_back() -> None:
    late, early = ProgressReader().feed(b"out_time_us=5000000\nprogress=x\nout_time_us=-9223372036854\nprogress=x\n")
    assert (late.position_s, early.position_s) == (5.0, 5.0)


def test_frames_are_counted_where_the_time_stands_still() -> None:
    (progress,) = ProgressReader(frame_rate=Fraction(25)).feed(BLOCK % (250, 49, b"0", b"0", b"continue"))
    assert progress.position_s == 10.0
    assert progress.speed == pytest.approx(49.5 / 25)


def test_the_time_left_follows_from_the_speed() -> None:
    assert time_left(made(), duration_s=90) == 30
    assert time_left(made(position_s=95.0), duration_s=90) == 0
    assert time_left(made(has_ended=True, speed=None), duration_s=90) == 0
    assert time_left(made(speed=None), duration_s=90) is None


def test_what_follows_a_run_is_part_of_the_time_left() -> None:
    assert time_left(made(), duration_s=90, more=2.0) == 30 + 2 * 45
    assert time_left(made(has_ended=True), duration_s=90, more=1.0) == 45
    assert time_left(made(has_ended=True, speed=None), duration_s=90, more=1.0) is None


@pytest.mark.parametrize(
    ("exit_code", "line", "code", "is_transient"),
    [
        (183, "[mov @ 0x1] [error] moov atom not found", FailureCode.TRUNCATED, False),
        (
            183,
            "[fatal] Error opening input files: Invalid data found",
            FailureCode.DAMAGED,
            False,
        ),
        (228, "[error] Could not write header: No space left on device", FailureCode.DISK_FULL, True),
        (244, "[fatal] Cannot allocate memory", FailureCode.MEMORY, True),
        (254, "[fatal] Error opening input files: No such file or directory", FailureCode.SOURCE_MISSING, True),
        (1, "[hls] Format not on whitelist 'mov,mp4'", FailureCode.REFUSED_REFERENCE, False),
        (224, "[out#0/mp4] Error writing trailer: Broken pipe", FailureCode.READER_GONE, True),
        (1, "[av1] Your platform doesn't support hardware accelerated AV1 decoding.", FailureCode.CODEC_UNKNOWN, False),
        (1, "[dec:h264] Decode error rate 0.7 exceeds maximum 0.5", FailureCode.DAMAGED, False),
        (-9, "[info] frame= 100", FailureCode.KILLED, True),
        (1, "[info] something new", FailureCode.UNKNOWN, False),
    ],
)
def test_causes_are_told_from_what_ffmpeg_says(
    exit_code: int, line: str, code: FailureCode, is_transient: bool
) -> None:
    found = explain_failure(exit_code, ["[info] Stream mapping:", line])
    assert (found.code, found.is_transient, found.line) == (code, is_transient, line)


def test_a_cause_is_told_before_its_consequence() -> None:
    lines = ["[error] Invalid data found", "[error] av_interleaved_write_frame(): No space left on device"]
    assert explain_failure(1, lines).code is FailureCode.DISK_FULL
    assert explain_failure(-9, []).code is FailureCode.KILLED


@pytest.mark.parametrize(
    ("content", "code"), [(b"", FailureCode.TRUNCATED), (b"<html>no film</html>" * 99, FailureCode.TRUNCATED)]
)
def test_real_complaints_are_understood(content: bytes, code: FailureCode, tmp_path: Path) -> None:
    (tmp_path / "upload.mp4").write_bytes(content)
    argv = [FFMPEG, "-nostdin", "-loglevel", "level+info", "-i", str(tmp_path / "upload.mp4"), "-f", "null", "-"]
    done = subprocess.run(argv, capture_output=True, timeout=PATIENCE_S, check=False, text=True)
    assert explain_failure(done.returncode, done.stderr.splitlines()).code is code


def test_loudness_is_told_by_track_and_silence_has_none() -> None:
    (name,) = found = parse_loudness(METER)
    loudness = found[name]
    assert (name, loudness.integrated_lufs, loudness.range_lu, loudness.peak_dbfs) == ("a1-stereo", -21.8, 3.0, -18.1)
    assert parse_loudness(METER[:5]) == {}


def test_the_meter_of_a_real_run_is_read(tmp_path: Path) -> None:
    film = make_film(tmp_path, f"{SOUND} -c:a flac", name="a.flac")
    meter = "[0:a]ebur128@x=framelog=quiet:peak=sample[m]"
    argv = [FFMPEG, "-nostats", "-loglevel", "level+info", "-i", str(film), "-filter_complex", meter, "-map", "[m]"]
    done = subprocess.run([*argv, "-f", "null", "-"], capture_output=True, timeout=PATIENCE_S, check=True, text=True)
    # FFmpeg's tone has an amplitude of an eighth, 18 dB below full scale.
    assert parse_loudness(done.stderr.splitlines())["x"].peak_dbfs == pytest.approx(-18.1, abs=0.2)


def test_broken_frames_are_counted() -> None:
    assert count_broken_frames(["[warning] corrupt decoded frame", "fine", "[error] Error submitting packet"]) == 2


def test_a_film_of_a_day_is_told_of_often_at_first_and_not_thousands_of_times() -> None:
    made_s, times = 4.0, 0
    pauses = []
    while made_s < 86_400:
        pauses.append(pause_before_growth(made_s))
        made_s += 3 * pauses[-1]
        times += 1
    assert pauses[0] == 2.0
    assert max(pause for pause in pauses if pause) < 200
    # Every two seconds would be 14,400 times, of tens of thousands of lines each.
    assert times < 1000
