"""Programs in every mood: what they say is heard, and none of them is left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil
import pytest

from streaming.runtime import executor
from streaming.runtime.limits import Limits
from tests.streaming.media.sources import FFMPEG

_PROGRAM = str(Path(__file__).parents[2] / "fakes" / "program.py")
_GIB = 1024**3


def limits(**overrides: float) -> Limits:
    return Limits(**{"wall_s": 60, "silence_s": 60, "memory_bytes": 2 * _GIB, "grace_s": 1, **overrides})  # type: ignore[arg-type]


def orders(*words: object) -> Callable[[Mapping[str, int]], Sequence[str]]:
    """Return what builds the argv; a word that is the name of a pipe becomes its number."""
    return lambda pipes: (sys.executable, _PROGRAM, *(str(pipes.get(str(word), word)) for word in words))


class Bucket:
    """Keeps what it is fed."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    def __call__(self, data: bytes) -> None:
        self.chunks.append(data)

    @property
    def content(self) -> bytes:
        return b"".join(self.chunks)


def test_each_pipe_reaches_its_sink_in_order_and_ends() -> None:
    one, other = Bucket(), Bucket()

    finished = executor.run(
        orders("write", "a", "first ", "write", "b", "other", "write", "a", "second"),
        sinks={"a": one, "b": other},
        limits=limits(),
    )

    assert (one.content, other.content) == (b"first second", b"other")
    assert one.chunks[-1] == other.chunks[-1] == b""
    assert finished.exit_code == 0


def test_what_it_needed_is_told() -> None:
    finished = executor.run(orders("eat", 60_000_000, "say", "done"), sinks={}, limits=limits())

    assert finished.peak_memory_bytes > 60_000_000
    assert 0 < finished.cpu_s < 30
    assert finished.wall_s > 0
    assert finished.command_line.endswith("program.py eat 60000000 say done")


def test_more_than_a_pipe_holds_comes_through() -> None:
    length = 0

    def count(data: bytes) -> None:
        nonlocal length
        length += len(data)

    executor.run(orders("flood", "a", 20_000_000), sinks={"a": count}, limits=limits())

    assert length == 20_000_000


def test_a_failure_brings_its_last_words() -> None:
    with pytest.raises(executor.ProgramFailed) as failure:
        executor.run(orders("say", "no such film", "exit", 8), sinks={}, limits=limits())

    assert failure.value.result.exit_code == 8
    assert failure.value.result.stderr_tail == ("no such film",)
    assert "no such film" in str(failure.value)


def test_a_sink_is_not_told_of_the_end_of_what_was_cut_off() -> None:
    """It would complain of what came, and hide why no more came."""

    def refuse_the_end(data: bytes) -> None:
        assert data, "half a segment"

    with pytest.raises(executor.ProgramFailed):
        executor.run(orders("write", "a", "half", "raise", "SIGKILL"), sinks={"a": refuse_the_end}, limits=limits())


def test_one_that_was_killed_is_told_by_its_signal() -> None:
    with pytest.raises(executor.ProgramFailed) as failure:
        executor.run(orders("raise", "SIGKILL"), sinks={}, limits=limits())

    assert failure.value.result.exit_code == -9


def test_only_the_last_lines_are_kept_and_none_is_endless() -> None:
    words = executor.LastLines()

    for number in range(1000):
        words.feed(f"frame {number}\r".encode())
    words.feed(b"x" * 1_000_000)
    words.feed(b"")

    lines = words.lines()
    assert len(lines) == 200
    assert lines[-2] == "frame 999"
    assert len(lines[-1]) == 2000


def test_one_that_takes_too_long_is_ended() -> None:
    with pytest.raises(executor.ProgramTookTooLong):
        executor.run(orders("sleep", 60), sinks={}, limits=limits(wall_s=0.6))


def test_one_that_says_nothing_for_too_long_is_ended() -> None:
    with pytest.raises(executor.ProgramHung):
        executor.run(orders("write", "a", "x", "sleep", 60), sinks={"a": Bucket()}, limits=limits(silence_s=0.6))


def test_a_slow_sink_is_no_silence_of_the_program() -> None:
    def slow(data: bytes) -> None:
        time.sleep(0.7 if data else 0)

    executor.run(orders("write", "a", "x"), sinks={"a": slow}, limits=limits(silence_s=0.6))


