"""When which media came, as finely as it takes to say how long a segment took to be made of it."""

from collections import deque
from itertools import takewhile

# Finer than any encoder of ours brings out parts.
_STEP_S = 0.05
# Twenty seconds of it: an encoder that is further behind is made lighter, or given up.
_MOST = 400


class Arrivals:
    """Places in the media that a run was fed, and when they came, by a clock that never goes back."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, float]] = deque(maxlen=_MOST)
        self._next_s = 0.0

    def reach(self, media_s: float, *, at_s: float) -> None:
        """Note that all media up to there has come."""
        if media_s >= self._next_s:
            self._marks.append((media_s, at_s))
            self._next_s = media_s + _STEP_S

    def came_at(self, media_s: float) -> float | None:
        """Return when media up to there had come, to the next of our steps; None where that is not known any more."""
        later = list(takewhile(lambda mark: mark[0] >= media_s - _STEP_S, reversed(self._marks)))
        return later[-1][1] if later else None
