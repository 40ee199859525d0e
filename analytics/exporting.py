"""What Prometheus is told of the portal as a whole: read from PostgreSQL and Redis when it asks.

One process shows this, that which counts viewers. Nothing is added up in workers, so nothing can be counted twice or
be left over from a process that died; what cannot be read is left out, and `nova_database_up` or `nova_redis_up` is 0.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from time import monotonic

import msgspec
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Count as RowCount
from django.db.models import Max
from django_redis import get_redis_connection
from django_redis.exceptions import ConnectionInterrupted
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from analytics.counting.audience import Reception
from analytics.counting.figures import PORTAL
from analytics.models import MetricMinute, MetricSecond, Subject
from analytics.records import COUNTS, Count
from portal import clock
from portal.outages import REDIS_OUTAGES
from streaming.ingest_samples import LOG, SAMPLE, IngestSample
from streaming.models import PackagingJob, Stream

log = structlog.get_logger("nova.metrics")

# However often it is asked for, the truth is read once in this time.
KEPT_S = 5.0
_BUCKETS = (1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000)
_VIEWERS_HELP = "Viewers of each live stream, observed once a minute."
GAPS = Counter("nova_beacon_gaps", "Events of players that had not come when a later one did.")
EVENTS = Counter("nova_beacon_events", "Events of players, by how they came.", ["arrival"])
TURNED_AWAY = Counter("nova_beacons_turned_away", "Beacons of sessions beyond what there is room for.")
# The name is older than the custom that only counters end in _total; its twin is called as it should be.
VIEWERS_TOTAL = Histogram("nova_streaming_viewers_total", _VIEWERS_HELP, buckets=_BUCKETS)
STREAM_VIEWERS = Histogram("nova_streaming_stream_viewers", _VIEWERS_HELP, buckets=_BUCKETS)

# Minutes are made of seconds that are sealed; what is not in one yet is younger than that.
_IN_NO_MINUTE_YET = timedelta(minutes=5)
# Where seconds are not sealed for so long, how much longer it has been does not matter.
_LONGEST_LAG = timedelta(hours=1)
_SAMPLED_MS = 3_000
_MILLI = 1000
_AT = b"at"
_QUEUES = ("packaging", "default")

_samples = msgspec.msgpack.Decoder(IngestSample)
_counts = msgspec.json.Decoder(Count)


def observe_viewers(counts: Iterable[int]) -> None:
    """Tell how many watch each live stream; to be called once a minute, by the one process that counts."""
    for count in counts:
        VIEWERS_TOTAL.observe(count)
        STREAM_VIEWERS.observe(count)


def count_reception(reception: Reception) -> None:
    """Tell how it came what players told; to be called by the one process that counts."""
    for arrival, events in reception.arrivals.items():
        EVENTS.labels(arrival.value).inc(events)
    GAPS.inc(reception.missed)
    TURNED_AWAY.inc(reception.turned_away)


def register_collectors(registry: CollectorRegistry = REGISTRY) -> None:
    """Show what is read here with everything else in a registry.

    Reading asks the database: `generate_latest` is then to be called in a thread, not on an event loop.
    """
    registry.register(StateCollector())


class StateCollector(Collector):
    """Reads the state of the portal, and keeps it for a moment."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._kept: tuple[Metric, ...] = ()
        self._read_s: float | None = None

    def describe(self) -> Iterable[Metric]:
        """Return nothing: without this, to register it would be to read."""
        return ()

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if self._read_s is None or self._now_s() >= self._read_s + KEPT_S:
                try:
                    self._kept = tuple(read_state(at=clock.now()))
                finally:
                    # The threads that ask come and go.
                    connection.close()
                self._read_s = self._now_s()
            return iter(self._kept)


def read_state(*, at: datetime) -> Iterator[Metric]:
    """Yield all that can be read at that moment."""
    try:
        yield from tuple(_in_database(at))
        is_up = True
    except (OperationalError, InterfaceError) as error:
        log.warning("metrics.database_away", error=type(error).__name__)
        is_up = False
    yield GaugeMetricFamily("nova_database_up", "Whether PostgreSQL answers.", is_up)
    try:
        yield from tuple(_in_redis(at))
        is_up = True
    except (*REDIS_OUTAGES, ConnectionInterrupted) as error:
        log.warning("metrics.redis_away", error=type(error).__name__)
        is_up = False
    yield GaugeMetricFamily("nova_redis_up", "Whether Redis answers.", is_up)


