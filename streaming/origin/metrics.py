"""What the origin tells Prometheus beside what the process itself does. No label can be multiplied by a stranger."""

from collections.abc import Iterator
from functools import cache

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streaming.rtmp.connection import ServerCounters

REQUESTS = Counter("nova_origin_media_requests", "Answers to requests for media.", ["kind", "status"])
SENT_BYTES = Counter("nova_origin_media_sent_bytes", "Bytes of media, handed to the network.", ["kind"])
FIRST_BYTE_S = Histogram(
    "nova_origin_media_first_byte_seconds",
    "From a request for media to the first byte of its answer.",
    ["kind"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
BROKEN_OFF = Counter("nova_origin_media_broken_off", "Answers that did not reach their end.", ["kind"])
OPEN_ANSWERS = Gauge("nova_origin_media_open_answers", "Answers under way.")
REVOCATIONS = Gauge("nova_origin_revocations", "Revocations that the origin knows of.")
REVOCATIONS_READ_AT = Gauge(
    "nova_origin_revocations_read_timestamp_seconds", "When they were last read, in seconds since 1970."
)


@cache
def of_kind(kind: str) -> "KindMetrics":
    """Return the metrics of a kind; there are as many as `MediaKind` has, and "none"."""
    return KindMetrics(kind)


class KindMetrics:
    """The metrics of requests for one kind of media, each looked up by its labels once."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._first_byte_s, self._sent_bytes = FIRST_BYTE_S.labels(kind), SENT_BYTES.labels(kind)
        self._broken_off = BROKEN_OFF.labels(kind)
        self._by_status: dict[int, Counter] = {}

    def observe_first_byte(self, seconds: float) -> None:
        self._first_byte_s.observe(seconds)

    def count(self, status: int, *, sent_bytes: int, is_whole: bool) -> None:
        """Tell how an answer ended; `status` is 0 if there was none."""
        requests = self._by_status.get(status)
        if requests is None:
            requests = self._by_status[status] = REQUESTS.labels(self._kind, str(status))
        requests.inc()
        if sent_bytes:
            self._sent_bytes.inc(sent_bytes)
        if not is_whole:
            self._broken_off.inc()


class IngestCollector(Collector):
    """Reads the RTMP server's counters when somebody asks, so that counting costs the media path nothing."""

    def __init__(self, counters: ServerCounters) -> None:
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        counters = self._counters
        yield GaugeMetricFamily("nova_origin_rtmp_connections", "Open RTMP connections.", counters.connections)
        yield GaugeMetricFamily("nova_origin_rtmp_publishers", "Admitted RTMP publishers.", counters.publishers)
        yield CounterMetricFamily("nova_origin_rtmp_received_bytes", "Bytes from RTMP peers.", counters.bytes_in)
        yield CounterMetricFamily(
            "nova_origin_rtmp_turned_away", "Connections over a limit.", counters.connections_turned_away
        )
