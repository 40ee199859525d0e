"""Lines of playlists: tags and their attribute lists (RFC 8216bis, 4.1 and 4.2)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from streaming.media.errors import PlaylistViolation

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^",]*)(?:,|$)')
_LONGEST_PLAYLIST, _MOST_LINES = 32 * 1024 * 1024, 500_000


class Line(NamedTuple):
    """A tag with what stands behind its colon, or, with an empty tag, a URI."""

    tag: str
    value: str


class Quoted(str):
    """An attribute's value that stands in quotation marks."""

    __slots__ = ()


def split_playlist(text: str) -> list[Line]:
    """Return the lines of a playlist without comments and empty ones.

    Raises:
        PlaylistViolation: it does not begin as a playlist must, or is too long.
    """
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != "#EXTM3U":
        raise PlaylistViolation("the first line of a playlist is #EXTM3U")
    if len(text) > _LONGEST_PLAYLIST or len(lines) > _MOST_LINES:
        raise PlaylistViolation(f"a playlist of {len(lines)} lines is too long")
    found = []
    for line in lines[1:]:
        if line.startswith("#EXT"):
            tag, _, value = line[1:].partition(":")
            found.append(Line(tag, value.rstrip()))
        elif line.strip() and not line.startswith("#"):
            found.append(Line("", line.strip()))
    return found


def parse_attributes(value: str) -> dict[str, str]:
    """Read an attribute list; quotation marks are taken off.

    Raises:
        PlaylistViolation: it is none, or has an attribute twice.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(value):
        match = _ATTRIBUTE.match(value, at)
        if match is None or match[1] in found:
            raise PlaylistViolation(f"{value[at : at + 40]!r} is no attribute, or came before")
        found[match[1]] = match[2].strip('"')
        at = match.end()
    return found


def format_tag(tag: str, attributes: Mapping[str, str | int | None]) -> str:
    """Write a tag with those attributes that have a value.

    Raises:
        PlaylistViolation: a text holds what a playlist cannot hold.
    """
    pairs = [f"{name}={_format_value(value)}" for name, value in attributes.items() if value is not None]
    return f"#{tag}:{','.join(pairs)}"


def _format_value(value: str | int) -> str:
    if isinstance(value, Quoted):
        return f'"{checked_text(value)}"'
    return str(value)


def checked_text(text: str) -> str:
    """Return a text that may stand in a playlist. Raises PlaylistViolation for one that would break out of its line."""
    if '"' in text or not text.isprintable():
        raise PlaylistViolation(f"{text!r} cannot stand in a playlist")
    return text
