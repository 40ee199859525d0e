"""Where players tell how they fare: a raw ASGI application, as it is asked more often than all the rest together.

Nothing is looked up. The token says whose beacon it is, and Redis takes it; whoever counts reads it there.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from prometheus_client import Counter

from analytics.beacons import answers
from analytics.beacons.answers import Answer
from analytics.beacons.body import MOST_BYTES, parse_body
from analytics.beacons.limits import Crowd, SessionLimits
from analytics.beacons.log import BeaconLog, LogUnavailable
from analytics.beacons.membership import PATH
from analytics.beacons.reading import AHEAD, read_beacon
from analytics.beacons.token import BeaconClaims, ExpiredToken, ForgedToken, verify_beacon_token
from analytics.errors import BeaconTokenExpired, BeaconTokenForged
from analytics.records import INTERVAL_S
from portal import clock
from portal.errors import (
    InvalidInput,
    MalformedRequest,
    MethodNotAllowed,
    PortalError,
    RequestTooLarge,
    ServiceUnavailable,
    TooManyRequests,
    Transient,
    UnsupportedMediaType,
)
from portal.telemetry.asgi import Receive, Scope, Send
from portal.telemetry.correlation import HEADER, accept_request_id
from portal.telemetry.request_log import log_request
from portal.telemetry.tracing import describe_request
from streaming.keys import playback_keyring

# How often players tell while they are too many.
SLOW_INTERVAL_S: Final = 20
_BODY_WITHIN_S: Final = 5
_MOST_DIGITS: Final = 18
# What sendBeacon sends is text, unless a page of ours is asked for leave first.
_TYPES: Final = frozenset({b"application/json", b"text/plain"})
_REQUEST_ID: Final = HEADER.lower().encode()
_TAKEN, _SLOWED = "taken", "slowed"

_beacons = Counter("nova_beacons", "Beacons of players, by what became of them.", ["result"])


class ClientGone(Exception):
    """Whoever sent the request is gone before its end: there is nobody to answer."""


class BeaconEndpoint:
    """Takes beacons in for one process."""

    def __init__(self, log: BeaconLog) -> None:
        self._log = log
        self._limits = SessionLimits()
        self._crowd = Crowd(settings.NOVA_BEACONS_PER_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = dict(scope["headers"])
        request_id = accept_request_id(headers.get(_REQUEST_ID, b"").decode("latin-1"))
        try:
            answer = await self._answer(scope["method"], headers, receive)
        except PortalError as error:
            structlog.contextvars.bind_contextvars(request_id=request_id)
            _beacons.labels(_result_of(error)).inc()
            answer = answers.refusal(error)
            # What passes by itself is counted; a crowd's worth of lines would help nobody.
            if not isinstance(error, Transient):
                log_request(method=scope["method"], path=PATH, status=answer.status, started=started)
        except ClientGone:
            return
        describe_request(method=scope["method"], route=PATH, status=answer.status)
        await answers.send_answer(send, answer, request_id=request_id, origin=headers.get(b"origin", b""))

    async def _answer(self, method: str, headers: Mapping[bytes, bytes], receive: Receive) -> Answer:
        if method == "OPTIONS":
            return answers.options(is_preflight=b"access-control-request-method" in headers)
        if method != "POST":
            raise MethodNotAllowed
        if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() not in _TYPES:
            raise UnsupportedMediaType
        return await self._take(await _read_body(headers, receive))

    async def _take(self, content: bytes) -> Answer:
        body = parse_body(content)
        at_s = clock.now().timestamp()
        claims = _claims_of(body.token, at_s)
        if not self._limits.takes(claims.session, at_s=at_s, events=len(body.ev)):
            raise TooManyRequests(scope="beacons", retry_after_s=1)
        is_crowded = self._crowd.is_too_large(at_s=at_s)
        interval_s = SLOW_INTERVAL_S if is_crowded else INTERVAL_S
        # Whoever counts has to know for how long this player may be silent.
        beacon = read_beacon(body, claims, received_ms=int(at_s * 1000), interval_s=interval_s)
        try:
            await self._log.write(beacon)
        except LogUnavailable as error:
            raise ServiceUnavailable(part="redis") from error
        _beacons.labels(_SLOWED if is_crowded else _TAKEN).inc()
        return answers.slow_down(interval_s) if is_crowded else answers.TAKEN


def build_endpoint() -> BeaconEndpoint:
    """Return the endpoint as the settings want it."""
    return BeaconEndpoint(BeaconLog(settings.NOVA_REDIS_URL, clock_ms=lambda: int(clock.now().timestamp() * 1000)))


def _result_of(error: PortalError) -> str:
    """Return as what a refusal is counted."""
    is_ahead = isinstance(error, InvalidInput) and any(fault.code == AHEAD for fault in error.errors)
    return AHEAD if is_ahead else error.code


def _claims_of(token: str, at_s: float) -> BeaconClaims:
    try:
        return verify_beacon_token(token, playback_keyring(), at_s=at_s)
    except ForgedToken as error:
        raise BeaconTokenForged from error
    except ExpiredToken as error:
        raise BeaconTokenExpired from error


async def _read_body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    announced = headers.get(b"content-length", b"0")
    # Python makes no number of thousands of digits.
    if announced.isdigit() and (len(announced) > _MOST_DIGITS or int(announced) > MOST_BYTES):
        raise RequestTooLarge(limit_bytes=MOST_BYTES)
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            return await _receive_all(receive)
    except TimeoutError as error:
        raise MalformedRequest(_("The body did not come in time.")) from error


async def _receive_all(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece: bytes = message.get("body", b"")
        body += piece
        if len(body) > MOST_BYTES:
            raise RequestTooLarge(limit_bytes=MOST_BYTES)
        if not message.get("more_body"):
            return body
