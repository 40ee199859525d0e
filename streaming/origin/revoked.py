"""What was revoked, held in memory: a request is judged without a query."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from streaming.tokens import PlaybackClaims


class Revocation(Protocol):
    """What was issued for "movie:<id>", "channel:<id>" or "session:<uuid>" before a moment counts no more."""

    @property
    def subject(self) -> str: ...

    @property
    def issued_before(self) -> datetime: ...


class Revocations:
    """The revocations of which tokens are still about."""

    def __init__(self) -> None:
        self._issued_before: dict[str, datetime] = {}

    @property
    def count(self) -> int:
        return len(self._issued_before)

    def replace(self, rows: Iterable[Revocation]) -> None:
        """Take these in the place of all that were known."""
        found: dict[str, datetime] = {}
        for row in rows:
            known = found.get(row.subject)
            found[row.subject] = row.issued_before if known is None else max(known, row.issued_before)
        self._issued_before = found

    def is_revoked(self, claims: PlaybackClaims) -> bool:
        """Tell whether what a token says counts no more."""
        return bool(self._issued_before) and any(
            claims.issued_at < self._issued_before[subject]
            for subject in (claims.subject, f"session:{claims.session_id}")
            if subject in self._issued_before
        )
