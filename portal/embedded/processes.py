"""Child processes that are started group by group, watched, started again, and stopped in the reverse order."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto

from portal.embedded.console import Console, LineBuffer
from portal.embedded.failures import CannotStart
from portal.embedded.leash import leashed
from portal.embedded.owner import Owner
from portal.embedded.restarts import RestartPolicy

_READY_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSpec:
    """One child: what to run and how it is told apart, known to be ready, and stopped."""

    name: str
    argv: tuple[str, ...]
    answers: Callable[[], bool]  # blocking, short; called in a thread
    env: Mapping[str, str] = field(default_factory=dict)
    owner: Owner | None = None
    ready_timeout_s: float = 40.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0
    is_quiet: bool = False  # its lines are kept for the report of its death, not shown


class ChildState(StrEnum):
    STARTING = auto()
    RUNNING = auto()
    WAITING = auto()  # died; starts again after its delay
    STOPPED = auto()
    FAILED = auto()  # died too often


class Child:
    """One supervised child over all its lives."""

    def __init__(self, spec: ProcessSpec, console: Console, policy: RestartPolicy) -> None:
        self.spec = spec
        self.state = ChildState.STOPPED
        self.pid: int | None = None
        self._console = console
        self._policy = policy
        self._lines = LineBuffer()
        self._process: asyncio.subprocess.Process | None = None
        self._pump: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Start and wait until it answers. Raises CannotStart when it dies first or stays silent."""
        self.state = ChildState.STARTING
        process = await self._spawn()
        deadline = time.monotonic() + self.spec.ready_timeout_s
        while not await asyncio.to_thread(self.spec.answers):
            if process.returncode is not None:
                raise CannotStart(self._death_notice(process.returncode))
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"{self.spec.name} did not answer in {self.spec.ready_timeout_s:.0f} s.\n{self._tail()}"
                )
            await asyncio.sleep(_READY_POLL_S)
        self.state = ChildState.RUNNING

    async def keep_alive(self) -> None:
        """Start it again whenever it dies; return when it was stopped. Raises CannotStart when it dies too often."""
        deaths = 0
        while self._process is not None:
            born = time.monotonic()
            code = await self._process.wait()
            if self._stopping:
                return
            await self._reap_group()
            deaths = self._policy.deaths_after(deaths_in_a_row=deaths, uptime_s=time.monotonic() - born)
            delay = self._policy.next_delay(deaths_in_a_row=deaths)
            if delay is None:
                self.state = ChildState.FAILED
                raise CannotStart(f"{self._death_notice(code)}\n{self.spec.name} died {deaths} times in a row.")
            self.state = ChildState.WAITING
            self._say(f"{self._death_notice(code)}\nStarting it again in {delay:g} s.")
            await asyncio.sleep(delay)
            if not self._stopping:
                await self._spawn()
                self.state = ChildState.RUNNING

    async def stop(self) -> None:
        """Ask it to end, wait, kill what is left of its group."""
        self._stopping = True
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.send_signal(self.spec.stop_signal)
            try:
                await asyncio.wait_for(process.wait(), self.spec.stop_timeout_s)
            except TimeoutError:
                self._say(f"{self.spec.name} did not stop in {self.spec.stop_timeout_s:g} s; killed.")
        await self._reap_group()
        self.state = ChildState.STOPPED

    def kill(self) -> None:
        """End its whole group at once."""
        self._stopping = True
        self._signal_group(signal.SIGKILL)

    async def _spawn(self) -> asyncio.subprocess.Process:
        owner = self.spec.owner
        identity = f"{owner.uid}:{owner.gid}" if owner else "-"
        # A pipe of our own: with asyncio's, waiting for the child would wait for its orphans' output as well.
        output, child_end = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *leashed(*self.spec.argv, identity=identity),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=child_end,
                stderr=child_end,
                env={**os.environ, **self.spec.env},
                # Its own session: a Ctrl-C in the terminal reaches us only, and we stop the children in order.
                start_new_session=True,
            )
        finally:
            os.close(child_end)
        self.pid = self._process.pid
        self._pump = asyncio.create_task(self._relay(output))
        return self._process

    async def _relay(self, output: int) -> None:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(output, "rb", buffering=0)
        )
        try:
            while data := await reader.read(65536):
                self._show(self._lines.feed(data))
            self._show(self._lines.finish())
        finally:
            transport.close()

    def _show(self, lines: list[str]) -> None:
        if not self.spec.is_quiet:
            for line in lines:
                self._console.line(self.spec.name, line)

    async def _reap_group(self) -> None:
        """Kill what the dead child left behind, and take its last lines."""
        self._signal_group(signal.SIGKILL)
        if self._process is not None:
            await self._process.wait()
        if self._pump is not None:
            await self._pump

    def _signal_group(self, number: signal.Signals) -> None:
        if self.pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _death_notice(self, code: int) -> str:
        return f"{self.spec.name} {ending_of(code)}. Its last lines:\n{self._tail()}"

    def _tail(self) -> str:
        return "\n".join(f"    {line}" for line in self._lines.last_lines) or "    (it said nothing)"

    def _say(self, text: str) -> None:
        for line in text.splitlines():
            self._console.line("nova", line)


def ending_of(code: int) -> str:
    """Say how a process ended whose return code this is."""
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"


class Supervisor:
    """Runs children until one cannot be kept alive or somebody asks to stop."""

    def __init__(self, console: Console, policy: RestartPolicy | None = None) -> None:
        self._console = console
        self._policy = policy or RestartPolicy()
        # Those of a group were started side by side.
        self._groups: list[tuple[Child, ...]] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._stop_asked = asyncio.Event()

    @property
    def children(self) -> Sequence[Child]:
        return tuple(child for group in self._groups for child in group)

    async def start(self, *specs: ProcessSpec) -> None:
        """Start these side by side and wait until all answer. Raises CannotStart."""
        newcomers = tuple(Child(spec, self._console, self._policy) for spec in specs)
        self._groups.append(newcomers)
        starts = [asyncio.create_task(child.start()) for child in newcomers]
        try:
            await asyncio.gather(*starts)
        finally:
            for start in starts:
                start.cancel()
        self._keepers.extend(asyncio.create_task(child.keep_alive()) for child in newcomers)

    def ask_to_stop(self) -> None:
        """Make `run_until_stopped` return; asked a second time, kill everything at once."""
        if self._stop_asked.is_set():
            for child in self.children:
                child.kill()
        self._stop_asked.set()

    async def run_until_stopped(self) -> None:
        """Return when asked to stop. Raises CannotStart when a child died too often."""
        stop = asyncio.create_task(self._stop_asked.wait())
        done, _ = await asyncio.wait([stop, *self._keepers], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for task in done - {stop}:
            task.result()

    async def stop(self) -> None:
        """Stop the children: what was started last first, side by side what was started so."""
        for group in reversed(self._groups):
            for child in reversed(group):
                self._console.line("nova", f"Stopping {child.spec.name}.")
            await asyncio.gather(*(child.stop() for child in reversed(group)))
        for keeper in self._keepers:
            keeper.cancel()
