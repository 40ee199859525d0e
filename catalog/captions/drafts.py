"""A cue as a file says it, before anybody has checked it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Times are milliseconds; None: unreadable. `text` has the tags of the file still in it.

    `shown` is what the file has in the place of the times, for messages.
    """

    start_ms: int | None
    end_ms: int | None
    text: str
    line: int
    number: int
    settings: str = ""
    shown: str = ""
    is_drawing: bool = False
