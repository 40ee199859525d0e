"""What goes wrong around a film has a cause of its own, and tells whether another attempt may fare better."""

import errno

import pytest

from streaming.errors import PackageStorageFull, PackageStorageRefused, PackageStorageUnreachable
from streaming.runtime.executor import Finished, ProgramFailed
from streaming.services.packaging_failures import failure_of, log_of


@pytest.mark.parametrize(
    ("error", "code", "may_pass"),
    [
        (PackageStorageFull(), "package-storage-full", True),
        (PackageStorageUnreachable(), "package-storage-unreachable", True),
        (PackageStorageRefused(), "package-storage-refused", False),
        (FileNotFoundError(), "source-missing", True),
        (OSError(errno.ENOSPC, "no space left"), "disk-full", True),
        (OSError(errno.EIO, "a broken disk"), "internal", True),
        (ValueError("nobody foresaw it"), "internal", True),
    ],
)
def test_each_fault_has_its_cause(error: Exception, code: str, may_pass: bool) -> None:
    failure = failure_of(error)

    assert (failure.code, failure.may_pass) == (code, may_pass)
    assert log_of(error) == ""


def failed(*said: str) -> ProgramFailed:
    argv = ("/opt/nova/bin/ffmpeg", "-i", "file:/srv/nova/sources/01a1/original.mkv", "-vf", "fps=30000/1001")
    values = {"exit_code": 1, "wall_s": 1.0, "cpu_s": 1.0, "peak_memory_bytes": 1}
    return ProgramFailed(Finished(argv=argv, stderr_tail=said, **values))  # type: ignore[arg-type]  # figures all


def test_the_log_is_the_command_and_what_was_said_without_the_folders_of_the_machine() -> None:
    error = failed(
        "[in#0] Error opening input file:/srv/nova/sources/01a1/original.mkv", "see http://ffmpeg.org/a/b I/O"
    )

    assert log_of(error).splitlines() == [
        "ffmpeg -i file:original.mkv -vf fps=30000/1001",
        "[in#0] Error opening input file:original.mkv",
        "see http://ffmpeg.org/a/b I/O",
    ]


def test_a_log_has_an_end_and_it_is_the_last_that_is_kept() -> None:
    log = log_of(failed(*("x" * 2000 for _ in range(200)), "the cause"))

    assert len(log) < 70_000
    assert log.startswith("ffmpeg -i")
    assert log.endswith("the cause")