def _in_database(at: datetime) -> Iterator[Metric]:
    on_air = Stream.objects.filter(state=Stream.State.ACTIVE).count()
    yield GaugeMetricFamily(
        "nova_streaming_active_streams", "Streams on air, those included that wait for their encoder.", on_air
    )
    yield GaugeMetricFamily(
        "nova_streaming_peak_viewers", "The most viewers that a stream had that is live now.", _peak(at)
    )
    yield GaugeMetricFamily(
        "nova_audience_seal_lag_seconds",
        "Age of the oldest second that is not sealed yet; 45 where all is well, 0 where nobody watches.",
        _seal_lag_s(at),
    )
    jobs = GaugeMetricFamily("nova_packaging_jobs", "Packaging jobs by state.", labels=["state"])
    found = dict(PackagingJob.objects.order_by().values_list("state").annotate(RowCount("pk")))
    for state in PackagingJob.State:
        jobs.add_metric([state.lower()], found.get(state, 0))
    yield jobs


def _peak(at: datetime) -> int:
    """Return the highest sealed figure: what is provisional may be corrected, a peak may not."""
    live = Subject.objects.filter(stream__state__in=Stream.LIVE_STATES)
    minutes = MetricMinute.objects.filter(subject__in=live).aggregate(peak=Max("viewers_peak"))
    seconds = MetricSecond.objects.filter(subject__in=live, is_sealed=True, at__gte=at - _IN_NO_MINUTE_YET).aggregate(
        peak=Max("viewers")
    )
    return max(minutes["peak"] or 0, seconds["peak"] or 0)


def _seal_lag_s(at: datetime) -> float:
    oldest = (
        MetricSecond.objects.filter(subject__name=PORTAL, is_sealed=False, at__gte=at - _LONGEST_LAG)
        .order_by("at")
        .values_list("at", flat=True)
        .first()
    )
    return max(0.0, (at - oldest).total_seconds()) if oldest else 0.0


def _in_redis(at: datetime) -> Iterator[Metric]:
    redis = get_redis_connection("default")
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    waiting = GaugeMetricFamily("nova_task_queue_length", "Tasks that wait for a worker, by queue.", labels=["queue"])
    for queue in _QUEUES:
        waiting.add_metric([queue], redis.llen(f"{prefix}{queue}"))
    yield waiting
    counted: Mapping[bytes, bytes] = redis.hgetall(COUNTS)
    yield GaugeMetricFamily("nova_audience_up", "Whether viewers are being counted.", bool(counted))
    if not counted:
        return
    yield GaugeMetricFamily(
        "nova_audience_counted_age_seconds",
        "How old the last counted second is.",
        max(0.0, at.timestamp() - float(counted[_AT])),
    )
    counts = {name: _counts.decode(value) for name, value in counted.items() if name != _AT}
    whole = counts.get(PORTAL.encode(), Count(viewers=0, sessions=0))
    yield GaugeMetricFamily("nova_audience_viewers", "People who watch anything.", whole.viewers)
    yield GaugeMetricFamily("nova_audience_sessions", "Their players.", whole.sessions)
    now_ms = round(at.timestamp() * _MILLI)
    yield from _divergence(counts, redis.xrange(LOG, now_ms - _SAMPLED_MS, "+"))


def _divergence(
    counts: Mapping[bytes, Count], entries: Iterable[tuple[bytes, Mapping[bytes, bytes]]]
) -> Iterator[Metric]:
    """Yield how many players of live streams each side knows of, and how far they are apart."""
    latest = {sample.stream: sample for sample in (_samples.decode(entry[SAMPLE]) for _, entry in entries)}
    seen = {name: sample.sessions for name, sample in latest.items() if sample.sessions is not None}
    told = {name: counts.get(f"stream:{name}".encode(), Count(viewers=0, sessions=0)).sessions for name in seen}
    by_players, by_origin = sum(told.values()), sum(seen.values())
    sessions = GaugeMetricFamily(
        "nova_audience_live_sessions",
        "Players of live streams: as they tell themselves, and as the origin sees them ask.",
        labels=["seen_by"],
    )
    sessions.add_metric(["players"], by_players)
    sessions.add_metric(["origin"], by_origin)
    yield sessions
    apart = abs(by_players - by_origin) / max(by_players, by_origin, 1)
    yield GaugeMetricFamily("nova_audience_divergence_ratio", "How far the two are apart, of the larger.", apart)
