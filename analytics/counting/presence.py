"""Whether a session counts at a moment, and what it adds to the figures of its subject."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from analytics.counting.marks import Mark
from analytics.counting.session import LAST_WORD_MS, Session

# Nobody waits longer for a picture: the player stands there, and who watched it has gone.
_PATIENCE_MS = 60_000
# A gigabit a second: no player receives more. Who suddenly tells of more in sum has not received it just now.
MOST_BPS = 1e9
_WATCHING = frozenset("pkr")


@dataclass(frozen=True, slots=True)
class Rule:
    """How to judge a session that nothing has been heard of since.

    Attributes:
        lasts_ms: so long after its last word it counts; None: as long as its player may be silent.
        goes_on: whether it receives meanwhile what it received before.
    """

    lasts_ms: int | None
    goes_on: bool

    def lasts_until(self, mark: Mark) -> int:
        return mark.at + (mark.silence if self.lasts_ms is None else self.lasts_ms)


# The next word may be on its way, or may have been lost.
LIVE = Rule(None, goes_on=True)
# It has not come, and will not.
SEALED = Rule(LAST_WORD_MS, goes_on=False)


class Standing(NamedTuple):
    """What a session adds to the figures of a moment. `bps` is what it receives."""

    is_counted: bool
    is_waiting: bool
    kbps: int | None
    latency: int | None
    quality: str | None
    bps: float


def standing_at(session: Session, moment: int, rule: Rule) -> Standing | None:
    """Return what it adds at a moment; None if it is not there."""
    index = session.index_at(moment)
    if index < 0:
        return None
    mark = session.marks[index]
    if not _is_heard_on(session, index) and moment >= rule.lasts_until(mark):
        return None
    is_waiting = mark.state == "r"
    is_patient = not is_waiting or moment < mark.since + _PATIENCE_MS
    is_shown = session.shown_at is not None and session.shown_at <= moment
    is_counted = mark.state in _WATCHING and is_patient and is_shown
    return Standing(
        is_counted, is_counted and is_waiting, mark.kbps, mark.latency, mark.quality, _bps(session, index, rule)
    )


def next_change(session: Session, moment: int, rule: Rule) -> int | None:
    """Return when its standing changes by itself; None if only by what it tells."""
    index = session.index_at(moment)
    if index < 0:
        return None
    mark = session.marks[index]
    changes = [] if _is_heard_on(session, index) else [rule.lasts_until(mark)]
    if mark.state == "r":
        changes.append(mark.since + _PATIENCE_MS)
    return min((change for change in changes if change > moment), default=None)


def bits_within(session: Session, start: int, end: int) -> float:
    """Return how many bits it received from `start` to before `end`, if each report is spread over its time.

    What is told after a long silence is in the sum of the session alone.
    """
    bits = 0.0
    for before, after in pairwise(session.marks):
        overlap = min(after.at, end) - max(before.at, start)
        if overlap > 0:
            bits += _rate(before, after) * overlap / 1000
    return bits


def _is_heard_on(session: Session, index: int) -> bool:
    mark, following = session.marks[index], session.marks[index + 1 : index + 2]
    return bool(following) and following[0].at - mark.at < mark.silence


def _bps(session: Session, index: int, rule: Rule) -> float:
    marks = session.marks
    if index + 1 < len(marks):
        return _rate(marks[index], marks[index + 1])
    return _rate(marks[index - 1], marks[index]) if rule.goes_on and index else 0.0


def _rate(before: Mark, after: Mark) -> float:
    elapsed = after.at - before.at
    if not 0 < elapsed < before.silence:
        return 0.0
    return min(max(0, after.told.bytes - before.told.bytes) * 8000 / elapsed, MOST_BPS)
