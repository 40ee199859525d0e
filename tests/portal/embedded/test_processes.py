"""The supervisor with real children: small Python programs that behave as they are told."""

import asyncio
import io
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from portal.embedded.console import Console
from portal.embedded.failures import CannotStart
from portal.embedded.processes import ChildState, ProcessSpec, Supervisor
from portal.embedded.restarts import RestartPolicy

pytestmark = pytest.mark.asyncio

QUICK = RestartPolicy(delays_s=(0.05, 0.05, 0.05), healthy_after_s=60)


def program(name: str, code: str, folder: Path, **changes: object) -> ProcessSpec:
    """Return a child that runs `code` and counts as ready once the file with its name is there."""
    flag = folder / name
    body = f"import os, pathlib, signal, sys, time\npathlib.Path({str(flag)!r}).write_text(str(os.getpid()))\n{code}"
    fields: dict[str, object] = {"name": name, "argv": (sys.executable, "-S", "-c", body), "answers": flag.exists}
    return ProcessSpec(**(fields | changes))  # type: ignore[arg-type]  # the fields are given by name


def supervisor(stream: io.StringIO | None = None, policy: RestartPolicy = QUICK) -> Supervisor:
    return Supervisor(Console(("nova",), stream or io.StringIO()), policy)


async def until(condition: object, timeout_s: float = 5) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.02)


async def test_a_child_runs_and_stops(tmp_path: Path) -> None:
    runner = supervisor()
    await runner.start(program("web", "time.sleep(60)", tmp_path))
    [child] = runner.children
    assert child.state is ChildState.RUNNING
    await runner.stop()
    assert child.pid is not None
    assert not psutil.pid_exists(child.pid)


async def test_a_killed_child_comes_back_and_its_neighbour_is_left_alone(tmp_path: Path) -> None:
    out = io.StringIO()
    runner = supervisor(out)
    await runner.start(
        program("web", "print('last words', flush=True); time.sleep(60)", tmp_path),
        program("worker", "time.sleep(60)", tmp_path),
    )
    web, worker = runner.children
    first, neighbour = web.pid, worker.pid
    await until(lambda: "last words" in out.getvalue())
    os.kill(first or 0, signal.SIGKILL)
    await until(lambda: web.pid != first and web.state is ChildState.RUNNING)
    assert worker.pid == neighbour
    assert "web was killed by SIGKILL" in out.getvalue()
    assert "    last words" in out.getvalue()
    await runner.stop()


async def test_a_child_that_keeps_dying_is_given_up_with_its_last_lines(tmp_path: Path) -> None:
    out = io.StringIO()
    runner = supervisor(out)
    code = "time.sleep(0.2); print('no disk', flush=True); sys.exit(3)"
    await runner.start(program("worker", code, tmp_path))
    with pytest.raises(CannotStart, match=r"(?s)worker ended with status 3.*no disk.*died 4 times in a row"):
        await asyncio.wait_for(runner.run_until_stopped(), 20)
    await runner.stop()


async def test_a_child_that_dies_before_it_answers_stops_the_start(tmp_path: Path) -> None:
    runner = supervisor()
    spec = program("web", "print('bad setting', flush=True); sys.exit(1)", tmp_path, answers=lambda: False)
    with pytest.raises(CannotStart, match=r"(?s)web ended with status 1.*bad setting"):
        await runner.start(spec)
    await runner.stop()


async def test_a_child_that_never_answers_is_reported(tmp_path: Path) -> None:
    runner = supervisor()
    spec = program("web", "time.sleep(60)", tmp_path, answers=lambda: False, ready_timeout_s=0.3)
    with pytest.raises(CannotStart, match="web did not answer in 0 s"):
        await runner.start(spec)
    await runner.stop()


async def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    runner, flag = supervisor(), tmp_path / "deaf"
    code = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path({str(flag)!r}).touch(); time.sleep(60)"
    await runner.start(program("worker", code, tmp_path, answers=flag.exists, stop_timeout_s=0.3))
    [child] = runner.children
    await runner.stop()
    assert child.pid is not None
    assert not psutil.pid_exists(child.pid)


async def test_grandchildren_do_not_survive_their_dead_parent(tmp_path: Path) -> None:
    runner, grandchild = supervisor(), tmp_path / "grandchild"
    code = (
        # It keeps the output open: what the supervisor waits for must be the child, not the end of its output.
        "import subprocess\n"
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(grandchild)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    await runner.start(
        program("worker", code, tmp_path, answers=lambda: grandchild.exists() and grandchild.stat().st_size > 0)
    )
    [child], orphan = runner.children, int(grandchild.read_text())
    os.kill(child.pid or 0, signal.SIGKILL)
    await until(lambda: not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE)
    await runner.stop()


async def test_children_stop_in_the_reverse_order_of_their_start(tmp_path: Path) -> None:
    runner, order = supervisor(), tmp_path / "order"
    code = (
        f"def bye(*_): open({str(order)!r}, 'a').write(sys.argv[0] + '{{name}} '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, bye)\n"
        "pathlib.Path({ready!r}).touch()\n"
        "time.sleep(60)"
    )
    for name in ("first", "second", "third"):
        ready = tmp_path / f"{name}-ready"
        text = code.replace("{{name}}", name).replace("{name}", name).replace("{ready!r}", repr(str(ready)))
        await runner.start(program(name, text, tmp_path, answers=ready.exists))
    await runner.stop()
    assert order.read_text().replace("-c", "").split() == ["third", "second", "first"]


async def test_children_that_were_started_together_stop_together(tmp_path: Path) -> None:
    """Each ends only when both were asked: one after the other, they would have to be killed."""
    out, asked = io.StringIO(), tmp_path / "asked"
    asked.mkdir()
    runner, ready = supervisor(out), [tmp_path / "web-listens", tmp_path / "worker-listens"]
    await runner.start(
        *(
            program(
                flag.name.removesuffix("-listens"),
                f"asked = pathlib.Path({str(asked)!r})\n"
                "def bye(*_):\n"
                "    (asked / str(os.getpid())).touch()\n"
                "    while len(list(asked.iterdir())) < 2: time.sleep(0.01)\n"
                "    sys.exit()\n"
                "signal.signal(signal.SIGTERM, bye)\n"
                f"pathlib.Path({str(flag)!r}).touch()\n"
                "time.sleep(60)",
                tmp_path,
                answers=flag.exists,
            )
            for flag in ready
        )
    )
    await runner.stop()
    assert "did not stop" not in out.getvalue()


async def test_a_second_wish_to_stop_kills_at_once(tmp_path: Path) -> None:
    runner, flag = supervisor(), tmp_path / "deaf"
    code = f"signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path({str(flag)!r}).touch(); time.sleep(60)"
    await runner.start(program("worker", code, tmp_path, answers=flag.exists, stop_timeout_s=30))
    runner.ask_to_stop()
    await runner.run_until_stopped()
    stopping = asyncio.create_task(runner.stop())
    await asyncio.sleep(0.1)
    runner.ask_to_stop()
    await asyncio.wait_for(stopping, 3)
