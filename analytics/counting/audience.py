"""Everything that is known of who watches what: told by players, counted second by second."""

from collections import Counter as Counts
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from analytics.counting.counter import Counter
from analytics.counting.figures import PORTAL, Figures
from analytics.counting.ingress import Ingress
from analytics.counting.presence import LIVE, SEALED
from analytics.counting.session import Arrival, Past, Session
from analytics.records import Beacon, Count
from streaming.ingest_samples import IngestSample

# A second is judged anew when all that players tell of it has come, also what they told twice.
SEAL_AFTER_S = 45
# Paused players say something each minute. What is not heard of for longer is over.
_OVER_AFTER_MS = 150_000
# Somebody has told of this session before, to a process that is no more, or so long ago that it was forgotten.
_OLD_MS = 60_000
# No number of viewers.
_UNTOLD = -1
# Twenty times what the portal is made for; they are some kilobytes each.
MOST_SESSIONS = 200_000


@dataclass(slots=True)
class Reception:
    """How what players told has come; none of it makes a figure wrong.

    Attributes:
        arrivals: events, by how they came.
        missed: how many events had not come when a later one did: they tell of bad lines.
        turned_away: how many beacons were of sessions beyond what there is room for.
    """

    arrivals: Counts[Arrival] = field(default_factory=Counts)
    missed: int = 0
    turned_away: int = 0


class Audience:
    """Sessions, and the two counts of them: as it seems now, and as it was.

    Attributes:
        sessions: by id.
        unwritten: ids of those of which something is new.
        unread: ids of those of which something may be stored that is not known here.
    """

    def __init__(self, *, first: int, first_sealed: int) -> None:
        """Count from the second `first` on, and from `first_sealed` on what holds."""
        self.sessions: dict[str, Session] = {}
        self.unwritten: set[str] = set()
        self.unread: set[str] = set()
        self._reception = Reception()
        self.ingress = Ingress()
        self.live = Counter(LIVE, self.sessions, self.ingress, second=first - 1)
        self.sealed = Counter(SEALED, self.sessions, self.ingress, second=first_sealed - 1)
        # What was told of each second that is not sealed: it must be told again.
        self._told: dict[int, set[str]] = {}
        # Sessions by the second in which they are over, if nothing is heard of them.
        self._over: dict[int, set[str]] = {}
        # How many viewers each subject had when somebody last asked for changes.
        self._viewers: dict[str, int] = {}

    def fold(self, beacon: Beacon) -> None:
        """Take in what a player told."""
        session = self.sessions.get(beacon.session)
        if session is None:
            if len(self.sessions) >= MOST_SESSIONS:
                self._reception.turned_away += 1
                return
            session = self.sessions[beacon.session] = Session.of(beacon)
            if beacon.at - session.started > _OLD_MS:
                self.unread.add(session.id)
        session.length = session.length or beacon.length
        for event in beacon.events:
            arrival = session.hear(event, interval=beacon.interval)
            self._reception.arrivals[arrival] += 1
            self._reception.missed += session.missed_before(event.sn)
            if arrival is not Arrival.TOO_LATE:
                self._note(session, event.at)
            if arrival.is_first:
                self.live.count_errors(session.subject, event.e == "e")
        session.is_silent = False
        session.forget(self.sealed.second * 1000)
        self.unwritten.add(session.id)

    def take_sample(self, sample: IngestSample) -> None:
        self.ingress.take(sample)

    def recall(self, session: Session, past: Past) -> None:
        """Add what is stored of a session, which may be one that nothing has been heard of yet."""
        known = self.sessions.setdefault(session.id, session)
        known.length = known.length or session.length
        known.recall(past)
        self.unread.discard(known.id)
        self._note(known, past.heard)

    def recall_told(self, second: int, subjects: Iterable[str]) -> None:
        """Say of what provisional figures of a second are stored."""
        self._told.setdefault(second, set()).update(subjects)

    def begin(self) -> None:
        """Take as given who is there in the first seconds: nobody of them joins."""
        for counter in (self.live, self.sealed):
            counter.advance()

    def tick(self, second: int) -> tuple[Figures, ...]:
        """Return provisional figures of all seconds up to this one."""
        figures: list[Figures] = []
        while self.live.second < second:
            told = self.live.advance()
            self._told.setdefault(self.live.second, set()).update(each.subject for each in told)
            figures += told
        return tuple(figures)

    def seal(self, second: int) -> tuple[Figures, ...]:
        """Return the figures that hold, of all seconds up to this one."""
        figures: list[Figures] = []
        while self.sealed.second < second:
            figures += self.sealed.advance(also=self._told.pop(self.sealed.second + 1, ()))
            self._end_silent(self.sealed.second + SEAL_AFTER_S)
        self.ingress.forget(second - SEAL_AFTER_S)
        return tuple(figures)

    def counts(self) -> dict[str, Count]:
        """Return how many watch each subject that anybody watches, and the portal."""
        return {
            name: Count(viewers=tally.viewers, sessions=tally.sessions)
            for name, tally in self.live.tallies.items()
            if tally.sessions or name == PORTAL
        }

    def take_changed(self, subjects: Iterable[str]) -> dict[str, int]:
        """Return the viewers of those of these subjects that have not as many as when this was last asked of them."""
        counts = {name: tally.viewers for name, tally in self.live.tallies.items()}
        changed = {name: counts.get(name, 0) for name in subjects if counts.get(name, 0) != self._viewers.get(name, 0)}
        self._viewers = {name: viewers for name, viewers in (self._viewers | changed).items() if viewers}
        return changed

    def forget_told(self, subjects: Iterable[str]) -> None:
        """Have the viewers of these told the next time, whether or not they have changed."""
        self._viewers |= dict.fromkeys(subjects, _UNTOLD)

    def take_reception(self) -> Reception:
        """Return how it came what was told since this was last asked."""
        reception, self._reception = self._reception, Reception()
        return reception

    def take_unwritten(self, most: int) -> list[Session]:
        """Return sessions of which something is new, and take them for written."""
        ids = list(islice(self.unwritten - self.unread, most))
        self.unwritten.difference_update(ids)
        return [self.sessions[session_id] for session_id in ids]

    def forget_over(self, sessions: Iterable[Session]) -> None:
        """Forget those of what was written that are over, and of which nothing was heard meanwhile."""
        for session in sessions:
            if session.is_silent and session.id not in self.unwritten:
                self.sessions.pop(session.id, None)

    def _note(self, session: Session, moment: int) -> None:
        self.live.look_at(session.id, moment)
        self.sealed.look_at(session.id, moment)
        self._over.setdefault((session.heard + _OVER_AFTER_MS) // 1000 + 1, set()).add(session.id)

    def _end_silent(self, now: int) -> None:
        for second in [each for each in self._over if each <= now]:
            for session_id in self._over.pop(second):
                session = self.sessions.get(session_id)
                if session is not None and session.heard + _OVER_AFTER_MS <= now * 1000:
                    session.is_silent = True
                    self.unwritten.add(session_id)
