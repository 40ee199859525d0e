"""Copies of films on this machine: there is room for them, and none outlives whoever made it."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from streaming.runtime.local_copies import local_copy

_KILLED_WITH_A_COPY = """
import os, signal, sys
from pathlib import Path
from streaming.runtime.local_copies import local_copy
with local_copy(Path(sys.argv[1]), suffix=".mkv", size_bytes=1000):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def films_in(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.mkv"))


def make_copy_and_be_killed(folder: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", _KILLED_WITH_A_COPY, str(folder)], cwd=root, timeout=60, check=False)
    assert done.returncode == -9


def test_a_copy_is_there_for_as_long_as_it_is_needed_and_for_nobody_else(tmp_path: Path) -> None:
    with local_copy(tmp_path / "copies", suffix=".mkv", size_bytes=1000) as (path, file):
        file.write(b"film")
        file.flush()
        assert (path.suffix, path.stat().st_size, path.read_bytes()[:5]) == (".mkv", 1000, b"film\0")
        assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)

    assert films_in(tmp_path / "copies") == []


def test_a_copy_goes_when_what_was_done_with_it_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), local_copy(tmp_path, suffix=".mkv", size_bytes=1000):
        raise ZeroDivisionError

    assert films_in(tmp_path) == []


def test_an_empty_film_is_copied_too(tmp_path: Path) -> None:
    with local_copy(tmp_path, suffix=".mkv", size_bytes=0) as (path, _):
        assert path.read_bytes() == b""


def test_what_a_killed_worker_left_goes_before_the_next_copy_is_made(tmp_path: Path) -> None:
    make_copy_and_be_killed(tmp_path)
    (left,) = films_in(tmp_path)

    with local_copy(tmp_path, suffix=".mkv", size_bytes=1000) as (path, _):
        assert films_in(tmp_path) == [path] != [left]


def test_a_copy_that_another_worker_needs_stays(tmp_path: Path) -> None:
    with (
        local_copy(tmp_path, suffix=".mkv", size_bytes=1000) as (first, _),
        local_copy(tmp_path, suffix=".mkv", size_bytes=1000) as (second, _),
    ):
        assert films_in(tmp_path) == sorted([first, second])


def test_a_film_for_which_there_is_no_room_is_not_begun(tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match=os.strerror(errno.ENOSPC)),
        local_copy(tmp_path, suffix=".mkv", size_bytes=10**17),
    ):
        pytest.fail("there is no such disk")

    assert films_in(tmp_path) == []


def test_room_is_taken_before_the_film_is_there(tmp_path: Path) -> None:
    """Two workers that fetch at the same time must not count on the same room."""
    with local_copy(tmp_path, suffix=".mkv", size_bytes=5_000_000) as (path, _):
        assert path.stat().st_blocks * 512 >= 5_000_000
