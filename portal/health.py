"""`/livez`: does this process answer? `/readyz`: do the parts that it needs answer as well?

Both, and `/metrics`, are answered ahead of everything else: without a session, and under whatever
Host header the prober sends. What failed is named to the prober; why it failed is told to the log only.
"""

import asyncio
import http.client
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

import psycopg
import redis.asyncio
import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase

from portal.celery import app as celery_app
from portal.telemetry.correlation import outgoing_headers
from portal.telemetry.metrics import answer_metrics

_CHECK_LIMIT_S = 1.0
# However many ask, the parts are asked once in this time.
_CACHED_S = 1.0

log = structlog.get_logger("nova.health")

Check = Callable[[], Awaitable[None]]


async def check_database() -> None:
    parameters = connection.get_connection_params()
    # A connection of our own: an exhausted pool is load, not an outage.
    names = ("host", "port", "dbname", "user", "password", "sslmode", "sslrootcert")
    chosen = {name: parameters[name] for name in names if name in parameters}
    async with await psycopg.AsyncConnection.connect(**chosen) as database:
        await database.execute("SELECT 1")


async def check_redis() -> None:
    async with redis.asyncio.from_url(settings.NOVA_REDIS_URL) as client:
        # Typed for both of the library's flavours.
        await cast("Awaitable[bool]", client.ping())


async def check_broker() -> None:
    def ping() -> None:
        limits = {"socket_connect_timeout": _CHECK_LIMIT_S, "socket_timeout": _CHECK_LIMIT_S}
        options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **limits}
        with celery_app.connection_for_read(transport_options=options) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0)

    await asyncio.to_thread(ping)


async def check_origin() -> None:
    def fetch() -> None:
        url = urlsplit(settings.NOVA_ORIGIN_INTERNAL_URL)
        connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        with closing(connect(url.netloc, timeout=_CHECK_LIMIT_S)) as origin:
            origin.request("GET", f"{url.path}/livez", headers=outgoing_headers())
            status = origin.getresponse().status
        if status != HTTPStatus.OK:
            raise ConnectionError(f"origin answered {status}")

    await asyncio.to_thread(fetch)


CHECKS: Mapping[str, Check] = {
    "database": check_database,
    "redis": check_redis,
    "origin": check_origin,
    "broker": check_broker,
}


class Readiness:
    """The last verdict on every part, asked for anew when it is too old."""

    def __init__(self, checks: Mapping[str, Check] = CHECKS) -> None:
        self._checks = checks
        self._lock = asyncio.Lock()
        self._results: dict[str, str] = {}
        self._fresh_until = 0.0

    async def results(self) -> Mapping[str, str]:
        """Return "ok", "failed" or "timeout" for each part."""
        if time.monotonic() >= self._fresh_until:
            async with self._lock:
                # Whoever waited for the lock finds the answer there.
                if time.monotonic() >= self._fresh_until:
                    verdicts = await asyncio.gather(*(self._ask(part) for part in self._checks))
                    self._results = dict(zip(self._checks, verdicts, strict=True))
                    self._fresh_until = time.monotonic() + _CACHED_S
        return self._results

    async def _ask(self, part: str) -> str:
        verdict = "ok"
        try:
            await asyncio.wait_for(self._checks[part](), _CHECK_LIMIT_S)
        except TimeoutError:
            verdict = "timeout"
            log.warning("health.part_is_silent", part=part, limit_s=_CHECK_LIMIT_S)
        # A process boundary: whatever a driver raises, the prober gets its answer.
        except Exception as error:
            verdict = "failed"
            log.warning("health.part_failed", part=part, error=f"{type(error).__name__}: {error}")
        return verdict


async def answer_readyz(readiness: Readiness) -> HttpResponse:
    results = await readiness.results()
    is_ready = all(verdict == "ok" for verdict in results.values())
    status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    response = JsonResponse({"status": "ok" if is_ready else "unavailable", "checks": dict(results)}, status=status)
    if not is_ready:
        response.headers["Retry-After"] = "2"
    return response


class HealthMiddleware:
    """Answers `/livez`, `/readyz` and `/metrics`, GET and HEAD; passes everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._readiness = Readiness()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path not in {"/livez", "/readyz", "/metrics"}:
            return self._get_response(request)
        return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = self._choose_answer(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.method == "HEAD":
            response.content = b""
        return response

    def _choose_answer(self, request: HttpRequest) -> HttpResponse:
        match request.path:
            case "/readyz":
                # The parts are asked side by side, on the event loop.
                return async_to_sync(answer_readyz)(self._readiness)
            case "/metrics":
                return answer_metrics(request)
        return HttpResponse("ok\n", content_type="text/plain")
