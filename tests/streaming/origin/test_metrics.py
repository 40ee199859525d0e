from prometheus_client import CollectorRegistry, generate_latest

from streaming.origin.metrics import IngestCollector
from streaming.rtmp.connection import ServerCounters


def test_the_counters_are_read_when_they_are_asked_for() -> None:
    registry, counters = CollectorRegistry(), ServerCounters()
    registry.register(IngestCollector(counters))
    counters.connections, counters.publishers, counters.bytes_in = 3, 2, 1000
    counters.connections_turned_away = 7
    lines = generate_latest(registry).decode().splitlines()
    assert "nova_origin_rtmp_connections 3.0" in lines
    assert "nova_origin_rtmp_publishers 2.0" in lines
    assert "nova_origin_rtmp_received_bytes_total 1000.0" in lines
    assert "nova_origin_rtmp_turned_away_total 7.0" in lines
