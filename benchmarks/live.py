"""Live streams from an encoder to a viewer's screen.

    .venv/bin/python -m benchmarks.live [PARTS: states glass soak publishers blocked ingest] [--minutes N]

`states` begins broadcasts before an open page and ends them. `glass` reads the clock in the picture that Chromium
shows, with hls.js and with dash.js, and with nginx-rtmp in Nova's place. `soak` broadcasts for half an hour, or so many
minutes, and loses the connection for 5, 15 and 25 s. `publishers` has 20 encoders at once of a small stream that is
passed on as it is, `blocked` a thousand viewers who wait for each part of one of those, and `ingest` counts what a
megabit costs. All of it runs on this machine, which encodes as well: leave it alone meanwhile. Exits with 1 when a bar
is missed.
"""

import asyncio
import sys
import tempfile
import time
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from fractions import Fraction
from functools import partial
from pathlib import Path

from playwright.sync_api import Page

from benchmarks import rtmp_ingest
from benchmarks.big_catalogue.running import run_within
from benchmarks.live_streams.beside import watched_beside
from benchmarks.live_streams.blocked import Order, Seen
from benchmarks.live_streams.encoding import SMALL_RATE, Encoder, encoder_of, make_small_film
from benchmarks.live_streams.soak import measure_soak
from benchmarks.live_streams.stage import browser, live_portal, open_page, seen_of, streams_of, wait_for
from benchmarks.media_delivery.ordering import carry_out
from benchmarks.origin import processor_time
from benchmarks.results import Row, percentile, print_rows
from streaming.media.live.timing import LiveTiming
from tests.e2e.broadcasting import delay_shown
from tests.e2e.running import Portal

