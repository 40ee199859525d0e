"""Says why an attempt at a packaging job came to nothing."""

from streaming.errors import PackageStorageFull, PackageStorageRefused, PackageStorageUnreachable
from streaming.media.errors import MediaFault
from streaming.media.progress import FailureCode, explain_failure
from streaming.media.streams import UnsupportedSource
from streaming.runtime.executor import ProgramFailed, ProgramHung, ProgramTookTooLong
from streaming.runtime.segment_store import FULL
from streaming.services.jobs import Failure


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
    """Return what the program said last, below its command line; "" where no program failed."""
    failed = error if isinstance(error, ProgramFailed) else error.__cause__
    if not isinstance(failed, ProgramFailed):
        return ""
    return "\n".join((failed.result.command_line, *failed.result.stderr_tail))
