"""Runs FFmpeg for a live stream, on the event loop: what is sent goes in, what is encoded comes out, nobody waits."""

import asyncio
import contextlib
import fcntl
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import FileIO
from typing import Any, Final, Protocol, Self

import structlog

from portal.embedded.leash import leashed
from streaming.media.live.backlog import Backlog
from streaming.media.live.command import LiveTools, build_live_command
from streaming.media.live.plan import LivePlan
from streaming.media.progress import FailureCode, explain_failure
from streaming.runtime.executor import LastLines, Pipes, restrain
from streaming.runtime.limits import Limits

log = structlog.get_logger("nova.live")

# Of address space; three rungs of a large picture take a tenth of it. It gives way to nothing: what is late is lost.
_LIMITS: Final = Limits(wall_s=0, silence_s=0, memory_bytes=6 * 1024**3, grace_s=3.0)
# A frame is to fit, so that one track does not make the others wait while the loop is busy.
_PIPE_BYTES = 1024 * 1024
_REAP_POLL_S = 0.005
# Who comes back meanwhile waits for it.
_LONGEST_DRAIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a run of the encoder ended.

    Attributes:
        status: its exit status, or the signal that ended it, below zero.
        cause: None where it ended well.
        was_asked: `stop` was called before.
    """

    status: int
    cause: FailureCode | None
    stderr_tail: tuple[str, ...]
    was_asked: bool
    cpu_s: float
    peak_memory_bytes: int


class EncoderSink(Protocol):
    """Who takes what comes out. Called on the event loop."""

    def received(self, name: str, content: bytes) -> None:
        """Take the next bytes of a track."""

    def ended(self, exit_: Exit) -> None:
        """Learn, once, that no more comes."""


class LiveEncoder:
    """One run of FFmpeg."""

    def __init__(
        self, plan: LivePlan, sink: EncoderSink, process: "subprocess.Popen[bytes]", *, limits: Limits
    ) -> None:
        self._sink, self._process, self._limits = sink, process, limits
        self._backlog = Backlog(has_picture=plan.has_picture)
        self._errors = LastLines()
        self._stdin: asyncio.WriteTransport | None = None
        self._is_asked = False
        self._received_bytes = 0
        self._open_pipes = len(plan.tracks) + 1
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def start(cls, plan: LivePlan, sink: EncoderSink, *, tools: LiveTools, limits: Limits = _LIMITS) -> Self:
        """Start FFmpeg. Raises OSError when there is no room for another process."""
        with Pipes(names=plan.tracks) as pipes, contextlib.ExitStack() as undo:
            _widen(*pipes.for_us.values())
            command = build_live_command(plan, tools=tools, outputs=pipes.for_program)
            process = _spawn(command.argv, tuple(pipes.for_program.values()))
            encoder = cls(plan, sink, process, limits=limits)
            undo.callback(encoder._signal, signal.SIGKILL)
            restrain(process.pid, limits)
            pipes.close_for_program()
            await encoder._connect(pipes)
            undo.pop_all()
        return encoder

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def dropped_tags(self) -> int:
        """How many it was spared, as it did not keep up."""
        return self._backlog.dropped_tags

    def write(self, tag: bytes) -> None:
        """Feed it the next tag, or drop it when too much waits already. Never waits."""
        if self._stdin is None or self._stdin.is_closing():
            return
        queued, was_dropping = self._stdin.get_write_buffer_size(), self._backlog.is_dropping
        if self._backlog.takes(tag, waiting_bytes=queued):
            self._stdin.write(tag)
        elif not was_dropping:
            log.warning("live.encoder_behind", pid=self.pid, queued=queued)

    async def stop(self) -> None:
        """Let it bring out what it holds, then end it, by force if it must be. Returns when the sink knows."""
        self._is_asked = True
        if self._stdin is not None:
            self._stdin.write_eof()
        for number in (signal.SIGTERM, signal.SIGKILL):
            await self._wait_while_busy()
            if self._over.done():
                return
            self._signal(number)
        await asyncio.wait({self._over})

    async def _wait_while_busy(self) -> None:
        """Wait for its end as long as something comes out: what a slow machine is behind with is lost otherwise."""
        loop = asyncio.get_running_loop()
        latest_s, seen_bytes = loop.time() + _LONGEST_DRAIN_S, -1
        while not self._over.done() and seen_bytes != self._received_bytes and loop.time() < latest_s:
            seen_bytes = self._received_bytes
            await asyncio.wait({self._over}, timeout=self._limits.grace_s)

    async def _connect(self, pipes: Pipes) -> None:
        loop = asyncio.get_running_loop()
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._stdin, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, self._process.stdin)
        await self._listen(self._process.stderr, self._errors.feed)
        for name in tuple(pipes.for_us):
            # From here on the transport closes it.
            pipe = FileIO(pipes.for_us.pop(name), "rb")
            await self._listen(pipe, partial(self._receive, name))

    def _receive(self, name: str, content: bytes) -> None:
        self._received_bytes += len(content)
        self._sink.received(name, content)

    async def _listen(self, pipe: Any, take: Callable[[bytes], None]) -> None:
        await asyncio.get_running_loop().connect_read_pipe(lambda: _Output(take, self._pipe_ended), pipe)

    def _pipe_ended(self) -> None:
        self._open_pipes -= 1
        if not self._open_pipes:
            self._reap(patience_s=self._limits.grace_s)

    def _reap(self, *, patience_s: float) -> None:
        """Wait for the end of a program that has closed all its pipes, without waiting."""
        pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
        if not pid:
            if patience_s <= 0:
                self._signal(signal.SIGKILL)
            loop = asyncio.get_running_loop()
            loop.call_later(_REAP_POLL_S, lambda: self._reap(patience_s=patience_s - _REAP_POLL_S))
            return
        # So that Popen knows, and does not wait for it when it is thrown away.
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._end(cpu_s=usage.ru_utime + usage.ru_stime, peak_memory_bytes=usage.ru_maxrss * 1024)

    def _end(self, *, cpu_s: float, peak_memory_bytes: int) -> None:
        if self._stdin is not None and not self._stdin.is_closing():
            self._stdin.abort()
        self._errors.feed(b"")
        status, words = self._process.returncode, self._errors.lines()
        self._over.set_result(None)
        self._sink.ended(
            Exit(
                status=status,
                cause=explain_failure(status, words).code if status else None,
                stderr_tail=words,
                was_asked=self._is_asked,
                cpu_s=cpu_s,
                peak_memory_bytes=peak_memory_bytes,
            )
        )

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def _spawn(argv: tuple[str, ...], pass_fds: tuple[int, ...]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        leashed(*argv, last_signal=signal.SIGKILL),
        # As large as the kernel makes it: what lies in there is late already, and cannot be dropped any more.
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        bufsize=0,
        pass_fds=pass_fds,
        start_new_session=True,
        # Passwords and keys stand in ours.
        env={"PATH": os.environ.get("PATH", os.defpath)},
    )


def _widen(*descriptors: int) -> None:
    """Make pipes larger, where the user has not used up what the kernel allows for them."""
    for descriptor in descriptors:
        with contextlib.suppress(PermissionError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


class _Output(asyncio.Protocol):
    """Our end of a pipe that it writes to."""

    def __init__(self, take: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
        self._take, self._on_end = take, on_end

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_end()
