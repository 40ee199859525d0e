"""What the origin tells Prometheus beside what the process itself does. No label can be multiplied by a stranger."""

from collections.abc import Iterator

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
