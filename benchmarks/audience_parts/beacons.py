"""Beacons that one web process takes per second of processor time.

    .venv/bin/python -m benchmarks.audience beacons

A real `manage.py run_web` and a Redis of its own; some thousand players tell over connections that stay open, as an
edge keeps them, each its own session and as much as a player says. What counts is the processor time of the web
process, so neighbours on the machine and the players' own share do not matter. The log is counted afterwards: whatever
was answered with 204 has to be there.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
import redis

from analytics.beacons.token import BeaconClaims, sign_beacon_token
from analytics.records import LOG
from benchmarks.results import Row
from portal.clock import now
from portal.ids import uuid7
from streaming.tokens import Key, Keyring
from tests.portal.processes import Web, running_web
from tests.redis_servers import running_redis

SECONDS = 20
SESSIONS = 5000
CONNECTIONS = 64
BAR_PER_CORE = 1500


@dataclass
class Told:
    """What was answered, by the first line of the answer."""

    answers: dict[bytes, int] = field(default_factory=dict)

    def add(self, status: bytes) -> None:
        self.answers[status] = self.answers.get(status, 0) + 1


class Player(asyncio.Protocol):
    """Sends one beacon after another on one connection, until it is told to stop."""

    def __init__(self, requests: Iterator[bytes], told: Told) -> None:
        self._requests = requests
        self._told = told
        self._transport: asyncio.Transport | None = None
        self.is_over = False
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        # Answers of 204 are a head and no more, and come in one piece.
        self._told.add(data[9:12])
        assert self._transport is not None
        if self.is_over:
            self._transport.close()
        else:
            self._transport.write(next(self._requests))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(error)


def measure_beacons(seconds: float = SECONDS) -> Iterator[Row]:
    """Yield the rows; it takes half a minute."""
    secret = secrets.token_hex(32)
    keyring = Keyring(Key(id=1, secret=secret.encode()))
    with running_redis() as store:
        env = {
            "REDIS_URL": store.url,
            "NOVA_PLAYBACK_KEYS": f"1:{secret}",
            "NOVA_SECRET_KEY": secret,
            "NOVA_LOG_LEVEL": "INFO",
            # What is measured is taking beacons, not asking for fewer.
            "NOVA_BEACONS_PER_S": "1000000",
        }
        with running_web(env) as web:
            yield from _figures(web, store.url, keyring, seconds)


def _figures(web: Web, redis_url: str, keyring: Keyring, seconds: float) -> Iterator[Row]:
    (process,) = (each for each in psutil.Process().children() if "run_web" in each.cmdline())
    requests = _requests(keyring, web.port)
    asyncio.run(_tell(web.port, requests, seconds=2))
    with redis.Redis.from_url(redis_url) as client:
        logged_before = int(client.xlen(LOG))
        before, started = _processor_s(process), time.perf_counter()
        told = asyncio.run(_tell(web.port, requests, seconds=seconds))
        taken_s, passed_s = _processor_s(process) - before, time.perf_counter() - started
        # Nothing is trimmed yet: it is kept for longer than this takes.
        added = int(client.xlen(LOG)) - logged_before
    taken = told.answers.pop(b"204", 0)
    yield Row(
        what="beacons per core: by processor time of the web process",
        figure=taken / taken_s,
        unit="/s",
        bar=BAR_PER_CORE,
        is_least=True,
    )
    yield Row(what="processor time of one", figure=taken_s / taken * 1e6, unit="us")
    yield Row(what="beacons in the measured time", figure=taken / passed_s, unit="/s")
    yield Row(what=f"other answers, of {taken}", figure=sum(told.answers.values()), unit="", bar=0)
    yield Row(what="beacons that were taken and are not in the log", figure=max(0, taken - added), unit="", bar=0)


async def _tell(port: int, requests: Iterator[bytes], *, seconds: float) -> Told:
    told, loop = Told(), asyncio.get_running_loop()
    players = [
        (await loop.create_connection(lambda: Player(requests, told), "127.0.0.1", port))[1] for _ in range(CONNECTIONS)
    ]
    await asyncio.sleep(seconds)
    for player in players:
        player.is_over = True
    await asyncio.gather(*(player.ended for player in players))
    return told


def _requests(keyring: Keyring, port: int) -> Iterator[bytes]:
    """Yield beacons of one session after another, and begin anew: none says more often than it may."""
    requests = [_request(keyring, port) for _ in range(SESSIONS)]
    while True:
        yield from requests


def _request(keyring: Keyring, port: int) -> bytes:
    at = now()
    at_ms = int(at.timestamp() * 1000)
    claims = BeaconClaims(
        session=uuid7(at).hex,
        subject="movie:7",
        viewer=secrets.token_hex(16),
        expires_s=int(at.timestamp()) + 3600,
        user=42,
        length_ms=5_640_000,
        device="desktop",
        country="TH",
    )
    event = {
        **{"e": "t", "ts": at_ms, "sn": 7, "sta": "p", "pt": 64_220, "pr": 1, "msd": 431, "bl": [28_400]},
        **{"bsa": [1], "bsda": [312], "dfa": 4, "br": [4800], "mtp": [21_300], "nova-watch": 61_904, "nova-seek": 240},
        **{"nova-ups": 2, "nova-downs": 0, "nova-upscale": [0.04, 0.5], "nova-rate": 297_139_200},
        **{"nova-bytes": 38_114_503, "nova-q": "1080p", "nova-hidden": False},
    }
    body = json.dumps(
        {"v": 1, "token": sign_beacon_token(claims, keyring), "sent": at_ms, "ev": [event]}, separators=(",", ":")
    ).encode()
    head = (
        "POST /api/v1/beacons/ HTTP/1.1",
        f"Host: localhost:{port}",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36",
        f"Origin: http://localhost:{port}",
        "Accept: */*",
        "Accept-Language: th,en;q=0.8",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + body


def _processor_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
