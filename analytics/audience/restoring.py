"""Takes up counting where it was left: from what is stored, and from what the log still holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.counting.audience import Audience
from analytics.partitions import make_partitions_ahead
from analytics.records import KEPT_S
from analytics.store.past import recall_recent
from analytics.store.seconds import last_minute, last_seconds, moment_of, settle, unsealed_since

# The log tells of that much for sure: before it, of those alone who had something to say just then.
_TOLD_S = KEPT_S - 30
# So far back minutes are made of seconds, if none was ever made.
_SECONDS_KEPT = timedelta(hours=72)


@dataclass(slots=True, kw_only=True)
class Restored:
    """An audience as it was stored. `rolled_to`: the last minute that was rolled up, or the first to be."""

    audience: Audience
    rolled_to: datetime


def restore(at: datetime) -> Restored:
    """Read what is stored of those who watch, and from which seconds on to count."""
    make_partitions_ahead(at=at)
    earliest = int(at.timestamp()) - _TOLD_S
    settle(moment_of(earliest))
    unsealed = unsealed_since(moment_of(earliest))
    first, first_sealed = _first_seconds(at, earliest, [second for second, _ in unsealed])
    audience = Audience(first=first, first_sealed=first_sealed)
    for session, past in recall_recent(since=at - timedelta(seconds=2 * KEPT_S), at=at):
        audience.recall(session, past)
    for second, subject in unsealed:
        audience.recall_told(second, (subject,))
    return Restored(audience=audience, rolled_to=last_minute() or at - _SECONDS_KEPT)


def _first_seconds(at: datetime, earliest: int, unsealed: list[int]) -> tuple[int, int]:
    """Return the last second that was counted, and the last that was sealed, as far back as one can go on from."""
    now = int(at.timestamp()) - 1
    last, sealed = last_seconds(at)
    first = now if last is None else min(max(last, earliest), now)
    # Of a second that was sealed, some subjects may not have been written. If none ever was, whoever counted before
    # this one did so for less than a minute, if anybody did.
    before_open = min(unsealed, default=first + 1) - 1
    sealed = before_open if sealed is None else min(sealed, before_open)
    return first, min(max(sealed, earliest), first)
