"""How much encoders send, by what origins tell of their streams."""

from collections.abc import Iterable

from analytics.counting.figures import PORTAL
from streaming.ingest_samples import IngestSample

# Samples come each second. One that is late stands for those that are missing.
_LATE_S = 5


class Ingress:
    """Rates of streams, by subject and second."""

    def __init__(self) -> None:
        self._latest: dict[str, IngestSample] = {}
        self._bps: dict[int, dict[str, int]] = {}

    def take(self, sample: IngestSample) -> None:
        subject = f"stream:{sample.stream}"
        before = self._latest.get(subject)
        if before is not None and sample.at <= before.at:
            return
        self._latest[subject] = sample
        # An origin that was started again begins anew.
        if before is None or sample.received_bytes < before.received_bytes:
            return
        elapsed = sample.at - before.at
        rate = (sample.received_bytes - before.received_bytes) * 8000 // elapsed
        last = sample.at // 1000
        for second in range(max(before.at // 1000 + 1, last - _LATE_S), last + 1):
            self._bps.setdefault(second, {})[subject] = rate

    def bps(self, subject: str, second: int) -> int | None:
        """Return what was sent in a second; None where nothing was told."""
        told = self._told_at(second)
        if subject == PORTAL:
            return sum(told.values()) if told else None
        return told.get(subject)

    def subjects_at(self, second: int) -> set[str]:
        """Return the streams of which something was told."""
        return set(self._told_at(second))

    def forget(self, before: int) -> None:
        """Forget the rates of older seconds, and streams that nothing is told of any more."""
        for second in _older(self._bps, before):
            del self._bps[second]
        for subject in [name for name, sample in self._latest.items() if sample.at // 1000 < before]:
            del self._latest[subject]

    def _told_at(self, second: int) -> dict[str, int]:
        """Return the rates of a second. The last samples of the very latest one may be on their way."""
        told = self._bps.get(second, {})
        previous = self._bps.get(second - 1, {})
        is_newest = second + 1 not in self._bps
        return {**previous, **told} if is_newest else told


def _older(seconds: Iterable[int], before: int) -> list[int]:
    return [second for second in seconds if second < before]