BROADCASTS = 5
ACTIVE_BAR_MS, PICTURE_BAR_MS, END_BAR_MS = 1000.0, 4000.0, 1000.0
SETTLING_S, WATCHED_S, LOOK_S = 15.0, 300.0, 0.1
HLS_BARS_MS = {0.5: 1200.0, 0.95: 1600.0}
DASH_BARS_MS = {0.95: 6000.0}
PUBLISHERS = 20
VIEWERS, PARTS_WAITED_FOR, SPREAD_BAR_MS = 1000, 60, 150.0


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; 1 if a bar is missed."""
    parser = ArgumentParser()
    parser.add_argument("parts", nargs="*", default=[*PARTS], choices=[*PARTS])
    parser.add_argument("--minutes", type=float, default=30.0)
    chosen = parser.parse_args(list(arguments))
    parts = PARTS | {"soak": partial(measure_soak, minutes=chosen.minutes)}
    return print_rows(row for name in chosen.parts for row in parts[name]())


def measure_states() -> Iterator[Row]:
    """Begin broadcasts before a page that is open, and end them."""
    active_ms, picture_ms, end_ms = list[float](), list[float](), list[float]()
    with live_portal() as portal, browser() as chromium, encoder_of(portal) as encoder:
        for _ in range(BROADCASTS):
            page = open_page(chromium, portal)
            encoder.begin()
            seen = seen_of(page, "seen.pictureMs")
            stream = streams_of(portal)[0]
            active_ms.append(1000 * (stream["active_at"] - stream["started_at"]))
            picture_ms.append(seen["pictureMs"] - 1000 * stream["started_at"])
            stopped_ms = 1000 * time.time()
            encoder.stop()
            end_ms.append(seen_of(page, "seen.phases.ended")["phases"]["ended"] - stopped_ms)
            page.context.close()
    what = f"{BROADCASTS} broadcasts"
    yield Row(what=f"{what}, publish accepted to active, longest", figure=max(active_ms), unit="ms", bar=ACTIVE_BAR_MS)
    yield Row(
        what=f"{what}, publish accepted to the first picture in an open page, longest",
        figure=max(picture_ms),
        unit="ms",
        bar=PICTURE_BAR_MS,
    )
    yield Row(what=f"{what}, stop to viewers told, longest", figure=max(end_ms), unit="ms", bar=END_BAR_MS)


def measure_glass() -> Iterator[Row]:
    """Read how old the picture is that a viewer sees."""
    with live_portal() as portal, browser() as chromium, encoder_of(portal) as encoder:
        encoder.begin()
        wait_for(portal, lambda streams: bool(streams and streams[0]["playable_at"]))
        for name, query, bars in (("LL-HLS", "", HLS_BARS_MS), ("DASH", "?engine=dash", DASH_BARS_MS)):
            page = open_page(chromium, portal, query)
            seen_of(page, "seen.pictureMs")
            yield from _glass_rows(name, page, bars)
            page.context.close()
        encoder.stop()
        with watched_beside(chromium) as page:
            seen_of(page, "seen.pictureMs")
            yield from _glass_rows("HLS of nginx-rtmp beside it", page, {}, stalls_bar=None)


def _glass_rows(name: str, page: Page, bars: dict[float, float], *, stalls_bar: int | None = 0) -> Iterator[Row]:
    page.wait_for_timeout(1000 * SETTLING_S)
    waits_before = page.evaluate("() => seen.waits")
    delays_ms, until = list[float](), time.monotonic() + WATCHED_S
    while time.monotonic() < until:
        delay_s = delay_shown(page)
        if delay_s is not None:
            delays_ms.append(1000 * delay_s)
        page.wait_for_timeout(1000 * LOOK_S)
    for share in (0.5, 0.95):
        figure = percentile(delays_ms, share)
        yield Row(what=f"{name}, glass to glass, p{share * 100:.0f}", figure=figure, unit="ms", bar=bars.get(share))
    waits = page.evaluate("() => seen.waits") - waits_before
    yield Row(what=f"{name}, stalls in {WATCHED_S / 60:.0f} minutes", figure=waits, unit="", bar=stalls_bar)


def measure_publishers() -> Iterator[Row]:
    """Let many small encoders begin at once."""
    with live_portal() as portal, tempfile.TemporaryDirectory() as folder:
        film = make_small_film(Path(folder))
        secrets = run_within(portal, "benchmarks.live_streams.within", "channels", str(PUBLISHERS)).split()
        encoders = [
            Encoder(portal, secret, film=film, address=f"127.0.1.{number}")
            for number, secret in enumerate(secrets, start=1)
        ]
        try:
            for encoder in encoders:
                encoder.begin()
            yield from _publishers_rows(portal)
        finally:
            for encoder in encoders:
                encoder.stop()


def _publishers_rows(portal: Portal) -> Iterator[Row]:
    try:
        streams = wait_for(portal, lambda found: sum(bool(each["playable_at"]) for each in found) >= PUBLISHERS)
    except TimeoutError:
        streams = streams_of(portal)
    taken_s = [each["playable_at"] - each["started_at"] for each in streams if each["playable_at"]]
    what = f"{PUBLISHERS} publishers of a small stream"
    yield Row(what=f"{what}, playable", figure=len(taken_s), unit="", bar=PUBLISHERS, is_least=True)
    if taken_s:
        yield Row(what=f"{what}, accepted to playable, longest", figure=max(taken_s), unit="s")
    started = time.monotonic()
    with processor_time(portal) as cpu_s:
        time.sleep(SETTLING_S)
    cores = cpu_s[0] / (time.monotonic() - started)
    yield Row(what=f"{what}, processors taken by the origin without its encoders", figure=cores, unit="cores")
    streams = streams_of(portal)
    passed_on = sum(each["is_passed_on"] for each in streams)
    yield Row(what=f"{what}, passed on and not encoded", figure=passed_on, unit="", bar=PUBLISHERS, is_least=True)
    still = sum(each["state"] == "ACTIVE" for each in streams)
    yield Row(what=f"{what}, on air {SETTLING_S:.0f} s later", figure=still, unit="", bar=PUBLISHERS, is_least=True)


def measure_blocked() -> Iterator[Row]:
    """Let a thousand viewers wait for each part of a small stream that is passed on: they are what it is about."""
    with (
        live_portal() as portal,
        tempfile.TemporaryDirectory() as folder,
        encoder_of(portal, film=make_small_film(Path(folder))) as encoder,
    ):
        encoder.begin()
        (stream, *_) = wait_for(portal, lambda streams: bool(streams and streams[0]["playable_at"]))
        tokens = run_within(portal, "benchmarks.media_delivery.tokens", stream["package"], str(VIEWERS)).split()
        order = _order(portal, tokens)
        with processor_time(portal) as cpu_s:
            started = time.monotonic()
            seen = Seen(**carry_out("benchmarks.live_streams.blocked", asdict(order)))
            seconds = time.monotonic() - started
    what = f"{VIEWERS} blocked viewers"
    for failure in sorted(set(seen.failures))[:5]:
        print(f"  {seen.failures.count(failure)} x {failure}", file=sys.stderr)
    yield Row(what=f"{what}, errors", figure=len(seen.failures), unit="", bar=0)
    yield Row(what=f"{what}, parts that they were told of", figure=seen.parts, unit="", bar=1, is_least=True)
    yield Row(what=f"{what}, behind the first who is told, p95", figure=seen.p95_ms, unit="ms", bar=SPREAD_BAR_MS)
    yield Row(what=f"{what}, behind the first who is told, last", figure=seen.last_ms, unit="ms")
    yield Row(what=f"{what}, processors taken by the origin", figure=cpu_s[0] / seconds, unit="cores")
    yield Row(what=f"{what}, processors taken by the viewers themselves", figure=seen.own_cpu, unit="cores")


def _order(portal: Portal, tokens: Sequence[str]) -> Order:
    below = f"{portal.origin_url}/m/{tokens[0]}"
    playlist = next(line for line in _fetch(f"{below}/master.m3u8").splitlines() if line and line[0] != "#")
    hint = next(line for line in _fetch(f"{below}/{playlist}").splitlines() if "PRELOAD-HINT" in line)
    msn = int(hint.partition('URI="')[2].partition("-")[0])
    timing = LiveTiming()
    return Order(
        host="127.0.0.1",
        port=portal.origin_port,
        tokens=tokens,
        playlist=playlist,
        # The segment behind the one that is open now: no later one may be waited for.
        msn=msn + 1,
        parts_per_segment=round(timing.segment_s / timing.fitted(Fraction(SMALL_RATE)).part_s),
        parts=PARTS_WAITED_FOR,
    )


def _fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
    return content.decode()


def measure_ingest() -> Iterator[Row]:
    """Count what taking a megabit costs, with the socket."""
    for chunk_bytes, bar_ms in rtmp_ingest.BARS_MS.items():
        programme = rtmp_ingest.build_programme(chunk_bytes)
        runs = (asyncio.run(rtmp_ingest.measure_socket(chunk_bytes, programme)) for _ in range(rtmp_ingest.RUNS))
        # Hundredths of a millisecond are what it is about.
        figure_us = min(runs) * 1e6 / (len(programme) * 8 / 1e6)
        what = f"ingest, processor time a megabit at chunks of {chunk_bytes} bytes"
        yield Row(what=what, figure=figure_us, unit="µs", bar=1000 * bar_ms)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "states": measure_states,
    "glass": measure_glass,
    "soak": partial(measure_soak, minutes=30.0),
    "publishers": measure_publishers,
    "blocked": measure_blocked,
    "ingest": measure_ingest,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
