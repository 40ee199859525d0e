"""What live streams tell Prometheus, when it asks. No label can be multiplied by a stranger."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streaming.origin.live.hub import LiveHub
from streaming.origin.live.pulls import Pulls


class LiveCollector(Collector):
    """Reads the streams at that moment, so that counting costs the media path nothing."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        streams = [stream for stream in self._hub if not stream.is_over]
        shown = [stream.broadcast for stream in streams if stream.broadcast is not None]
        yield GaugeMetricFamily("nova_live_streams", "Live streams, interrupted ones included.", len(streams))
        yield GaugeMetricFamily("nova_live_playable_streams", "Streams to watch.", sum(b.is_playable for b in shown))
        yield GaugeMetricFamily(
            "nova_live_waiting_requests", "Requests that wait for the next part.", sum(b.waiters.count for b in shown)
        )
        yield GaugeMetricFamily(
            "nova_live_stalest_part_seconds",
            "How long ago the last part came, of the stream that waits longest.",
            max((b.freshness_s for b in shown), default=0.0),
        )


class PullCollector(Collector):
    """Reads how many streams are fetched from ingest servers."""

    def __init__(self, pulls: Pulls) -> None:
        self._pulls = pulls

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("nova_live_pulls", "Streams fetched from ingest servers.", len(self._pulls))
