"""The child that prepares the portal and ends: what it has loaded for that goes with it."""

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import PIPE
from typing import Self

from portal.embedded.failures import CannotStart
from portal.embedded.leash import leashed
from portal.embedded.processes import ending_of
from portal.welcome import WelcomeLine


class Preparation:
    """A child that loads all apps while the services start, and begins with its work when it is told to.

    It is told, and answers, by pipes: a password is among the answers. It writes its log where we do.
    """

    def __init__(self, *argv: str) -> None:
        self._argv = argv

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            # Its own session: a Ctrl-C in the terminal reaches us only.
            *leashed(*self._argv),
            stdin=PIPE,
            stdout=PIPE,
            start_new_session=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it at once, if it is not over: whatever it does can be broken off, and is done by the next start."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def finish(self) -> list[WelcomeLine]:
        """Let it do its work, and return what the newcomer must be told. Raises CannotStart with its reason."""
        answer, _ = await self._process.communicate(b"\n")
        code = await self._process.wait()
        if code == 0:
            return [WelcomeLine(**line) for line in json.loads(answer)]
        raise CannotStart(answer.decode().strip() or f"The preparation of the portal {ending_of(code)}.")
