"""Counts sessions second by second: looks at those alone of which something has changed."""

from collections.abc import Collection, Iterator, Mapping

from analytics.counting.figures import PORTAL, Figures
from analytics.counting.ingress import Ingress
from analytics.counting.presence import Rule, Standing, bits_within, next_change, standing_at
from analytics.counting.session import Session
from analytics.counting.tally import Tally


class Counter:
    """The figures of all subjects at the end of one second after the other.

    Attributes:
        second: the last that was counted.
    """

    def __init__(self, rule: Rule, sessions: Mapping[str, Session], ingress: Ingress, *, second: int) -> None:
        self.second = second
        self.tallies: dict[str, Tally] = {PORTAL: Tally(PORTAL, second)}
        self._rule, self._sessions, self._ingress = rule, sessions, ingress
        self._standings: dict[str, Standing] = {}
        # Sessions to look at, by the second in which something of them changes.
        self._due: dict[int, set[str]] = {}

    def look_at(self, session_id: str, moment: int) -> None:
        """Have a session looked at in the second of that moment, or the next one that is counted."""
        self._due.setdefault(max(moment // 1000, self.second + 1), set()).add(session_id)

    def count_errors(self, subject: str, errors: int) -> None:
        for tally in self._tallies_of(subject):
            tally.add_once(errors=errors)

    def advance(self, also: Collection[str] = ()) -> tuple[Figures, ...]:
        """Count the next second; return its figures of what is watched, is on air or is in `also`."""
        self.second += 1
        for session_id in self._due.pop(self.second, ()):
            session = self._sessions.get(session_id)
            if session is not None:
                self._move(session)
        for subject in self._ingress.subjects_at(self.second) | set(also):
            self._tally(subject)
        figures = tuple(self._close())
        for subject in [name for name, tally in self.tallies.items() if tally.is_over(self.second) and name != PORTAL]:
            del self.tallies[subject]
        return figures

    def _move(self, session: Session) -> None:
        last = (self.second + 1) * 1000 - 1
        before, after = self._standings.pop(session.id, None), standing_at(session, last, self._rule)
        if after is not None:
            self._standings[session.id] = after
        once = self._once(session, after)
        if before is not None or after is not None or once is not None:
            for tally in self._tallies_of(session.subject):
                tally.replace(session.viewer, before, after)
                if once is not None:
                    tally.add_once(bits=once[0], errors=once[1])
        change = next_change(session, last, self._rule)
        if change is not None:
            self.look_at(session.id, change)

    def _once(self, session: Session, standing: Standing | None) -> tuple[float, int] | None:
        """Return what this second has beside what goes on: bits, and errors; None where it has none of them.

        Live, errors are counted as they come.
        """
        if self._rule.goes_on:
            return None
        start, end = self.second * 1000, (self.second + 1) * 1000
        bits = bits_within(session, start, end) - (standing.bps if standing else 0.0)
        errors = sum(mark.told.e == "e" and start <= mark.at < end for mark in session.marks)
        return (bits, errors) if bits or errors else None

    def _close(self) -> Iterator[Figures]:
        is_sealed = not self._rule.goes_on
        for subject, tally in self.tallies.items():
            yield tally.close(self.second, ingress_bps=self._ingress.bps(subject, self.second), is_sealed=is_sealed)

    def _tallies_of(self, subject: str) -> tuple[Tally, ...]:
        return self.tallies[PORTAL], self._tally(subject)

    def _tally(self, subject: str) -> Tally:
        tally = self.tallies.get(subject)
        if tally is None:
            tally = self.tallies[subject] = Tally(subject, self.second)
        return tally
