"""How much a session may tell, and when all of them together tell too much: by counts that this process keeps."""

from itertools import islice
from typing import Final

from analytics.beacons.body import MOST_EVENTS

# Of so many sessions it is remembered how much they said of late; it takes some megabytes.
MOST_SESSIONS: Final = 50_000
# All that a player kept while it was offline, and what happens right after that.
BURST: Final = MOST_EVENTS + 20


class SessionLimits:
    """Lets each session tell of an event a second in the long run, and of a number of them at once.

    Of a session only one number is kept: until when what it has said keeps it from saying more. One whose moment has
    passed is as good as forgotten, so what is kept is bounded by who talks, and in the end by `most_sessions`: of
    more than that the earliest are forgotten, which lets them say more, and nobody less.
    """

    def __init__(self, *, every_s: float = 1.0, burst: int = BURST, most_sessions: int = MOST_SESSIONS) -> None:
        self._every_s = every_s
        self._burst_s = every_s * burst
        self._most_sessions = most_sessions
        self._busy_until: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._busy_until)

    def takes(self, session: str, *, at_s: float, events: int = 1) -> bool:
        """Count a beacon of so many events; tell whether it is within the limit. What is refused does not count."""
        busy_until = max(self._busy_until.get(session, at_s), at_s) + self._every_s * events
        if busy_until - at_s > self._burst_s:
            return False
        if session not in self._busy_until and len(self._busy_until) >= self._most_sessions:
            self._forget(at_s)
        self._busy_until[session] = busy_until
        return True

    def _forget(self, at_s: float) -> None:
        self._busy_until = {session: until for session, until in self._busy_until.items() if until > at_s}
        # Half at once: otherwise each of the next ones would go through all of them again.
        too_many = len(self._busy_until) - self._most_sessions // 2
        for session in list(islice(self._busy_until, max(0, too_many))):
            del self._busy_until[session]


class Crowd:
    """Tells when more beacons come in a second than is good; it stays so until a whole second was below that."""

    def __init__(self, most_per_s: int) -> None:
        self._most_per_s = most_per_s
        self._second = 0
        self._count = 0
        self._was_too_many = False

    def is_too_large(self, *, at_s: float) -> bool:
        """Count one beacon; tell whether players should tell less often."""
        second = int(at_s)
        if second != self._second:
            self._was_too_many = second == self._second + 1 and self._count > self._most_per_s
            self._second, self._count = second, 0
        self._count += 1
        return self._was_too_many or self._count > self._most_per_s
