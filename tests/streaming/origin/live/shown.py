"""A stream on air, without anybody who makes it."""

from collections.abc import Sequence
from functools import cache

from streaming.media.live.ready import Ready
from streaming.media.live.timing import LiveTiming
from streaming.origin.live.broadcast import Broadcast
from tests.streaming.media.live.feeding import HIGH, LOW, SOUND, begun, run_of
from tests.streaming.origin.media import PACKAGE


@cache
def made_in_advance() -> Sequence[Ready]:
    return tuple(run_of(begun(), 20.0))


class Shown:
    """A stream on air, which goes on when a test says so."""

    def __init__(self, *, seconds: float = 5.0) -> None:
        self.broadcast = Broadcast((HIGH, LOW, SOUND), timing=LiveTiming(), dvr_s=0)
        self.is_here = True
        self.oldest_msn: int | None = 0
        # What it will show later is known from the beginning.
        self._coming = made_in_advance()
        self.go_on(seconds)

    def find(self, package: str) -> Broadcast | None:
        return self.broadcast if self.is_here and package == PACKAGE else None

    def oldest_of(self, package: str) -> int | None:
        return self.oldest_msn if package == PACKAGE else None

    def go_on(self, until_s: float) -> None:
        """Show what ends by that second of the stream."""
        shown = [ready for ready in self._coming if _end_of(ready) <= until_s]
        self._coming = self._coming[len(shown) :]
        self.broadcast.add(shown)


def _end_of(ready: object) -> float:
    return float(getattr(ready, "end_s", 10)) - 10 - 0.03
