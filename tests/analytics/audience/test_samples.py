"""Which samples of origins a stream is judged by."""

from analytics.audience.samples import RecentSamples
from streaming.ingest_samples import IngestSample
from streaming.stream_health import LATELY_MS

NOW_MS = 1_800_000_000_000


def sample(ago_s: int, stream: str = "one") -> IngestSample:
    return IngestSample(stream=stream, at=NOW_MS - 1000 * ago_s)


def ages(recent: RecentSamples, now_ms: int = NOW_MS) -> dict[str, list[int]]:
    latest = recent.latest(now_ms)
    return {subject: [(now_ms - sample.at) // 1000 for sample in samples] for subject, samples in latest.items()}


def test_a_stream_is_judged_by_its_oldest_sample_and_the_last_seconds() -> None:
    recent = RecentSamples()
    for ago_s in range(400, -1, -1):
        recent.take(sample(ago_s))
    assert ages(recent) == {"stream:one": [300, *range(30, -1, -1)]}


def test_streams_are_kept_apart_and_one_that_is_over_is_forgotten() -> None:
    recent = RecentSamples()
    recent.take(sample(10, "one"))
    recent.take(sample(2, "two"))
    assert ages(recent) == {"stream:one": [10], "stream:two": [2]}
    assert ages(recent, NOW_MS + LATELY_MS - 5000) == {"stream:two": [297]}
    assert ages(recent, NOW_MS + LATELY_MS) == {}
