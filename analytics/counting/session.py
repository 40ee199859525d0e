"""One session, as its player told of it: whatever is repeated, lost or late, what is known of it is the same."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter

from analytics.counting.marks import Mark
from analytics.counting.sections import add_played
from analytics.records import INTERVAL_S, Beacon, PlayerEvent

# So long after its last word a session without one ends: it may have gone on for up to an interval.
LAST_WORD_MS = 5_000
_FILM = "movie:"
_REASONS = {"e": "ENDED", "q": "QUIT", "f": "FAILED"}
_by_key = attrgetter("key")


class Arrival(StrEnum):
    """How an event came."""

    IN_ORDER = "in_order"
    # One that happened later came before it.
    LATE = "late"
    # It was told before.
    AGAIN = "again"
    # It is of a time that is counted already, whether or not it was told then.
    TOO_LATE = "too_late"

    @property
    def is_first(self) -> bool:
        """Whether nothing was known of the event, and it can still be counted."""
        return self in (Arrival.IN_ORDER, Arrival.LATE)


@dataclass(slots=True)
class Sums:
    """What grows: of all that was told, the largest holds. Lengths in milliseconds."""

    watch: int = 0
    stalls: int = 0
    stalled: int = 0
    sought: int = 0
    ups: int = 0
    downs: int = 0
    dropped: int = 0
    received: int = 0
    rate_ms: int = 0
    upscale_most: float | None = None

    def grow(self, event: PlayerEvent) -> None:
        self.watch, self.stalls = max(self.watch, event.watch), max(self.stalls, event.bsa)
        self.stalled, self.sought = max(self.stalled, event.bsda), max(self.sought, event.seek)
        self.ups, self.downs = max(self.ups, event.ups), max(self.downs, event.downs)
        self.dropped, self.received = max(self.dropped, event.dfa), max(self.received, event.bytes)
        self.rate_ms = max(self.rate_ms, event.rate_ms)
        if event.upscale_most is not None:
            self.upscale_most = max(self.upscale_most or 0.0, event.upscale_most)


@dataclass(slots=True, kw_only=True)
class Past:
    """What was stored of a session. All that was told up to `heard` is in it.

    `mark` is where it stood then; `shown` how long the first frame took.
    """

    mark: Mark
    shown: int | None
    sums: Sums
    sections: list[int]
    errors: int
    fatal: tuple[str, bool] | None
    upscale: float | None

    @property
    def heard(self) -> int:
        return self.mark.at


@dataclass(slots=True)
class Latest:
    """Values of which the last that was told holds, each with its place among the events."""

    upscale: tuple[tuple[int, int], float] | None = None
    fatal: tuple[tuple[int, int], tuple[str, bool]] | None = None

    def take(self, event: PlayerEvent) -> None:
        key = (event.at, event.sn)
        if event.upscale is not None and (self.upscale is None or key > self.upscale[0]):
            self.upscale = (key, event.upscale)
        if event.fatal and (self.fatal is None or key > self.fatal[0]):
            self.fatal = (key, (event.ec or "", event.business))


@dataclass(slots=True)
class Session:
    """A session. `marks` are sorted; those that nothing can change any more are folded into `sections` and forgotten.

    Attributes:
        started: in the first digits of its id.
        shown_at: since when a frame is known to have been shown; `shown` how long that took.
        newest: the highest number of an event so far; None before the first.
        counted_to: up to there events are in `sections` and `errors` already.
        is_renewed: it goes on with what another session of the same player had begun, and is no view of its own.
        is_silent: nothing has been heard of it for so long that it is over.
    """

    id: str
    subject: str
    viewer: str
    user: int | None = None
    length: int | None = None
    device: str = ""
    country: str = ""
    sums: Sums = field(default_factory=Sums)
    latest: Latest = field(default_factory=Latest)
    marks: list[Mark] = field(default_factory=list)
    shown: int | None = None
    shown_at: int | None = None
    counted_to: int = -1
    newest: int | None = None
    is_cut: bool = False
    is_renewed: bool = False
    is_silent: bool = False
    _sections: list[int] = field(default_factory=list)
    _errors: int = 0

    @classmethod
    def of(cls, beacon: Beacon) -> "Session":
        return cls(
            id=beacon.session,
            subject=beacon.subject,
            viewer=beacon.viewer,
            user=beacon.user,
            length=beacon.length,
            device=beacon.device,
            country=beacon.country,
        )

    @property
    def started(self) -> int:
        return int(self.id[:12], 16)

    @property
    def heard(self) -> int:
        return self.marks[-1].at

    @property
    def errors(self) -> int:
        return self._errors + sum(self._is_new_error(mark) for mark in self.marks)

    @property
    def sections(self) -> list[int]:
        """Return what was watched, as pairs of positions in the order in which it was."""
        sections = list(self._sections)
        for before, after in self._new_pairs():
            add_played(sections, before, after)
        return sections

    @property
    def ending(self) -> tuple[int, str] | None:
        """Return when and why it ended; None while it goes on."""
        last = self.marks[-1]
        if last.state in _REASONS:
            return last.since, _REASONS[last.state]
        return (last.at + LAST_WORD_MS, "SILENT") if self.is_silent else None

    def hear(self, event: PlayerEvent, *, interval: int = INTERVAL_S) -> Arrival:
        """Take in what a player told that was told to do so at that interval; return how it came."""
        self.sums.grow(event)
        self.latest.take(event)
        self.is_renewed |= event.renewed
        if event.msd is not None:
            self.shown = event.msd if self.shown is None else min(self.shown, event.msd)
            self.shown_at = event.at if self.shown_at is None else min(self.shown_at, event.at)
        if self.is_cut and event.at <= self.marks[0].at:
            return Arrival.TOO_LATE
        return self._place(Mark(event.at, event, interval))

    def missed_before(self, number: int) -> int:
        """Note the number of an event that was heard; return how many before it have not come by then."""
        newest, self.newest = self.newest, max(number, self.newest or 0)
        return 0 if newest is None else max(0, number - newest - 1)

    def recall(self, past: Past) -> None:
        """Add what was stored of it: by a process before this one, or before it was forgotten as silent."""
        for name in ("watch", "stalls", "stalled", "sought", "ups", "downs", "dropped", "received", "rate_ms"):
            setattr(self.sums, name, max(getattr(self.sums, name), getattr(past.sums, name)))
        if past.sums.upscale_most is not None:
            self.sums.upscale_most = max(self.sums.upscale_most or 0.0, past.sums.upscale_most)
        if past.shown is not None:
            self.shown = past.shown if self.shown is None else min(self.shown, past.shown)
            self.shown_at = min(past.heard, self.started + past.shown)
        if self.latest.upscale is None and past.upscale is not None:
            self.latest.upscale = (past.mark.key, past.upscale)
        if self.latest.fatal is None and past.fatal is not None:
            self.latest.fatal = (past.mark.key, past.fatal)
        self.is_renewed |= past.mark.told.renewed
        self._sections = [*past.sections, *self._sections]
        self._errors += past.errors
        self.counted_to = past.heard
        self._insert(past.mark)

    def forget(self, before: int) -> None:
        """Fold what is older into what is counted, but for the last of it: that holds on."""
        while len(self.marks) > 1 and self.marks[1].at <= before:
            first, second = self.marks[0], self.marks[1]
            if second.at > self.counted_to:
                add_played(self._sections, first, second)
            self._errors += self._is_new_error(first)
            del self.marks[0]
            self.is_cut = True

    def index_at(self, moment: int) -> int:
        """Return the index of the last mark up to that moment; -1 before the first."""
        index = len(self.marks) - 1
        while index >= 0 and self.marks[index].at > moment:
            index -= 1
        return index

    def _place(self, mark: Mark) -> Arrival:
        known = next((each for each in self.marks if each.told.sn == mark.told.sn), None)
        if known is not None:
            # Told once more. Which of the answers the player has heard, nobody knows: the longest interval holds.
            known.interval = mark.interval = max(mark.interval, known.interval)
            # What came the fastest is closest to when it was.
            if known.at <= mark.at:
                return Arrival.AGAIN
            self.marks.remove(known)
        self._insert(mark)
        if known is not None:
            return Arrival.AGAIN
        return Arrival.IN_ORDER if self.newest is None or mark.told.sn > self.newest else Arrival.LATE

    def _insert(self, mark: Mark) -> None:
        """Put a mark in its place, and tell those behind it what holds by it.

        The first of a list that was cut keeps what it knows of those that are forgotten.
        """
        index = bisect_right(self.marks, mark.key, key=_by_key)
        self.marks.insert(index, mark)
        for number in range(index, len(self.marks)):
            if number or not self.is_cut:
                self.marks[number].follow(self.marks[number - 1] if number else None)

    def _new_pairs(self) -> Iterator[tuple[Mark, Mark]]:
        return ((before, after) for before, after in pairwise(self.marks) if after.at > self.counted_to)

    def _is_new_error(self, mark: Mark) -> bool:
        return mark.told.e == "e" and mark.at > self.counted_to
