"""What state a movie is in for those who run the catalogue: its visibility and its windows at one moment. Pure.

A viewer looks from one territory; an editor looks at all of them at once. So a film that can be seen in Laos alone is
published here, and says where.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from catalog.windows import Availability, Span, availability_at


class ZonedSpan(Span, Protocol):
    """A window with the time zone in which its editor thinks."""

    @property
    def time_zone(self) -> str: ...


class Phase(StrEnum):
    """Where a film stands in its life."""

    DRAFT = "DRAFT"
    HIDDEN = "HIDDEN"
    SCHEDULED = "SCHEDULED"  # no window is open yet, and viewers are not told
    ANNOUNCED = "ANNOUNCED"  # no window is open yet, and viewers are told: coming soon
    AVAILABLE = "AVAILABLE"
    LEFT = "LEFT"  # its last window is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieState:
    """`changes_at` is when viewers see the next change, `ended_at` when the last window closed.

    `territories` are the only places in which it is available, or will be; none of them: everywhere. Each moment is
    to be told in `time_zone`.
    """

    phase: Phase
    is_listed: bool
    changes_at: datetime | None = None
    ended_at: datetime | None = None
    territories: tuple[str, ...] = ()
    time_zone: str = "UTC"


def state_at(visibility: str, is_announced: bool, spans: Iterable[ZonedSpan], *, at: datetime) -> MovieState:
    """Return the state of a film; `visibility` is one of Movie.Visibility."""
    if visibility in {"DRAFT", "HIDDEN"}:
        return MovieState(phase=Phase(visibility), is_listed=False)
    windows = tuple(spans)
    is_listed = visibility == "PUBLISHED"
    if not windows:
        return MovieState(phase=Phase.AVAILABLE, is_listed=is_listed)
    by_place = _availability_by_place(windows, at)
    return (
        _open_state(windows, by_place, is_listed)
        or _coming_state(windows, by_place, is_listed, is_announced)
        or _left_state(windows, is_listed)
    )


def _availability_by_place(windows: Sequence[ZonedSpan], at: datetime) -> dict[str | None, Availability]:
    """Look from every territory that a window names, and from None: all the others."""
    places = {None, *(code for window in windows for code in window.territories)}
    return {place: availability_at(windows, at=at, territory=place) for place in places}


def _open_state(
    windows: Sequence[ZonedSpan], by_place: dict[str | None, Availability], is_listed: bool
) -> MovieState | None:
    where = [place for place, seen in by_place.items() if seen.is_open]
    if not where:
        return None
    ends = (by_place[place].closes_at for place in where)
    closes_at = min((end for end in ends if end is not None), default=None)
    return MovieState(
        phase=Phase.AVAILABLE,
        is_listed=is_listed,
        changes_at=closes_at,
        territories=_named(where),
        time_zone=next((w.time_zone for w in windows if closes_at and w.ends_at == closes_at), windows[0].time_zone),
    )


def _coming_state(
    windows: Sequence[ZonedSpan], by_place: dict[str | None, Availability], is_listed: bool, is_announced: bool
) -> MovieState | None:
    openings = {place: seen.opens_at for place, seen in by_place.items() if seen.opens_at is not None}
    if not openings:
        return None
    opens_at = min(openings.values())
    return MovieState(
        phase=Phase.ANNOUNCED if is_announced and is_listed else Phase.SCHEDULED,
        is_listed=is_listed,
        changes_at=opens_at,
        territories=_named([place for place, moment in openings.items() if moment == opens_at]),
        time_zone=next(w.time_zone for w in windows if w.starts_at == opens_at),
    )


def _left_state(windows: Sequence[ZonedSpan], is_listed: bool) -> MovieState:
    # Every window is over, so each has an end.
    ended_at, time_zone = max((w.ends_at, w.time_zone) for w in windows if w.ends_at is not None)
    return MovieState(phase=Phase.LEFT, is_listed=is_listed, ended_at=ended_at, time_zone=time_zone)


def _named(places: Sequence[str | None]) -> tuple[str, ...]:
    return () if None in places else tuple(sorted(place for place in places if place))
