"""Checks a server of low-latency HLS and DASH from outside, whoever wrote it.

    .venv/bin/python -m benchmarks.live_conformance URL [--publish RTMP_URL] [--watch SECONDS] [--idle SECONDS]
        [--also URL]...

URL is that of a multivariant playlist; `manifest.mpd` is looked for beside it. With --publish, a broadcaster is sent to
that address first, who is frozen, cut off and stopped in the course of the checks: what is checked then is a stream of
this address. --also are the addresses of the same stream that other viewers have, where a server limits what one of
them may ask at once. Exits with 1 when something does not hold.
"""

import argparse
import asyncio
import sys

import httpx

from benchmarks.live_conformance.publishing import Broadcaster
from benchmarks.live_conformance.running import Looking, Verdict, check_stream

_STARTED_S = 30


def main() -> int:
    """Print what came of each check; return the exit status."""
    parser = argparse.ArgumentParser(description="Checks a live stream from outside.")
    parser.add_argument("url")
    parser.add_argument("--publish", default=None, metavar="RTMP_URL")
    parser.add_argument("--watch", type=float, default=120.0, metavar="SECONDS")
    parser.add_argument("--idle", type=float, default=300.0, metavar="SECONDS")
    parser.add_argument("--also", action="append", default=[], metavar="URL")
    chosen = parser.parse_args()
    looking = Looking(watch_s=chosen.watch, idle_s=chosen.idle, others=tuple(chosen.also))
    verdicts = asyncio.run(_check(chosen.url, chosen.publish, looking))
    for verdict in sorted(verdicts, key=lambda verdict: verdict.number):
        print(f"{verdict.number} {verdict.name}: {verdict.fault or 'holds'}")
    return int(any(verdict.fault for verdict in verdicts))


async def _check(url: str, publish: str | None, looking: Looking) -> list[Verdict]:
    if publish is None:
        return await check_stream(url, broadcaster=None, looking=looking)
    broadcaster = Broadcaster(publish)
    await broadcaster.begin()
    try:
        await _until_there(url)
        return await check_stream(url, broadcaster=broadcaster, looking=looking)
    finally:
        await broadcaster.close()


async def _until_there(url: str) -> None:
    async with asyncio.timeout(_STARTED_S), httpx.AsyncClient(trust_env=False) as client:
        while (await client.get(url, timeout=_STARTED_S)).status_code != 200:
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
