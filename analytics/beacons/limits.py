"""How much a session may tell, and when all of them together tell too much: by counts that this process keeps."""

from itertools import islice
from typing import Final

# Of so many sessions it is remembered how much they said of late; it takes some megabytes.
MOST_SESSIONS: Final = 50_000
# Players tell at most four changes a second, whether one by one or, after an outage, all of them in one beacon.
_EVENTS_AT_ONCE: Final = 4


class SessionLimits:
    """Lets each session tell something once a second in the long run, and a number of times at once.

    A beacon of many events counts for several: otherwise it would be fifty times as much that one may say.

    Of a session only one number is kept: until when what it has said keeps it from saying more. One whose moment has
    passed is as good as forgotten, so what is kept is bounded by who talks, and in the end by `most_sessions`: of
    more than that the earliest are forgotten, which lets them say more, and nobody less.
    """

    def __init__(self, *, every_s: float = 1.0, burst: int = 20, most_sessions: int = MOST_SESSIONS) -> None:
        self._every_s = every_s
        self._slack_s = every_s * (burst - 1)
        self._most_sessions = most_sessions
        self._busy_until: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._busy_until)

    def takes(self, session: str, *, at_s: float, events: int = 1) -> bool:
        """Count a beacon of so many events; tell whether it is within the limit. What is refused does not count."""
        busy_until = max(self._busy_until.get(session, at_s), at_s)
        if busy_until - at_s > self._slack_s:
            return False
        if session not in self._busy_until and len(self._busy_until) >= self._most_sessions:
            self._forget(at_s)
        self._busy_until[session] = busy_until + self._every_s * max(1, events / _EVENTS_AT_ONCE)
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
