"""Says why an attempt at a packaging job came to nothing."""

import re

from streaming.errors import PackageStorageFull, PackageStorageRefused, PackageStorageUnreachable
from streaming.media.errors import MediaFault
from streaming.media.progress import FailureCode, explain_failure
from streaming.media.streams import UnsupportedSource
from streaming.runtime.executor import ProgramFailed, ProgramHung, ProgramTookTooLong
from streaming.runtime.segment_store import FULL
from streaming.services.jobs import Failure

# A command of thirty tracks has some thousand characters, and what follows is its last lines.
_LONGEST_LOG = 60_000
# Of "/srv/films/a.mkv" what stands before its name; "30000/1001" and "http://a/b" are no such thing.
_FOLDERS = re.compile(r"(?<![\w./-])/(?:[^\s/'\"]+/)+")


def failure_of(error: Exception) -> Failure:
    """Return the cause as the job keeps it. What nobody foresaw is "internal", and may pass."""
    match error:
        case UnsupportedSource():
            return Failure(code=f"source-{error.reason}", facts={"words": str(error)})
        case ProgramTookTooLong():
            return Failure(code="took-too-long", facts={"wall_s": round(error.result.wall_s)})
        case ProgramHung():
            return Failure(code="hung", facts={"wall_s": round(error.result.wall_s)})
        case ProgramFailed():
            cause = explain_failure(error.result.exit_code, error.result.stderr_tail)
            return Failure(code=str(cause.code), facts={"line": cause.line}, may_pass=cause.is_transient)
        case MediaFault():
            return Failure(code="media-fault", facts={"words": str(error)})
        case PackageStorageFull() | PackageStorageUnreachable():
            return Failure(code=error.code, may_pass=True)
        case PackageStorageRefused():
            # Rights do not come back by themselves: somebody has to hear of it.
            return Failure(code=error.code)
        case FileNotFoundError():
            return Failure(code="source-missing", may_pass=True)
        case OSError() if error.errno in FULL:
            return Failure(code=str(FailureCode.DISK_FULL), may_pass=True)
    return Failure(code="internal", facts={"error": type(error).__name__}, may_pass=True)


def log_of(error: Exception) -> str:
    """Return what the program said last, below its command line; "" where no program failed.

    Editors and API clients read it: where this machine keeps its films and programs is no business of theirs.
    """
    failed = error if isinstance(error, ProgramFailed) else error.__cause__
    if not isinstance(failed, ProgramFailed):
        return ""
    said = "\n".join(failed.result.stderr_tail)[-_LONGEST_LOG:]
    return _FOLDERS.sub("", f"{failed.result.command_line}\n{said}")
