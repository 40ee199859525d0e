"""Times of cues as people and files write them."""

import re

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?", re.ASCII)
_SECONDS = re.compile(r"(\d{1,7})(?:[.,](\d{1,9}))?", re.ASCII)


def parse_clock(text: str) -> int | None:
    """Return the milliseconds of "1:02:03.5", "62:03" being minutes and seconds; None for what is no time.

    A fraction is one, however many digits it has: ".5" is half a second.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = int(match[1] or 0), int(match[2]), int(match[3])
    if seconds > 59 or (match[1] and minutes > 59):
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + _fraction_ms(match[4])


def parse_moment(text: str) -> int | None:
    """Return the milliseconds of what somebody typed: a time as above, or seconds such as "83.4"."""
    match = _SECONDS.fullmatch(text.strip())
    if match:
        return int(match[1]) * 1000 + _fraction_ms(match[2])
    return parse_clock(text.strip())


def format_clock(time_ms: int) -> str:
    """Return "00:01:23.400"."""
    seconds, ms = divmod(time_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{ms:03}"


def _fraction_ms(digits: str | None) -> int:
    return int((digits or "0").ljust(3, "0")[:3])
