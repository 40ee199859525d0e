"""How rows get into the database many at once: by COPY into a table of the connection's own, and from there."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

# What a column of four bytes holds. A player may tell more, and must not stop the rows of all others.
_LARGEST_INTEGER = 2**31 - 1


def copy_rows(cursor: CursorWrapper, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Bring rows into a temporary table that is like another, empty before; return its name."""
    name = f"incoming_{table}"
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {name} (LIKE {table} INCLUDING DEFAULTS)")
    cursor.execute(f"TRUNCATE {name}")
    with cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return name


def fitting(number: int | None) -> int | None:
    """Return a number as a column of four bytes can hold it."""
    return None if number is None else max(-_LARGEST_INTEGER, min(number, _LARGEST_INTEGER))
