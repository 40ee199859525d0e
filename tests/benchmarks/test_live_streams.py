"""The viewers and encoders of the benchmark of live streams, and whether they notice what is wrong."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from benchmarks.live_streams.blocked import Order, watch
from benchmarks.live_streams.encoding import Encoder, make_small_film
from portal.telemetry.asgi import Receive, Scope, Send
from tests.e2e.running import Portal
from tests.streaming.origin.serving import serving

pytestmark = [pytest.mark.asyncio, pytest.mark.enable_socket]

PARTS_PER_SEGMENT, PART_S = 2, 0.05


class Origin:
    """Lets everybody wait for the next part, and keeps those whose token is "late" for longer."""

    def __init__(self, *, status: int = 200) -> None:
        self._status = status
        self._started_s = time.monotonic()
        self.asked: list[tuple[int, int]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode())
        moment = int(query["_HLS_msn"][0]), int(query["_HLS_part"][0])
        self.asked.append(moment)
        due_s = self._started_s + (moment[0] * PARTS_PER_SEGMENT + moment[1]) * PART_S
        await asyncio.sleep(max(0.0, due_s - time.monotonic()) + (0.3 if "/late/" in scope["path"] else 0.0))
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})


def order(port: int, *tokens: str) -> Order:
    return Order(
        host="127.0.0.1",
        port=port,
        tokens=tokens,
        playlist="v/index.m3u8",
        msn=3,
        parts_per_segment=PARTS_PER_SEGMENT,
        parts=6,
    )


async def test_viewers_wait_for_part_after_part() -> None:
    origin = Origin()
    async with serving(origin) as port:
        seen = await watch(order(port, "a", "b"))
    assert sorted(set(origin.asked)) == [(3, 0), (3, 1), (4, 0), (4, 1), (5, 0), (5, 1)]
    # The first segment does not count, in which they come one by one.
    assert (seen.parts, seen.failures) == (4, [])
    assert 0 <= seen.p95_ms <= seen.last_ms


async def test_one_who_is_told_late_is_seen() -> None:
    async with serving(Origin()) as port:
        seen = await watch(order(port, "a", "late"))
    assert seen.last_ms > 250


async def test_refusals_are_told() -> None:
    async with serving(Origin(status=503)) as port:
        seen = await watch(order(port, "a"))
    assert len(seen.failures) == 6
    assert seen.failures[0].startswith("503")


@contextmanager
def publishing(folder: Path) -> Iterator[Encoder]:
    """Give an encoder that nobody listens to."""
    nobody = Portal(process=None, data_dir=folder, http_port=1, origin_port=1, rtmp_port=1)  # type: ignore[arg-type]
    encoder = Encoder(nobody, "key", film=make_small_film(folder))
    try:
        yield encoder
    finally:
        encoder.stop()


@pytest.mark.ffmpeg
async def test_an_encoder_that_nobody_takes_has_sent_nothing(tmp_path: Path) -> None:
    with publishing(tmp_path) as encoder:
        encoder.begin()
        encoder.lose_connection()
        encoder.stop()
        assert encoder.sent_s == 0
