"""The preparation with real children: small Python programs that behave as they are told."""

import asyncio
import os
import sys
from pathlib import Path

import psutil
import pytest

from portal.embedded.failures import CannotStart
from portal.embedded.preparation import Preparation
from portal.welcome import WelcomeLine
from tests.portal.embedded.test_processes import until

pytestmark = pytest.mark.asyncio

PRELUDE = "import os, pathlib, subprocess, sys, time\n"
WHEN_TOLD = "assert sys.stdin.readline() == '\\n'\n"


def program(code: str) -> Preparation:
    return Preparation(sys.executable, "-S", "-c", PRELUDE + code)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_it_brings_back_what_the_newcomer_must_be_told() -> None:
    async with program(WHEN_TOLD + """print('[{"label": "Sign-in", "value": "admin / \\\\u0e01"}]')""") as preparation:
        assert await preparation.finish() == [WelcomeLine(label="Sign-in", value="admin / \u0e01")]


async def test_it_waits_until_it_is_told(tmp_path: Path) -> None:
    loaded, begun = tmp_path / "loaded", tmp_path / "begun"
    touch = "pathlib.Path({!r}).touch()\n"
    code = touch.format(str(loaded)) + WHEN_TOLD + touch.format(str(begun)) + "print('[]')"
    async with program(code) as preparation:
        await until(loaded.exists)
        await asyncio.sleep(0.1)
        assert not begun.exists()
        assert await preparation.finish() == []
        assert begun.exists()


async def test_its_reason_is_why_nova_cannot_start() -> None:
    async with program(WHEN_TOLD + "print('There is no disk.'); sys.exit(1)") as preparation:
        with pytest.raises(CannotStart, match=r"^There is no disk\.$"):
            await preparation.finish()


@pytest.mark.parametrize(
    ("code", "ending"), [("os.kill(os.getpid(), 9)", "was killed by SIGKILL"), ("sys.exit(3)", "ended with status 3")]
)
async def test_one_that_gives_no_reason_is_said_to_have_ended(code: str, ending: str) -> None:
    async with program(WHEN_TOLD + code) as preparation:
        with pytest.raises(CannotStart, match=f"The preparation of the portal {ending}"):
            await preparation.finish()


async def test_one_that_is_gone_before_it_is_told_is_noticed() -> None:
    async with program("sys.exit(3)") as preparation:
        await preparation._process.wait()
        with pytest.raises(CannotStart, match="ended with status 3"):
            await preparation.finish()


async def test_it_is_broken_off_with_what_it_has_started(tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    code = (
        "child = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(noted)!r}).write_text(f'{{os.getpid()}} {{child.pid}}\\n')\n"
        "time.sleep(60)"
    )

    async def prepare() -> None:
        async with program(code) as preparation:
            await preparation.finish()

    preparing = asyncio.create_task(prepare())
    await until(lambda: noted.exists() and noted.read_text().endswith("\n"))
    preparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preparing
    pids = [int(pid) for pid in noted.read_text().split()]
    assert os.getpid() not in pids
    await until(lambda: all(is_gone(pid) for pid in pids))
