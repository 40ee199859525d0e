"""Other hands on the tests' database: a connection that holds locks, and a road there, or to Redis, that closes."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from portal.embedded.sockets import socket_dir


def database_name() -> str:
    name: str = connection.settings_dict["NAME"]
    return name


@contextmanager
def another_hand() -> Iterator["psycopg.Connection[Any]"]:
    """Open a transaction of somebody else; it is rolled back unless the test commits it."""
    url = settings.NOVA_DATABASE_URL.replace("/nova?", f"/{database_name()}?")
    with psycopg.connect(url) as other:
        yield other
        other.rollback()


class Road:
    """A TCP port that leads to a Unix socket as long as it is open: by itself, to that of the tests' PostgreSQL."""

    def __init__(self, socket: Path | None = None) -> None:
        self.is_open = True
        self._socket = socket or socket_dir(settings.NOVA_DATA_DIR) / ".s.PGSQL.5432"
        self._is_silent = False
        self.port = 0
        self._server: asyncio.Server | None = None
        self._travellers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "Road":
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self.close()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.sleep(0.05)

    def close(self) -> None:
        """Cut whoever is on the road, and let nobody on it."""
        self.is_open = False
        for traveller in self._travellers:
            traveller.transport.abort()

    def open(self) -> None:
        self.is_open, self._is_silent = True, False

    def fall_silent(self) -> None:
        """Cut nobody and turn nobody away, but let nothing through any more, as a network does that lost its way."""
        self._is_silent = True

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_open:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_unix_connection(str(self._socket))
        self._travellers |= {writer, far_writer}
        await asyncio.gather(self._copy(reader, far_writer), self._copy(far_reader, writer))
        self._travellers -= {writer, far_writer}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while received := await reader.read(65536):
                if self._is_silent:
                    continue
                writer.write(received)
                await writer.drain()
        writer.close()
