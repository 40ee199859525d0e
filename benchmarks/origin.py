"""What the origin gives out: as much as it can, a thousand people who watch a film, and nginx that asks it.

    .venv/bin/python -m benchmarks.origin [PARTS: origin revocation viewers nginx-mode]

A film of 4 s segments (1 MB of picture, 64 kB of sound) is written below the media folder of a portal, and tokens for
it are signed with the portal's key. Whoever fetches is a process of its own on the same machine, so both share its
cores; what the viewers took is told. Exits with 1 when a bar is missed.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

import psutil

from benchmarks.big_catalogue.running import READY, run_within
from benchmarks.media_delivery.fetching import fetch_all
from benchmarks.media_delivery.films import write_film
from benchmarks.media_delivery.nginx_mode import measure_nginx_mode
from benchmarks.media_delivery.ordering import carry_out
from benchmarks.media_delivery.viewers import Order, Seen
from benchmarks.results import Row, percentile, print_rows
from tests.e2e.running import ROOT, Portal, start_portal, status

VIEWERS, FILM_S = 1000, 45.0
CONNECTIONS, FETCH_S = 16, 6.0
FIRST_BYTE_BAR_MS = 100.0
REVOCATIONS, REVOCATION_BAR_MS = 20, 1000.0
_PATIENCE_S = 30.0


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; 1 if a bar is missed."""
    chosen = arguments or tuple(PARTS)
    return print_rows(row for name in chosen for row in PARTS[name]())


@contextmanager
def portal_with_film() -> Iterator[tuple[Portal, list[str]]]:
    """Run a portal that has a film to give out, and tokens for it."""
    data_dir = Path(tempfile.mkdtemp(prefix="nova-bench-"))
    data_dir.chmod(0o711)
    try:
        portal = start_portal(data_dir, variables={"NOVA_DEMO_FILMS": "0"})
        try:
            portal.wait_for(READY, timeout_s=200)
            package = write_film(data_dir / "media")
            told = run_within(portal, "benchmarks.media_delivery.tokens", package, str(VIEWERS))
            yield portal, told.split()
        finally:
            portal.stop()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def send_viewers(order: Order) -> Seen:
    """Let viewers do what the order says, in a process of their own."""
    return Seen(**carry_out("benchmarks.media_delivery.viewers", asdict(order)))


def measure_capacity() -> Iterator[Row]:
    """Fetch 1 MB segments as fast as they come."""
    with portal_with_film() as (portal, tokens):
        below = f"http://127.0.0.1:{portal.origin_port}/m"
        urls = [f"{below}/{token}/v480p/{number + 1}.m4s" for number, token in enumerate(tokens[:CONNECTIONS])]
        with processor_time(portal) as taken_s:
            fetched = fetch_all(urls, seconds=FETCH_S)
    what = f"1 MB segments over {CONNECTIONS} connections"
    yield Row(what=what, figure=fetched.rate_mb_s, unit="MB/s")
    yield Row(what=f"{what}, processor time", figure=1e9 * taken_s[0] / fetched.size_bytes, unit="s/GB")
    yield Row(what=f"{what}, errors", figure=fetched.failures, unit="", bar=0)


def measure_viewers() -> Iterator[Row]:
    """Let a thousand people watch a film at its own pace."""
    with portal_with_film() as (portal, tokens):
        with processor_time(portal) as taken_s:
            seen = send_viewers(Order(host="127.0.0.1", port=portal.origin_port, tokens=tokens, seconds=FILM_S))
        memory_mb = portal.children()["origin"].memory_info().rss / 1e6
    yield from _viewers_rows(seen, f"{VIEWERS} viewers of a film")
    yield Row(what="processors taken by the origin", figure=taken_s[0] / seen.seconds, unit="cores")
    yield Row(what="processors taken by the viewers themselves", figure=seen.own_cpu, unit="cores")
    yield Row(what="memory of the origin", figure=memory_mb, unit="MB")


def measure_revocation() -> Iterator[Row]:
    """End sessions one after another, and ask for a segment again and again until it is refused."""
    with portal_with_film() as (portal, tokens), _revoker(portal) as (order, told):
        delays_ms = [_revocation_ms(portal, token, order, told) for token in tokens[:REVOCATIONS]]
    what = f"{REVOCATIONS} revocations, from the commit to the first refusal"
    yield Row(what=f"{what}, median", figure=percentile(delays_ms, 0.5), unit="ms")
    yield Row(what=f"{what}, longest", figure=max(delays_ms), unit="ms", bar=REVOCATION_BAR_MS)


def _revocation_ms(portal: Portal, token: str, order: IO[str], told: IO[str]) -> float:
    address = f"{portal.origin_url}/m/{token}/v480p/init.mp4"
    if status(address) != 200:
        raise RuntimeError("a good token was refused")
    order.write(f"{token}\n")
    order.flush()
    committed_s = float(told.readline())
    while status(address) != 403:
        if time.monotonic() > committed_s + _PATIENCE_S:
            raise RuntimeError("a revocation was not heard of")
        time.sleep(0.005)
    return 1000 * (time.monotonic() - committed_s)


@contextmanager
def _revoker(portal: Portal) -> Iterator[tuple[IO[str], IO[str]]]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.media_delivery.revoking"],
        env=portal.environment(),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("what revokes did not start")
        yield process.stdin, process.stdout


def _viewers_rows(seen: Seen, what: str) -> Iterator[Row]:
    for failure in sorted(set(seen.failures))[:5]:
        print(f"  {seen.failures.count(failure)} x {failure}", file=sys.stderr)
    times_ms = [first_byte_s * 1000 for first_byte_s in seen.first_byte_s]
    yield Row(what=f"{what}, requests", figure=len(times_ms), unit="")
    yield Row(what=f"{what}, errors", figure=len(seen.failures), unit="", bar=0)
    yield Row(what=f"{what}, first byte, median", figure=percentile(times_ms, 0.5), unit="ms")
    yield Row(what=f"{what}, first byte, p95", figure=percentile(times_ms, 0.95), unit="ms", bar=FIRST_BYTE_BAR_MS)
    yield Row(what=f"{what}, segments that came late", figure=seen.stalls, unit="")
    yield Row(what=f"{what}, sent", figure=seen.size_bytes / 1e6 / seen.seconds, unit="MB/s")


@contextmanager
def processor_time(portal: Portal) -> Iterator[list[float]]:
    """Give a list that holds the seconds of processor time, in the end, that the origin took meanwhile."""
    origin, taken_s = portal.children()["origin"], list[float]()
    before = _processor_s(origin)
    yield taken_s
    taken_s.append(_processor_s(origin) - before)


def _processor_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "origin": measure_capacity,
    "revocation": measure_revocation,
    "viewers": measure_viewers,
    "nginx-mode": measure_nginx_mode,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
