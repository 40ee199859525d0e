"""Availability windows: half-open spans of time, each for some territories or for all. Pure arithmetic.

Two windows that hold in one territory never overlap (the database holds it), so at most one is open there at a time.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import Protocol

# Near the ends of the calendar a moment has no name in some time zones: a page that told it would fail there.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)


class Span(Protocol):
    """`[starts_at, ends_at)`, aware; `ends_at` None: no end. `territories` are codes; none of them: everywhere."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def territories(self) -> Collection[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of no movie in particular."""

    starts_at: datetime
    ends_at: datetime | None = None
    territories: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What windows make of a moment.

    `is_open`: it can be seen. `closes_at`: when that ends; None: not foreseen, or it is closed. `opens_at`: when it can
    be seen next; None: it is open, or nothing is planned. `next_change_at`: the earlier of the two that there is.
    """

    is_open: bool
    closes_at: datetime | None = None
    opens_at: datetime | None = None

    @property
    def next_change_at(self) -> datetime | None:
        return self.closes_at or self.opens_at


def availability_at(spans: Iterable[Span], *, at: datetime, territory: str | None) -> Availability:
    """Tell whether it can be seen at `at` and until or from when. Without any window: always.

    Windows that follow each other without a gap are one to a viewer.
    """
    every = tuple(spans)
    if not every:
        return Availability(is_open=True)
    held = sorted((span for span in every if holds_in(span, territory)), key=lambda span: span.starts_at)
    current = next((span for span in held if is_open(span, at)), None)
    if current is None:
        return Availability(is_open=False, opens_at=next((s.starts_at for s in held if s.starts_at > at), None))
    closes_at = current.ends_at
    for span in held:
        if closes_at is not None and span.starts_at == closes_at:
            closes_at = span.ends_at
    return Availability(is_open=True, closes_at=closes_at)


def is_open(span: Span, at: datetime) -> bool:
    return span.starts_at <= at and (span.ends_at is None or at < span.ends_at)


def holds_in(span: Span, territory: str | None) -> bool:
    """Tell whether a window is for `territory`; where a viewer is unknown, only those for everywhere are."""
    return not span.territories or territory in span.territories


def first_available(spans: Iterable[Span], *, published_at: datetime) -> datetime:
    """Return the first moment, from the publication on, at which it could be seen anywhere.

    If every window was over by then, or there is none, it is the publication itself.
    """
    later = [max(s.starts_at, published_at) for s in spans if s.ends_at is None or s.ends_at > published_at]
    return min(later, default=published_at)


def is_cut_short(before: Iterable[Span], after: Iterable[Span], *, at: datetime) -> bool:
    """Tell whether there is a place where it can be seen at `at`, but with other windows not at all, or less long."""
    spans_before, spans_after = tuple(before), tuple(after)
    # None stands for every place that no window names.
    places = {None, *(code for span in (*spans_before, *spans_after) for code in span.territories)}
    return any(_shuts_earlier(spans_before, spans_after, at=at, territory=place) for place in places)


def _shuts_earlier(before: Iterable[Span], after: Iterable[Span], *, at: datetime, territory: str | None) -> bool:
    was, becomes = (availability_at(spans, at=at, territory=territory) for spans in (before, after))
    if not was.is_open or not becomes.is_open:
        return was.is_open
    return becomes.closes_at is not None and (was.closes_at is None or becomes.closes_at < was.closes_at)


def find_overlap(spans: Iterable[Span]) -> tuple[int, int] | None:
    """Return the places of the first two windows that are open in one territory at one time; None if no two are."""
    for (i, one), (j, other) in combinations(enumerate(spans), 2):
        if _meet(one, other) and _share_territory(one, other):
            return i, j
    return None


def _meet(one: Span, other: Span) -> bool:
    starts_before_end = other.ends_at is None or one.starts_at < other.ends_at
    return starts_before_end and (one.ends_at is None or other.starts_at < one.ends_at)


def _share_territory(one: Span, other: Span) -> bool:
    return not one.territories or not other.territories or not set(one.territories).isdisjoint(other.territories)
