"""The program that fetches a stream: what it writes comes at once, and it does not outlive whoever reads it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from streaming.runtime.live_pull import read_pull

pytestmark = [pytest.mark.asyncio]

PATIENCE_S = 20.0
# Says who it is, then waits for ever.
WAITING = "import os, sys, time; os.write(1, str(os.getpid()).encode()); time.sleep(60)"


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_what_it_writes_comes_and_ends_with_it() -> None:
    pieces = [piece async for piece in read_pull((sys.executable, "-c", "print('a stream', end='')"))]
    assert b"".join(pieces) == b"a stream"


async def test_it_ends_with_its_reader() -> None:
    pieces = read_pull((sys.executable, "-c", WAITING))
    pid = int(await anext(pieces))
    assert is_running(pid)
    await pieces.aclose()
    assert not is_running(pid)


async def test_it_ends_when_its_reader_is_told_to() -> None:
    pids: list[int] = []

    async def read() -> None:
        async for piece in read_pull((sys.executable, "-c", WAITING)):
            pids.append(int(piece))

    reading = asyncio.create_task(read())
    async with asyncio.timeout(PATIENCE_S):
        while not pids:
            await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.wait({reading})
    assert reading.cancelled()
    assert not is_running(pids[0])


async def test_it_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOVA_SECRET_KEY", "secret")
    program = "import json, os; print(json.dumps(sorted(os.environ)))"
    said = b"".join([piece async for piece in read_pull((sys.executable, "-S", "-c", program))])
    assert b"NOVA" not in said
    assert b"PATH" in said
    assert "NOVA_SECRET_KEY" in os.environ
