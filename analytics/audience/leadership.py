"""Who of several processes counts: the one that holds a lock of the database."""

from contextlib import suppress

import psycopg
import structlog
from django.db import connection

# Any number, the same everywhere.
_LOCK = 4_870_112_007
_PARAMETERS = (
    *("host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "connect_timeout"),
    # A database that is gone without a word is noticed in seconds.
    *("keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
)

log = structlog.get_logger("nova.audience")


class Leadership:
    """A lock that lives as long as its connection, which therefore is none of the pool's."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection | None = None

    async def is_held(self) -> bool | None:
        """Take the lock, or see whether it is still held; None if the database does not answer.

        While it does not, nobody can have taken the lock either.
        """
        try:
            if self._connection is None:
                self._connection = await _connect()
                return await self._take()
            await self._connection.execute("SELECT 1")
        except psycopg.OperationalError as error:
            log.warning("audience.database_away", error=str(error))
            await self.let_go()
            return None
        return True

    async def let_go(self) -> None:
        """Let another process count."""
        held, self._connection = self._connection, None
        if held is not None:
            with suppress(psycopg.OperationalError):
                await held.close()

    async def _take(self) -> bool:
        assert self._connection is not None
        cursor = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        row = await cursor.fetchone()
        if row is not None and row[0]:
            return True
        await self.let_go()
        return False


async def _connect() -> psycopg.AsyncConnection:
    parameters = connection.get_connection_params()
    chosen = {name: parameters[name] for name in _PARAMETERS if name in parameters}
    return await psycopg.AsyncConnection.connect(**chosen, autocommit=True)
