"""What players tell, as tests need it: moments are milliseconds since the test's own beginning of time."""

from itertools import count
from typing import Any

from analytics.records import Beacon, PlayerEvent

START = 1_795_220_000_000
MOVIE = "movie:7"
STREAM = "stream:0192aaaa-0000-7000-8000-000000000001"
_numbers = count(1)


def session_id(began: int = 0, number: int | None = None) -> str:
    """Return the id of a session that began at a moment."""
    return f"{START + began:012x}7000{next(_numbers) if number is None else number:016x}"


def viewer_key(number: int) -> str:
    return f"{number:032x}"


def event(at: int, sn: int, sta: str | None = "p", **members: Any) -> PlayerEvent:
    """Return an event of a player that shows pictures, unless it says otherwise."""
    return PlayerEvent(**{"e": "t", "msd": 400, **members, "at": START + at, "sn": sn, "sta": sta})


def beacon(*events: PlayerEvent, session: str, subject: str = MOVIE, viewer: int = 1, **members: Any) -> Beacon:
    """Return a beacon that came when the last of its events happened."""
    came = members.pop("came", None)
    at = max(each.at for each in events) if came is None else START + came
    return Beacon(at=at, session=session, subject=subject, viewer=viewer_key(viewer), events=list(events), **members)


def second(at: int) -> int:
    """Return the second in which a moment lies."""
    return (START + at) // 1000
