"""The running sums of one subject: to add or to take away one session costs the same, however many there are."""

from collections import Counter
from dataclasses import dataclass, field
from heapq import nsmallest

from analytics.counting.figures import MOST_QUALITIES, Figures
from analytics.counting.presence import Standing

# So long figures of nobody are told of what was watched: a curve that comes down to nothing, and not a gap.
_LINGER_S = 60


@dataclass(slots=True)
class Tally:
    """What the sessions of one subject come to. `watched` is the last second in which anybody was there."""

    subject: str
    watched: int
    _players: Counter[str] = field(default_factory=Counter)
    # Whether those whose presence has changed in this second were there before it.
    _were_there: dict[str, bool] = field(default_factory=dict)
    _qualities: Counter[str] = field(default_factory=Counter)
    _sessions: int = 0
    _waiting: int = 0
    _kbps: int = 0
    _with_kbps: int = 0
    _latency: int = 0
    _with_latency: int = 0
    _bps: float = 0.0
    _bits_once: float = 0.0
    _errors: int = 0

    @property
    def viewers(self) -> int:
        return len(self._players)

    @property
    def sessions(self) -> int:
        return self._sessions

    def is_over(self, second: int) -> bool:
        return not self._sessions and not self._bps and second - self.watched > _LINGER_S

    def replace(self, viewer: str, before: Standing | None, after: Standing | None) -> None:
        """Let a session stand as it does now, and not as it did."""
        if before is not None:
            self._add(viewer, before, -1)
        if after is not None:
            self._add(viewer, after, 1)

    def _add(self, viewer: str, standing: Standing, sign: int) -> None:
        self._bps += sign * standing.bps
        if not standing.is_counted:
            return
        self._were_there.setdefault(viewer, viewer in self._players)
        self._players[viewer] += sign
        if not self._players[viewer]:
            del self._players[viewer]
        self._sessions += sign
        self._waiting += sign * standing.is_waiting
        if standing.kbps is not None:
            self._kbps += sign * standing.kbps
            self._with_kbps += sign
        if standing.latency is not None:
            self._latency += sign * standing.latency
            self._with_latency += sign
        if standing.quality:
            self._qualities[standing.quality] += sign
            if not self._qualities[standing.quality]:
                del self._qualities[standing.quality]

    def add_once(self, *, bits: float = 0.0, errors: int = 0) -> None:
        """Add what belongs to this second alone."""
        self._bits_once += bits
        self._errors += errors

    def close(self, second: int, *, ingress_bps: int | None, is_sealed: bool) -> Figures:
        """Return the figures of a second, and begin the next."""
        if not self._sessions:
            # Sums of fractions leave a trace.
            self._bps = max(0.0, round(self._bps, 3))
        else:
            self.watched = second
        joins = sum(not was and viewer in self._players for viewer, was in self._were_there.items())
        leaves = sum(was and viewer not in self._players for viewer, was in self._were_there.items())
        figures = Figures(
            subject=self.subject,
            second=second,
            viewers=self.viewers,
            sessions=self._sessions,
            joins=joins,
            leaves=leaves,
            rebuffering=self._waiting,
            errors=self._errors,
            ingress_bps=ingress_bps,
            egress_bps=max(0, round(self._bps + self._bits_once)),
            shown_bps=round(self._kbps * 1000 / self._with_kbps) if self._with_kbps else None,
            latency_ms=round(self._latency / self._with_latency) if self._with_latency else None,
            qualities=self._most_shown(),
            is_sealed=is_sealed,
        )
        self._were_there, self._bits_once, self._errors = {}, 0.0, 0
        return figures

    def _most_shown(self) -> dict[str, int]:
        """Return by how many sessions each quality is shown, of those that most show."""
        return dict(sorted(nsmallest(MOST_QUALITIES, self._qualities.items(), key=lambda shown: (-shown[1], shown[0]))))
