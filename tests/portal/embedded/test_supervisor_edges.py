"""Children that misbehave in the ways that real ones do, and moments that are easily missed."""

import asyncio
import contextlib
import io
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from portal.embedded.console import Console
from portal.embedded.failures import CannotStart
from portal.embedded.processes import ChildState, Supervisor
from portal.embedded.restarts import RestartPolicy
from tests.portal.embedded.test_processes import program, until

pytestmark = pytest.mark.asyncio

NEVER_AGAIN = RestartPolicy(delays_s=(60.0,))
FOREVER = "time.sleep(60)"


@contextlib.asynccontextmanager
async def supervising(out: io.StringIO, policy: RestartPolicy | None = None) -> AsyncIterator[Supervisor]:
    runner = Supervisor(Console(("nova", "web", "worker"), out), policy or RestartPolicy(delays_s=(0.05, 0.1, 0.2)))
    try:
        yield runner
    finally:
        await runner.stop()


def is_gone(pid: int | None) -> bool:
    assert pid is not None
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_child_that_closes_its_output_goes_on_and_is_stopped_like_any_other(tmp_path: Path) -> None:
    out, closed = io.StringIO(), tmp_path / "closed"
    code = f"print('so long', flush=True); os.close(1); os.close(2); pathlib.Path({str(closed)!r}).touch(); {FOREVER}"
    async with supervising(out) as runner:
        await runner.start(program("web", code, tmp_path, answers=closed.exists))
        [child] = runner.children
        await until(lambda: "so long" in out.getvalue())
        await asyncio.sleep(0.1)
        assert child.state is ChildState.RUNNING
    assert is_gone(child.pid)


async def test_a_child_that_floods_its_output_loses_nothing_and_starves_nobody(tmp_path: Path) -> None:
    out = io.StringIO()
    flood = "for number in range(30000): print('line', number)\nprint('done', flush=True); time.sleep(60)"
    async with supervising(out) as runner:
        await runner.start(program("web", flood, tmp_path), program("worker", FOREVER, tmp_path))
        await until(lambda: "│ done\n" in out.getvalue(), timeout_s=20)
    lines = [line for line in out.getvalue().splitlines() if "│ line " in line]
    assert len(lines) == 30000
    assert lines[-1] == "web    │ line 29999"


async def test_a_child_that_prints_binary_is_shown_as_text(tmp_path: Path) -> None:
    out = io.StringIO()
    code = f"os.write(1, bytes(range(256)) + b'\\n' + b'\\xff' * 9000 + b'\\nthe end\\n'); {FOREVER}"
    async with supervising(out) as runner:
        await runner.start(program("web", code, tmp_path))
        await until(lambda: "the end" in out.getvalue())
    shown = out.getvalue()
    assert "\x00" not in shown
    assert "\x07" not in shown
    assert "\ufffd" * 100 in shown


async def test_words_without_an_end_of_line_are_among_the_last_ones(tmp_path: Path) -> None:
    out = io.StringIO()
    code = "time.sleep(0.2); sys.stdout.write('no time for a newline'); sys.stdout.flush(); os._exit(4)"
    async with supervising(out, NEVER_AGAIN) as runner:
        await runner.start(program("web", code, tmp_path))
        await until(lambda: "ended with status 4" in out.getvalue())
    assert "    no time for a newline" in out.getvalue()


async def test_a_quiet_child_is_heard_only_when_it_dies(tmp_path: Path) -> None:
    out = io.StringIO()
    code = "print('out of memory', flush=True); time.sleep(0.3); sys.exit(1)"
    async with supervising(out, NEVER_AGAIN) as runner:
        await runner.start(program("web", code, tmp_path, is_quiet=True))
        await until(lambda: "ended with status 1" in out.getvalue())
    assert "web    │ out of memory" not in out.getvalue()
    assert "nova   │     out of memory" in out.getvalue()


async def test_a_child_that_said_nothing_is_reported_as_such(tmp_path: Path) -> None:
    async with supervising(io.StringIO()) as runner:
        with pytest.raises(CannotStart, match=r"\(it said nothing\)"):
            await runner.start(program("web", "sys.exit(1)", tmp_path, answers=lambda: False))


async def test_a_child_that_is_waiting_to_start_again_does_not_come_back_after_a_stop(tmp_path: Path) -> None:
    out = io.StringIO()
    async with supervising(out, RestartPolicy(delays_s=(0.4,))) as runner:
        await runner.start(program("web", FOREVER, tmp_path))
        [child] = runner.children
        os.kill(child.pid or 0, signal.SIGKILL)
        await until(lambda: child.state is ChildState.WAITING)
        first, started = child.pid, time.monotonic()
        await runner.stop()
        assert time.monotonic() - started < 0.3
        await asyncio.sleep(0.5)
        assert (child.pid, child.state) == (first, ChildState.STOPPED)


async def test_each_death_in_a_row_waits_as_long_as_the_policy_says(tmp_path: Path) -> None:
    out, births = io.StringIO(), tmp_path / "births"
    code = f"open({str(births)!r}, 'a').write(f'{{time.time()}} '); time.sleep(0.15); sys.exit(1)"
    async with supervising(out, RestartPolicy(delays_s=(0.1, 0.4, 0.8))) as runner:
        await runner.start(program("web", code, tmp_path, answers=births.exists))
        with pytest.raises(CannotStart, match="web died 4 times in a row"):
            await asyncio.wait_for(runner.run_until_stopped(), 20)
    born = [float(moment) for moment in births.read_text().split()]
    waits = [later - earlier - 0.15 for earlier, later in itertools.pairwise(born)]
    assert len(born) == 4
    assert all(waited >= delay for waited, delay in zip(waits, (0.1, 0.4, 0.8), strict=True))
    said = [out.getvalue().index(f"again in {delay} s") for delay in ("0.1", "0.4", "0.8")]
    assert said == sorted(said)


async def test_of_two_that_start_together_the_failure_of_one_takes_the_other_along(tmp_path: Path) -> None:
    out = io.StringIO()
    async with supervising(out) as runner:
        with pytest.raises(CannotStart, match="worker ended with status 9"):
            await runner.start(
                program("web", FOREVER, tmp_path),
                program("worker", "time.sleep(0.3); sys.exit(9)", tmp_path, answers=lambda: False),
            )
        web, _worker = runner.children
        assert web.pid is not None
    assert is_gone(web.pid)


async def test_a_child_that_still_starts_is_stopped_with_the_others(tmp_path: Path) -> None:
    async with supervising(io.StringIO()) as runner:
        slow = program("web", FOREVER, tmp_path, answers=lambda: False)
        starting = asyncio.create_task(runner.start(slow))
        await until(lambda: runner.children and runner.children[0].pid)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
    assert is_gone(runner.children[0].pid)


async def test_stopping_before_anything_was_started_does_nothing() -> None:
    runner = Supervisor(Console(()))
    runner.ask_to_stop()
    await asyncio.wait_for(runner.run_until_stopped(), 1)
    await runner.stop()
    assert runner.children == ()