def test_one_that_is_not_wanted_any_more_is_ended() -> None:
    with pytest.raises(executor.ProgramStopped):
        executor.run(orders("sleep", 60), sinks={}, limits=limits(), keep_running=lambda: False)


def test_one_that_is_deaf_is_killed() -> None:
    began = time.monotonic()

    with pytest.raises(executor.ProgramStopped) as failure:
        executor.run(
            orders("deaf", "say", "ready", "sleep", 60),
            sinks={},
            limits=limits(grace_s=0.2),
            keep_running=lambda: time.monotonic() - began < 1,
        )

    assert failure.value.result.exit_code == -9


def test_an_encoder_that_is_not_wanted_any_more_does_not_wait_for_a_reader() -> None:
    """Asked to end, FFmpeg writes what it has first, into pipes that nobody empties any more."""
    received = Bucket()
    asked: list[float] = []

    def keep_running() -> bool:
        if received.content:
            asked.append(time.monotonic())
        return not asked

    with pytest.raises(executor.ProgramStopped):
        executor.run(
            lambda pipes: (
                *(FFMPEG, "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360", "-c:v", "libx264"),
                *("-preset", "veryfast", "-f", "mpegts", f"pipe:{pipes['a']}"),
            ),
            sinks={"a": received},
            limits=limits(grace_s=20),
            keep_running=keep_running,
        )

    assert time.monotonic() - asked[0] < 10


def test_an_error_in_a_sink_ends_the_program_and_is_raised() -> None:
    def refuse(data: bytes) -> None:
        raise OSError("the disk is full")

    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(OSError, match="the disk is full"):
        executor.run(orders("write", "a", "x", "sleep", 60), sinks={"a": refuse}, limits=limits())

    assert set(psutil.Process().children(recursive=True)) == before


def test_what_it_leaves_behind_is_ended_with_it() -> None:
    began = time.monotonic()

    with pytest.raises(executor.ProgramHung):
        executor.run(orders("child", "write", "a", "x"), sinks={"a": Bucket()}, limits=limits(silence_s=1))

    assert time.monotonic() - began < 30
    assert not [child for child in psutil.Process().children(recursive=True) if "sleep" in child.name()]


def test_one_that_wants_too_much_memory_does_not_get_it() -> None:
    with pytest.raises(executor.ProgramFailed) as failure:
        executor.run(orders("eat", 3 * _GIB), sinks={}, limits=limits(memory_bytes=_GIB))

    assert "MemoryError" in failure.value.result.stderr_tail[-1]


def test_one_that_cannot_be_found_fails_as_one_that_runs() -> None:
    with pytest.raises(executor.ProgramFailed):
        executor.run(lambda pipes: ("/nowhere/ffmpeg",), sinks={}, limits=limits())


def test_no_pipe_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))

    for words in (("write", "a", "x"), ("exit", 3)):
        try:
            executor.run(orders(*words), sinks={"a": Bucket(), "b": Bucket()}, limits=limits())
        except executor.ProgramFailed:
            continue

    assert len(os.listdir("/proc/self/fd")) == before


def test_it_does_not_outlive_us_be_it_ever_so_deaf(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = (
        "import sys; from streaming.runtime import executor; from streaming.runtime.limits import Limits;"
        f"executor.run(lambda pipes: ('sh', '-c', 'trap \"\" TERM; echo $$ > {note}; exec sleep 60'), sinks={{}},"
        "limits=Limits(wall_s=60, silence_s=60, memory_bytes=2**31))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    while not (note.exists() and note.read_text().strip()):
        time.sleep(0.02)
    child = psutil.Process(int(note.read_text()))

    parent.kill()
    parent.wait()

    child.wait(timeout=20)


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this kernel does not share by sessions")
def test_the_session_of_a_program_gives_way_to_those_of_others() -> None:
    told = Bucket()
    niceness = min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    look = (
        "while ! grep -q 'nice {0}$' /proc/self/autogroup; do sleep 0.1; done; exec cp /proc/self/autogroup /dev/fd/{1}"
    )

    executor.run(
        lambda pipes: ("sh", "-c", look.format(niceness, pipes["out"])),
        sinks={"out": told},
        limits=limits(niceness=10, wall_s=20),
    )

    assert told.content.endswith(b"nice %d\n" % niceness)
