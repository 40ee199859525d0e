"""How many players ask for a stream: another count than that of what players tell, to hold against it."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

# Players ask several times a second, or for each part; those that let a long buffer run down, every ten seconds.
SEEN_WITHIN_S: Final = 15.0


class Onlookers:
    """Sessions, by when they asked last. Who asks has shown a token, so that nobody can make them up."""

    def __init__(self) -> None:
        self._seen_s: OrderedDict[Hashable, float] = OrderedDict()

    def note(self, session: Hashable, *, at_s: float) -> None:
        """A session asks for media at that moment, by a clock that never goes back."""
        self._seen_s[session] = at_s
        self._seen_s.move_to_end(session)

    def count(self, *, at_s: float) -> int:
        """Return how many have asked of late; the others are forgotten."""
        while self._seen_s and next(iter(self._seen_s.values())) < at_s - SEEN_WITHIN_S:
            self._seen_s.popitem(last=False)
        return len(self._seen_s)
