"""Beacons to send, and a door to send them to."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec
import redis

from analytics.beacons.endpoint import BeaconEndpoint
from analytics.beacons.log import MOST_KEPT, BeaconLog
from analytics.beacons.token import BeaconClaims, sign_beacon_token
from analytics.records import LOG, RECORD, Beacon
from portal import clock
from portal.ids import uuid7
from streaming.keys import playback_keyring

JSON = "application/json"


def make_claims(**changes: Any) -> BeaconClaims:
    """Return those of a session that begins now."""
    at = clock.now()
    given = {
        "session": uuid7(at).hex,
        "subject": "movie:7",
        "viewer": "0123456789abcdef" * 2,
        "expires_s": int(at.timestamp()) + 3600,
        "user": 42,
        "length_ms": 596_400,
        "device": "phone",
        "country": "TH",
    }
    return BeaconClaims(**{**given, **changes})


def make_token(**changes: Any) -> str:
    return sign_beacon_token(make_claims(**changes), playback_keyring())


def now_ms() -> int:
    return int(clock.now().timestamp() * 1000)


def make_event(**changes: Any) -> dict[str, Any]:
    return {"e": "t", "ts": now_ms(), "sn": 0, "sta": "p", **changes}


def make_body(token: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"v": 1, "token": token or make_token(), "sent": now_ms(), "ev": [make_event()], **changes}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["content-type"] == "application/problem+json"
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        assert document["request_id"] == self.headers["x-request-id"]
        return document


@dataclass
class Door:
    """An endpoint that is asked as a server would ask it."""

    redis_url: str
    most_kept: int = MOST_KEPT
    log: BeaconLog = field(init=False)
    endpoint: BeaconEndpoint = field(init=False)
    # One loop for all that is asked of it, as in a process.
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def __post_init__(self) -> None:
        self.log = BeaconLog(self.redis_url, clock_ms=now_ms, most_kept=self.most_kept)
        self.endpoint = BeaconEndpoint(self.log)

    async def send(self, body: object, *, method: str = "POST", pieces: int = 1, **headers: str) -> Reply:
        """Send a body, as JSON unless it is bytes; `pieces` is in how many messages it comes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        size = max(1, -(-len(content) // pieces))
        parts = [content[start : start + size] for start in range(0, len(content), size)] or [b""]
        messages = [
            {"type": "http.request", "body": part, "more_body": index < len(parts) - 1}
            for index, part in enumerate(parts)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await self.endpoint(self._scope(method, {"content_type": JSON, **headers}), receive, send)
        start, rest = sent
        return Reply(
            status=start["status"],
            headers={name.decode(): value.decode() for name, value in start["headers"]},
            body=rest["body"],
        )

    def _scope(self, method: str, headers: dict[str, str]) -> dict[str, Any]:
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items() if value]
        path = "/api/v1/beacons/"
        return {"type": "http", "method": method, "path": path, "raw_path": quote(path).encode(), "headers": raw}

    def send_once(self, body: object, **options: Any) -> Reply:
        return self.runner.run(self.send(body, **options))


def logged(redis_url: str) -> list[Beacon]:
    """Return what was written, the earliest first."""
    with redis.Redis.from_url(redis_url) as client:
        entries: Any = client.xrange(LOG)
    return [msgspec.msgpack.decode(entry[RECORD], type=Beacon) for _, entry in entries]
