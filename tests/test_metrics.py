"""All that processes tell Prometheus, held against the reference: names, kinds, labels."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django_redis import get_redis_connection
from prometheus_client import REGISTRY, CollectorRegistry, Metric
from prometheus_client.metrics import MetricWrapperBase

from analytics.exporting import StateCollector
from analytics.records import COUNTS
from portal.telemetry import own_metrics
from streaming import stream_metrics
from streaming.models import Stream
from streaming.origin.live.hub import LiveHub
from streaming.origin.live.metrics import LiveCollector, PullCollector
from streaming.origin.live.pulls import Pulls
from streaming.origin.metrics import IngestCollector
from streaming.rtmp.connection import ServerCounters

pytestmark = pytest.mark.django_db(transaction=True)

# Promised to whoever has dashboards and alerts on them.
NAMED = {
    "nova_streaming_active_streams": "gauge",
    "nova_streaming_viewers_total": "histogram",
    "nova_streaming_peak_viewers": "gauge",
    "nova_streaming_stream_duration_seconds": "histogram",
    "nova_streaming_websocket_connections": "gauge",
    "nova_streaming_broadcast_errors_total": "counter",
    "nova_streaming_rtmp_ingestion_latency_seconds": "histogram",
    "nova_streaming_hls_segment_generation_seconds": "histogram",
}
LABELS = {
    "nova_streaming_stream_duration_seconds": ("end_reason",),
    "nova_streaming_websocket_connections": ("kind",),
    "nova_streaming_broadcast_errors_total": ("stage", "code"),
    "nova_streaming_hls_segment_generation_seconds": ("rendition",),
}

# Labels whose values are names of ours.
BOUNDED = {
    "arrival",
    "code",
    "end_reason",
    "kind",
    "le",
    "queue",
    "reason",
    "rendition",
    "result",
    "seen_by",
    "stage",
    "state",
    "status",
    "task",
    "type",
}


def _nothing(*_: Any, **__: Any) -> Any:
    raise AssertionError("nobody is admitted here")


@pytest.fixture
def shown(client: Client) -> dict[str, Metric]:
    """All metrics of all processes, by the names that they are shown by, while somebody counts viewers."""
    # Both load whatever answers requests, and the metrics that are declared there.
    import_module("portal.asgi")
    client.get("/nowhere/")
    count = '{"viewers": 1, "sessions": 1}'
    get_redis_connection("default").hset(COUNTS, mapping={"at": 1_800_000_000, "portal": count})
    registry = CollectorRegistry()
    hub: Any = LiveHub(None)  # type: ignore[arg-type]  # it opens no stream
    registry.register(IngestCollector(ServerCounters()))
    registry.register(LiveCollector(hub))
    registry.register(PullCollector(Pulls(admit=_nothing, fetch=_nothing, patience_s=1)))
    registry.register(StateCollector())
    families = [*REGISTRY.collect(), *registry.collect()]
    return {_name_of(family): family for family in families}


def _name_of(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def _declared_labels() -> set[str]:
    """Labels of all metrics of ours that this process has declared, those that have counted nothing yet among them."""
    declared = {metric for metric in REGISTRY._names_to_collectors.values() if isinstance(metric, MetricWrapperBase)}
    ours = [metric for metric in declared if metric._name.startswith("nova_")]
    return {label for metric in ours for label in metric._labelnames}


def _documented() -> dict[str, str]:
    text = Path(settings.BASE_DIR, "docs/reference/metrics.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([a-z_]+)` \| (\w+) \|", text, re.MULTILINE))


def test_each_metric_of_ours_is_in_the_reference_with_its_kind(shown: dict[str, Metric]) -> None:
    ours = {name: family.type for name, family in shown.items() if name.startswith("nova_")}
    documented = {name: kind for name, kind in _documented().items() if name.startswith("nova_")}
    assert documented == ours


def test_each_metric_is_read_by_some_other_test() -> None:
    own, tests = Path(__file__), Path(settings.BASE_DIR, "tests")
    text = "\n".join(path.read_text(encoding="utf-8") for path in tests.rglob("*.py") if path != own)
    read = set(re.findall(r"[\"'^ ]([a-z_]+?)(?:_count|_sum|_bucket)?[\"'{\\ ]", text))
    assert [name for name in _documented() if name not in read] == []


def test_those_of_libraries_that_the_reference_names_are_there(shown: dict[str, Metric]) -> None:
    theirs = {name: kind for name, kind in _documented().items() if not name.startswith("nova_")}
    assert {name: shown[name].type for name in theirs} == theirs


def test_the_promised_ones_have_their_kinds_and_labels(shown: dict[str, Metric]) -> None:
    assert {name: shown[name].type for name in NAMED} == NAMED
    declared = [*vars(own_metrics).values(), *vars(stream_metrics).values()]
    labels = {
        _name_of(metric.describe()[0]): metric._labelnames for metric in declared if hasattr(metric, "_labelnames")
    }
    assert {name: names for name, names in labels.items() if name in NAMED and names} == LABELS


def test_no_label_can_name_a_stream_a_title_or_a_person(shown: dict[str, Metric]) -> None:
    told = {
        label for name in shown if name.startswith("nova_") for sample in shown[name].samples for label in sample.labels
    }
    assert told | _declared_labels() == BOUNDED
    values = {value for family in shown.values() for sample in family.samples for value in sample.labels.values()}
    # Thirty-two digits, or a UUID.
    assert [value for value in values if re.fullmatch(r"[0-9a-f-]{32,36}", value)] == []


def test_ends_of_streams_are_as_many_as_there_are_reasons() -> None:
    for reason in Stream.EndReason:
        stream_metrics.observe_end(reason=reason, duration_s=1, error="", has_failed=False)
    ends = {
        sample.labels["end_reason"]
        for family in stream_metrics.STREAM_DURATION_S.collect()
        for sample in family.samples
    }
    assert len(ends) == len(Stream.EndReason)
    assert all(re.fullmatch(r"[a-z-]+", end) for end in ends)


def test_a_process_shows_a_bounded_number_of_series(shown: dict[str, Metric]) -> None:
    series = sum(len(family.samples) for name, family in shown.items() if name.startswith("nova_"))
    assert series <= 2000
