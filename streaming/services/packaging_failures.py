"""Says why an attempt at a packaging job came to nothing."""

from streaming.errors import PackageStorageFull
from streaming.media.errors import MediaFault
from streaming.media.progress import explain_failure
from streaming.media.streams import UnsupportedSource
from streaming.runtime.executor import ProgramFailed, ProgramHung, ProgramTookTooLong
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
        case PackageStorageFull():
            return Failure(code=PackageStorageFull.code, may_pass=True)
        case FileNotFoundError():
            return Failure(code="source-missing", may_pass=True)
    return Failure(code="internal", facts={"error": type(error).__name__}, may_pass=True)


def log_of(error: Exception) -> str:
    """Return what the program said last, below its command line; "" where no program failed."""
    if not isinstance(error, ProgramFailed):
        return ""
    return "\n".join((error.result.command_line, *error.result.stderr_tail))
