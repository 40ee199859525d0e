"""A long broadcast whose connection is lost three times, before a page that stays open."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Page

from benchmarks.live_streams.encoding import Encoder, encoder_of
from benchmarks.live_streams.stage import browser, live_portal, open_page, seen_of, wait_for
from benchmarks.results import Row, percentile
from streaming.media.live.timing import LiveTiming
from tests.e2e.running import Portal

DROPS_S = (5.0, 15.0, 25.0)
GROWTH_BAR_MB = 10.0
_LOOK_S = 1.0
# What was made by then has filled every window and buffer.
_WARM_SHARE = 0.2


def measure_soak(*, minutes: float) -> Iterator[Row]:
    """Broadcast for so long; what viewers, recording and memory make of it."""
    memory_mb = list[float]()
    with live_portal(is_recorded=True) as portal, browser() as chromium, encoder_of(portal) as encoder:
        page = open_page(chromium, portal)
        page.evaluate("() => { window.isTheSame = true; }")
        encoder.begin()
        seen_of(page, "seen.pictureMs")
        _broadcast(encoder, page, minutes, lambda: memory_mb.append(_memory_mb(portal)))
        is_same = page.evaluate("() => window.isTheSame === true && document.querySelector('video') !== null")
        encoder.stop()
        seen_of(page, "seen.phases.ended")
        streams = wait_for(portal, lambda found: found[0]["recorded_s"] is not None)
    yield from _rows(f"{minutes:g} minutes with three drops", encoder, streams, memory_mb)
    yield Row(what="its page is the one that was opened", figure=int(is_same), unit="", bar=1, is_least=True)


def _broadcast(encoder: Encoder, page: Page, minutes: float, look: Callable[[], None]) -> None:
    """Go on for so long, the drops included, which come at equal distances."""
    whole_s = minutes * 60
    for number, drop_s in enumerate((*DROPS_S, 0.0), start=1):
        until = time.monotonic() + whole_s / (len(DROPS_S) + 1) - drop_s
        while time.monotonic() < until:
            look()
            page.wait_for_timeout(1000 * _LOOK_S)
        if number <= len(DROPS_S):
            encoder.lose_connection()
            page.wait_for_timeout(1000 * drop_s)
            encoder.begin()


def _memory_mb(portal: Portal) -> float:
    return float(portal.children()["origin"].memory_info().rss) / 1e6


def _rows(what: str, encoder: Encoder, streams: list[dict[str, Any]], memory_mb: list[float]) -> Iterator[Row]:
    segment_s = float(LiveTiming().segment_s)
    yield Row(what=f"{what}, streams", figure=len(streams), unit="", bar=1)
    recorded_s = streams[0]["recorded_s"]
    yield Row(what=f"{what}, sent", figure=encoder.sent_s, unit="s")
    yield Row(what=f"{what}, recorded", figure=recorded_s, unit="s")
    difference_s = abs(recorded_s - encoder.sent_s)
    yield Row(what=f"{what}, difference", figure=difference_s, unit="s", bar=segment_s)
    warm = memory_mb[int(len(memory_mb) * _WARM_SHARE) :]
    tenth = max(1, len(warm) // 10)
    grown_mb = percentile(warm[-tenth:], 0.5) - percentile(warm[:tenth], 0.5)
    yield Row(what=f"{what}, memory of the origin in the end", figure=memory_mb[-1], unit="MB")
    yield Row(what=f"{what}, memory of the origin, growth", figure=grown_mb, unit="MB", bar=GROWTH_BAR_MB)
