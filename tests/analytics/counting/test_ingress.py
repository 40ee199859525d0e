"""What encoders send, second by second."""

from analytics.counting.figures import PORTAL
from analytics.counting.ingress import Ingress
from streaming.ingest_samples import IngestSample

ONE, OTHER = "one", "other"


def sample(at: int, received: int, stream: str = ONE) -> IngestSample:
    return IngestSample(stream=stream, at=at, received_bytes=received)


def told(*samples: IngestSample) -> Ingress:
    ingress = Ingress()
    for each in samples:
        ingress.take(each)
    return ingress


def test_a_rate_needs_two_samples() -> None:
    ingress = told(sample(10_900, 500), sample(11_900, 1500))
    assert ingress.bps("stream:one", 10) is None
    assert ingress.bps("stream:one", 11) == 8000
    assert ingress.subjects_at(11) == {"stream:one"}


def test_the_portal_is_the_sum_of_its_streams() -> None:
    ingress = told(*(sample(at, at, stream) for at in (10_500, 11_500) for stream in (ONE, OTHER)))
    assert ingress.bps(PORTAL, 11) == 16_000


def test_what_comes_twice_or_late_changes_nothing() -> None:
    ingress = told(sample(10_900, 500), sample(11_900, 1500), sample(11_900, 1500), sample(11_000, 600))
    assert ingress.bps("stream:one", 11) == 8000


def test_an_origin_that_begins_anew_is_no_step_back() -> None:
    ingress = told(sample(10_900, 5000), sample(11_900, 10), sample(12_900, 1010))
    assert [ingress.bps("stream:one", second) for second in (11, 12)] == [None, 8000]


def test_a_late_sample_stands_for_those_that_are_missing_but_not_for_a_long_silence() -> None:
    ingress = told(sample(10_900, 0), sample(13_900, 3000), sample(63_900, 53_000))
    assert [ingress.bps("stream:one", second) for second in (11, 12, 13)] == [8000] * 3
    assert [ingress.bps("stream:one", second) for second in (20, 57, 58, 63)] == [None, None, 8000, 8000]


def test_in_the_newest_second_that_before_it_stands_for_those_that_are_late() -> None:
    ingress = told(*(sample(at, at, stream) for at in (10_500, 11_500) for stream in (ONE, OTHER)))
    ingress.take(sample(12_500, 12_500))
    assert ingress.subjects_at(12) == {"stream:one", "stream:other"}
    ingress.take(sample(13_500, 13_500))
    assert ingress.subjects_at(12) == {"stream:one"}


def test_what_is_old_is_forgotten() -> None:
    ingress = told(sample(10_900, 0), sample(11_900, 1000))
    ingress.forget(12)
    assert ingress.bps("stream:one", 11) is None
    ingress.take(sample(12_900, 2000))
    assert ingress.bps("stream:one", 12) is None
