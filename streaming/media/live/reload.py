"""Requests for a playlist that is not there yet (RFC 8216bis, 6.2.5): what they ask for, and what becomes of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from streaming.media.live.window import Edge, LiveWindow

_NUMBER = re.compile(r"[0-9]{1,18}")
_SKIPS = frozenset({"YES", "v2"})


class ReloadInvalid(Exception):
    """The directives contradict RFC 8216bis; the words say how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """What a player asks for: `msn` None takes the playlist as it is, `part` None any part of the segment."""

    msn: int | None = None
    part: int | None = None
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Serve:
    """Answer with the playlist as it is."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Answer when `LiveWindow.has` that part or a later one, or the stream has ended."""

    edge: Edge


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer 400: what is asked for lies too far ahead."""


def parse_reload(query: Mapping[str, str]) -> Reload | None:
    """Read the directives of a request; None where there are none. Parameters that are not known are tolerated.

    Raises:
        ReloadInvalid: a part is asked for without a segment, or a number is none.
    """
    msn, part = _number(query, "_HLS_msn"), _number(query, "_HLS_part")
    skip = query.get("_HLS_skip") in _SKIPS
    if part is not None and msn is None:
        raise ReloadInvalid("_HLS_part needs _HLS_msn")
    if msn is None and not skip:
        return None
    return Reload(msn=msn, part=part, skip=skip)


def _number(query: Mapping[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    if not _NUMBER.fullmatch(value):
        raise ReloadInvalid(f"{name} is no number")
    return int(value)


def decide(reload: Reload | None, window: LiveWindow) -> Serve | Wait | Refuse:
    """Say what becomes of a request. All tracks have the same parts, so it does not matter for which of them it is."""
    if reload is None or reload.msn is None or window.is_ended:
        return Serve()
    # A request for a segment alone is answered with its first part: Safari asks so right after a segment has closed.
    edge = Edge(reload.msn, reload.part or 0)
    if window.has(*edge):
        return Serve()
    if edge.msn > window.last_whole_msn + 2 or edge.part > _furthest_part(edge.msn, window):
        return Refuse()
    return Wait(edge)


def _furthest_part(msn: int, window: LiveWindow) -> int:
    newest = window.newest.part if window.newest.msn == msn else -1
    return newest + window.timing.advance_parts
