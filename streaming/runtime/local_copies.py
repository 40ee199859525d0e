"""Copies of stored films on this machine, for programs that jump about in them.

A copy goes when it is needed no more. That of a process that was killed goes when the next one is made: its lock went
with the process, and by that it is known.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

# What is left free for others: the database may be on the same disk, and does not survive a full one.
_RESERVE_BYTES = 256 * 1024 * 1024
_LOCK = "lock"


def has_room(folder: Path, size_bytes: int) -> bool:
    """Tell whether so much fits on the disk of a folder, with something left for others."""
    return shutil.disk_usage(folder).free > size_bytes + _RESERVE_BYTES


@contextmanager
def local_copy(folder: Path, *, suffix: str, size_bytes: int) -> Iterator[tuple[Path, BinaryIO]]:
    """Give the path of a file that will be a copy, and the file, open and with room for so many bytes.

    Raises OSError if there is no such room.
    """
    path = folder / f"{secrets.token_hex(8)}{suffix}"
    with ExitStack() as stack:
        with _alone_in(folder):
            _drop_forsaken(folder)
            if not has_room(folder, size_bytes):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
            file = stack.enter_context(open(path, "xb", opener=_private))
            stack.callback(path.unlink, missing_ok=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        if size_bytes:
            # Taken now: another copy that is made meanwhile must not count on the same room.
            os.posix_fallocate(file.fileno(), 0, size_bytes)
        yield path, file


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / _LOCK, "wb", opener=_private) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _drop_forsaken(folder: Path) -> None:
    for path in folder.iterdir():
        # One that has just been deleted by its owner, or one whose owner lives.
        with suppress(FileNotFoundError, BlockingIOError):
            if path.name != _LOCK:
                _drop_unless_locked(path)


def _drop_unless_locked(path: Path) -> None:
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
