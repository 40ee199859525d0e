"""What players are given with a session by an app that this one does not know: it registers here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from streaming.visitors import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSession:
    """A session that begins. `subject` is "movie:<id>" or "stream:<uuid>".

    `length_ms` is that of the film; None of what is live, or not known yet.
    """

    session_id: UUID
    subject: str
    length_ms: int | None
    visitor: Visitor
    at: datetime
    expires_at: datetime


BeaconMaker = Callable[[OpenedSession], Mapping[str, Any]]

_makers: list[BeaconMaker] = []


def register_beacon(maker: BeaconMaker) -> None:
    """Have players given by this what it takes to tell how they fare."""
    _makers[:] = [maker]


def beacon_of(opened: OpenedSession) -> Mapping[str, Any] | None:
    """Return the member `beacon` of an answer; None where nobody listens to players."""
    return _makers[0](opened) if _makers else None
