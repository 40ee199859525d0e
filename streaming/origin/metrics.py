"""What the origin tells Prometheus beside what the process itself does."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streaming.rtmp.connection import ServerCounters


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
