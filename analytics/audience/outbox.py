"""What is to be written to the database, kept while that is away."""

from collections import deque
from collections.abc import Iterable

import structlog

from analytics.counting.figures import Figures

# A quarter of an hour of two hundred subjects; some hundred megabytes.
_MOST_FIGURES = 360_000
_AT_ONCE = 20_000

log = structlog.get_logger("nova.audience")


class Outbox:
    """Figures of seconds, the oldest first; of too many the oldest are lost."""

    def __init__(self) -> None:
        self._waiting: deque[Figures] = deque(maxlen=_MOST_FIGURES)

    def put(self, figures: Iterable[Figures]) -> None:
        figures = tuple(figures)
        lost = len(self._waiting) + len(figures) - _MOST_FIGURES
        if lost > 0:
            log.error("audience.figures_lost", count=lost)
        self._waiting.extend(figures)

    def take(self) -> list[Figures]:
        return [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]

    def put_back(self, figures: list[Figures]) -> None:
        room = _MOST_FIGURES - len(self._waiting)
        self._waiting.extendleft(reversed(figures[-room:] if room else []))
