import asyncio
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from streaming.origin.metrics import IngestCollector
from streaming.rtmp.connection import ServerCounters
from tests.streaming.origin.media import SEGMENT, ask, make_token, origin_of, write_package


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"nova_origin_{name}", labels) or 0.0


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


def test_media_is_counted_by_kind_and_status(tmp_path: Path) -> None:
    write_package(tmp_path)
    names = {
        "good": ("media_requests_total", {"kind": "segment", "status": "200"}),
        "refused": ("media_requests_total", {"kind": "segment", "status": "403"}),
        "nowhere": ("media_requests_total", {"kind": "none", "status": "404"}),
        "bytes": ("media_sent_bytes_total", {"kind": "segment"}),
        "first": ("media_first_byte_seconds_count", {"kind": "segment"}),
    }
    before = {what: figure(name, **labels) for what, (name, labels) in names.items()}

    async def ask_all() -> int:
        with origin_of(tmp_path) as origin:
            await ask(origin, f"/m/{make_token()}/v720p/1.m4s")
            refusal = await ask(origin, "/m/forged/v720p/1.m4s")
            await ask(origin, f"/m/{make_token()}/../secret_key", method="HEAD")
            return len(refusal.body)

    told = asyncio.run(ask_all())
    grown = {what: figure(name, **labels) - before[what] for what, (name, labels) in names.items()}
    assert grown == {"good": 1, "refused": 1, "nowhere": 1, "bytes": len(SEGMENT) + told, "first": 2}
    assert figure("media_open_answers") == 0


def test_no_label_holds_what_a_stranger_sent(tmp_path: Path) -> None:
    write_package(tmp_path)

    async def ask_all() -> None:
        with origin_of(tmp_path) as origin:
            for path in ("/m/stranger/stranger.m3u8", "/m/stranger/stranger.exe", "/m/stranger"):
                await ask(origin, path)
            await ask(origin, "/m/x/y.m4s", method="STRANGER")

    asyncio.run(ask_all())
    assert b"stranger" not in generate_latest(REGISTRY).lower()
