"""Somebody who counts an audience that is not there: a second each second, as the process that counts tells of them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.running import ROOT, Portal

# A stream that no origin has: nobody else counts it, and nothing ends it.
_BEGIN = """
from datetime import timedelta
from analytics import partitions
from analytics.models import MetricMinute, MetricSecond, Subject
from portal import clock
from portal.ids import uuid7
from streaming.models import Channel, Stream
at = clock.now().replace(microsecond=0)
stream = Stream.objects.create(id=uuid7(at), channel=Channel.objects.get(slug="studio-one"), state="ACTIVE",
    package_hex="c0" * 16, started_at=at - timedelta(minutes=20), active_at=at - timedelta(minutes=20),
    playable_at=at - timedelta(minutes=20), lease_until=at + timedelta(days=1))
subject = Subject.objects.create(kind="STREAM", name=f"stream:{stream.pk}", stream=stream, title="Studio One")
partitions.make_partitions_ahead(at=at)
def second(ago):
    viewers = 480 + (ago * 7) % 40 - ago // 6
    return MetricSecond(subject=subject, at=at - timedelta(seconds=ago), viewers=viewers, sessions=viewers + 9,
        joins=3, leaves=2, rebuffering=ago % 9, errors=1 if ago % 70 == 0 else 0, ingress_bps=6_000_000 + ago * 900,
        egress_bps=viewers * 3_100_000, shown_bps=4_100_000, latency_ms=2100 + ago % 300, is_sealed=ago > 45,
        qualities={"1080p": viewers // 2, "720p": viewers // 3, "480p": viewers - viewers // 2 - viewers // 3})
# Half a minute of which nobody knows anything.
MetricSecond.objects.bulk_create(second(ago) for ago in range(1200, 1, -1) if not 150 < ago < 180)
print(stream.pk)
"""
_COUNT = """
import time
from analytics.events import StreamSampled
from portal import clock, events
viewers = {first}
while True:
    now = clock.now()
    viewers += 1
    metrics = {{"viewers": viewers, "sessions": viewers + 9, "joins": 1, "leaves": 0, "rebuffering": 5, "errors": 0,
        "ingress_bps": 6_000_000, "egress_bps": viewers * 3_100_000, "shown_bps": 4_100_000, "latency_ms": 2200,
        "qualities": {{"1080p": viewers}}, "is_sealed": False}}
    finding = {{"code": "bitrate-low", "severity": "warning", "title": "The bit rate is low",
        "advice": "Close what else uses the line.", "measured": "1.2 Mbit/s", "expected": "6.0 Mbit/s"}}
    health = {{"verdict": "warning", "at": now.isoformat(), "findings": [finding], "ingest": None}}
    sampled = StreamSampled(stream="{stream}", at=int(now.timestamp()) - 1, metrics=metrics, health=health)
    events.publish_all([sampled], at=now)
    time.sleep(1)
"""
_FORGET = """
from analytics.models import MetricSecond, Subject
from streaming.models import Stream
Subject.objects.filter(stream="{stream}").delete()
Stream.objects.filter(pk="{stream}").delete()
"""


# Of what was counted before there are no more than 520.
FIRST_COUNT = 700


@contextmanager
def counted_stream(portal: Portal) -> Iterator[str]:
    """Give the id of a stream with figures of the last twenty minutes, up to two seconds ago."""
    stream = portal.manage("shell", "-c", _BEGIN).split()[-1]
    try:
        yield stream
    finally:
        portal.manage("shell", "-c", _FORGET.format(stream=stream))


@contextmanager
def counting(portal: Portal, stream: str) -> Iterator[subprocess.Popen[bytes]]:
    """Tell of one more viewer each second, until the process is ended."""
    argv = [sys.executable, str(ROOT / "manage.py"), "shell", "-c", _COUNT.format(stream=stream, first=FIRST_COUNT)]
    process = subprocess.Popen(argv, env=portal.environment(), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)
