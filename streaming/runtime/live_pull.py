"""Runs the FFmpeg that fetches a stream from an ingest server."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from portal.embedded.leash import leashed
from streaming.runtime.executor import restrain
from streaming.runtime.limits import Limits

# It copies: a tenth of that is what it takes.
_LIMITS: Final = Limits(wall_s=0, silence_s=0, memory_bytes=2 * 1024**3)
_READ_BYTES = 256 * 1024


async def read_pull(argv: Sequence[str]) -> AsyncGenerator[bytes, None]:
    """Yield what it fetches, as it comes, until it ends or is closed; then it is gone. Raises OSError.

    What it would say names the address, which may hold a password or a key: it says nothing.
    """
    process = await asyncio.create_subprocess_exec(
        *leashed(*argv, last_signal=signal.SIGKILL),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        start_new_session=True,
        # Passwords and keys stand in ours.
        env={"PATH": os.environ.get("PATH", os.defpath)},
    )
    try:
        restrain(process.pid, _LIMITS)
        assert process.stdout is not None
        while content := await process.stdout.read(_READ_BYTES):
            yield content
    finally:
        await _end(process)


async def _end(process: Process) -> None:
    """End it at once: what it holds is nothing that anybody waits for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
