"""What origins told of their streams in the last minutes, for those who judge how the streams do."""

from collections import deque
from collections.abc import Mapping, Sequence

from streaming.ingest_samples import IngestSample
from streaming.stream_health import LATELY_MS, STEADY_MS

# They come once a second; of an origin that tells more often less time is known.
_MOST = LATELY_MS // 1000 + 10


class RecentSamples:
    """Samples by the subject that they are of."""

    def __init__(self) -> None:
        self._told: dict[str, deque[IngestSample]] = {}

    def take(self, sample: IngestSample) -> None:
        self._told.setdefault(f"stream:{sample.stream}", deque(maxlen=_MOST)).append(sample)

    def latest(self, now_ms: int) -> Mapping[str, Sequence[IngestSample]]:
        """Return what each stream is judged by: its oldest sample of the last minutes, and those of the last seconds.

        What is older, and streams that nothing was told of since, are forgotten.
        """
        for subject, samples in list(self._told.items()):
            while samples and samples[0].at < now_ms - LATELY_MS:
                samples.popleft()
            if not samples:
                del self._told[subject]
        since_ms = now_ms - 2 * STEADY_MS
        return {
            subject: [samples[0], *(sample for sample in list(samples)[1:] if sample.at >= since_ms)]
            for subject, samples in self._told.items()
        }
