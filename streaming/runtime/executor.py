"""Runs external programs, FFmpeg and ffprobe: the only place that does.

A program gets an argv and never a shell, no stdin, a session of its own, and a leash: it does not outlive us. What it
writes to its pipes goes to sinks in the order in which it comes; a sink that is slow makes the program wait.
"""

import contextlib
import os
import resource
import selectors
import shlex
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from portal.embedded.leash import leashed
from streaming.runtime.limits import Limits

_READ_BYTES = 256 * 1024
_TICK_S = 0.5
_REAP_POLL_S = 0.005
_KEPT_LINES = 200
_LONGEST_LINE = 2000

# Takes the bytes of one pipe, in order; b"" once, at the end, if the program has ended well.
Sink = Callable[[bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended. `stderr_tail` are its last lines, oldest first; times are in seconds."""

    argv: tuple[str, ...]
    exit_code: int
    stderr_tail: tuple[str, ...]
    wall_s: float
    cpu_s: float
    peak_memory_bytes: int

    @property
    def command_line(self) -> str:
        """The command as a person would type it."""
        return shlex.join(self.argv)


class ProgramFailed(Exception):
    """A program ended with another status than 0, or was ended by us. `result` says how."""

    def __init__(self, result: Finished) -> None:
        last = result.stderr_tail[-1] if result.stderr_tail else "it said nothing"
        super().__init__(f"{Path(result.argv[0]).name} ended with {result.exit_code}: {last}")
        self.result = result


class ProgramTookTooLong(ProgramFailed):
    """It reached its wall time."""


class ProgramHung(ProgramFailed):
    """It wrote nothing for too long."""


class ProgramStopped(ProgramFailed):
    """Its `keep_running` said no."""


@dataclass(slots=True, kw_only=True)
class Pipes:
    """Pipes from a program to us, by name. `for_program` are the descriptors that it inherits, under their numbers."""

    names: Sequence[str]
    for_program: dict[str, int] = field(default_factory=dict)
    for_us: dict[str, int] = field(default_factory=dict)

    def __enter__(self) -> Self:
        for name in self.names:
            self.for_us[name], self.for_program[name] = os.pipe()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_for_program()
        self.close_for_us()

    def close_for_us(self) -> None:
        for descriptor in self.for_us.values():
            os.close(descriptor)
        self.for_us.clear()

    def close_for_program(self) -> None:
        """Give up our copies, so that each pipe ends when the program closes its own."""
        for descriptor in self.for_program.values():
            os.close(descriptor)
        self.for_program.clear()


def run(
    build_argv: Callable[[Mapping[str, int]], Sequence[str]],
    *,
    sinks: Mapping[str, Sink],
    limits: Limits,
    keep_running: Callable[[], bool] = lambda: True,
) -> Finished:
    """Run a program to its end, and feed each sink what comes from the pipe of its name.

    `build_argv` is told the number of each pipe. `keep_running` is asked about twice a second. An error in a sink ends
    the program and is raised. Raises ProgramFailed or one of its kind.
    """
    with Pipes(names=tuple(sinks)) as pipes:
        argv = tuple(build_argv(pipes.for_program))
        with _Program(argv, pass_fds=tuple(pipes.for_program.values()), limits=limits) as program:
            pipes.close_for_program()
            waiting = {descriptor: sinks[name] for name, descriptor in pipes.for_us.items()}
            try:
                reason = program.relay(waiting, keep_running)
            finally:
                # One that is ended early must not wait for room in a pipe that nobody empties any more.
                pipes.close_for_us()
            result = program.end(is_awaited=reason is None)
    if reason is not None:
        raise reason(result)
    if result.exit_code != 0:
        raise ProgramFailed(result)
    # Not before: what was cut off has an end that no sink could make sense of, and its complaint would hide the cause.
    for sink in sinks.values():
        sink(b"")
    return result


class _Program:
    """A running program and the bytes that come from it."""

    def __init__(self, argv: tuple[str, ...], *, pass_fds: tuple[int, ...], limits: Limits) -> None:
        self._argv, self._limits = argv, limits
        self._started = time.monotonic()
        self._errors = LastLines()
        self._process = subprocess.Popen(
            # It writes into our pipes only, so nothing is lost by the end that nothing can refuse.
            leashed(*argv, last_signal=signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=pass_fds,
            start_new_session=True,
        )
        self._usage: resource.struct_rusage | None = None
        restrain(self._process.pid, limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        if self._process.stderr is not None:
            self._process.stderr.close()

    def relay(self, sinks: Mapping[int, Sink], keep_running: Callable[[], bool]) -> type[ProgramFailed] | None:
        """Hand on what comes until every pipe has ended; return why it had to be ended early, None if it had not."""
        assert self._process.stderr is not None
        takers = {**sinks, self._process.stderr.fileno(): self._errors.feed}
        heard_at = next_question = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for descriptor in takers:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select(_TICK_S):
                    if data := os.read(key.fd, _READ_BYTES):
                        takers[key.fd](data)
                    else:
                        selector.unregister(key.fd)
                    # After the sink: the time that it took is no silence of the program's.
                    heard_at = time.monotonic()
                now = time.monotonic()
                if now >= next_question:
                    next_question = now + _TICK_S
                    if reason := self._reason_to_end(now, heard_at, keep_running):
                        return reason
        return None

    def end(self, *, is_awaited: bool) -> Finished:
        """Wait for a program whose pipes have ended, stop one that goes on all the same; say how it ended."""
        if is_awaited:
            self._wait(self._limits.grace_s)
        usage = self._stop()
        self._errors.feed(b"")
        return Finished(
            argv=self._argv,
            exit_code=self._process.returncode,
            stderr_tail=self._errors.lines(),
            wall_s=time.monotonic() - self._started,
            cpu_s=usage.ru_utime + usage.ru_stime,
            # Linux counts in KiB.
            peak_memory_bytes=usage.ru_maxrss * 1024,
        )

    def _reason_to_end(
        self, now: float, heard_at: float, keep_running: Callable[[], bool]
    ) -> type[ProgramFailed] | None:
        if now - self._started > self._limits.wall_s:
            return ProgramTookTooLong
        if now - heard_at > self._limits.silence_s:
            return ProgramHung
        return None if keep_running() else ProgramStopped

    def _stop(self) -> "resource.struct_rusage":
        """Ask it to end, wait, kill what is left of its group; harmless once it has ended."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._usage is None:
                self._signal_group(number)
                self._wait(self._limits.grace_s)
        self._signal_group(signal.SIGKILL)
        if self._usage is None:  # A process that the kernel holds: there is nothing to be done but to wait.
            self._wait(None)
        assert self._usage is not None
        return self._usage

    def _wait(self, seconds: float | None) -> None:
        """Reap it if it ends in that time."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._usage is None:
            pid, status, usage = os.wait4(self._process.pid, 0 if deadline is None else os.WNOHANG)
            if pid:
                self._usage, self._process.returncode = usage, os.waitstatus_to_exitcode(status)
            elif deadline is not None and time.monotonic() > deadline:
                return
            else:
                time.sleep(_REAP_POLL_S)

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def restrain(pid: int, limits: Limits) -> None:
    """Hold a program to its limits; harmless when it has ended already."""
    with contextlib.suppress(ProcessLookupError):  # It has ended already, and that is told soon.
        resource.prlimit(pid, resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
        niceness = min(19, os.getpriority(os.PRIO_PROCESS, pid) + limits.niceness)
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
        give_way(pid, niceness)


def give_way(pid: int, niceness: int) -> None:
    """Have the program's session give way to others, where the kernel shares the machine among sessions.

    Among those it knows only their own niceness, and that of a process counts within its session: sched(7), autogroup.
    """
    # No such file where it does not; and without rights the kernel takes one such wish in a tenth of a second.
    with contextlib.suppress(FileNotFoundError, BlockingIOError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness))


class LastLines:
    """The last lines of what a program says, however much it says; a sink."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._rest = b""

    def feed(self, data: bytes) -> None:
        # FFmpeg ends a line that it is going to overwrite with a carriage return.
        *lines, self._rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = self._rest[-_LONGEST_LINE:]
        if not data:
            lines.append(self._rest)
        self._lines.extend(text for line in lines if (text := line[:_LONGEST_LINE].decode(errors="replace").rstrip()))

    def lines(self) -> tuple[str, ...]:
        return tuple(self._lines)
