"""The pool of database connections, in an outage and after it.

By itself psycopg's pool waits twice as long after each attempt to connect that failed, for five minutes on end: when a
database is back after a minute, everybody would be refused for up to another one. This one gives up early, and begins
anew for whoever still waits or comes.
"""

from contextlib import suppress
from typing import Any

from psycopg_pool import ConnectionPool, PoolTimeout

# Less than anybody waits for us: an encoder that was refused meanwhile must not be admitted behind its own back.
_WAIT_S = 5
_GIVE_UP_S = 2
# Long enough to be counted in among those that wait, which makes the pool connect.
_MOMENT_S = 0.01


def pool_options(*, most: int) -> dict[str, Any]:
    """Return the arguments of the pool of a process that uses `most` connections at once."""
    return {
        "min_size": 0,
        "max_size": most,
        "timeout": _WAIT_S,
        "reconnect_timeout": _GIVE_UP_S,
        "reconnect_failed": connect_for_those_waiting,
    }


def connect_for_those_waiting(pool: "ConnectionPool[Any]") -> None:
    """Ask for a connection, as the pool makes none for those who asked before it gave up."""
    if pool.get_stats().get("requests_waiting"):
        with suppress(PoolTimeout), pool.connection(timeout=_MOMENT_S):
            pass
