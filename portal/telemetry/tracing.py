"""Traces, sent to an OpenTelemetry collector when OTEL_EXPORTER_OTLP_ENDPOINT names one.

Without it nothing of OpenTelemetry is imported. Each process calls `set_up_tracing` once, after its last fork:
web in portal/asgi.py, worker and beat in portal/celery.py, origin where it starts. Incoming requests get their span
from `portal.telemetry.asgi`, the same for web and origin; the libraries' instrumentations do Celery, PostgreSQL and
Redis. All other OTEL_* variables are the SDK's own.
"""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from portal.telemetry.request_log import PROBES

_is_on = False
_UNRECORDED = nullcontext()


def set_up_tracing(process: str) -> None:
    """Record this process as the service `nova-<process>`; do nothing where no collector is named."""
    global _is_on
    if _is_on or not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    from django.conf import settings
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({SERVICE_NAME: f"nova-{process}", SERVICE_VERSION: settings.NOVA_VERSION})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    _instrument_libraries()
    _is_on = True


def shut_down_tracing() -> None:
    """Send what is still held back: a pool's child ends without running its exit handlers."""
    if _is_on:
        from opentelemetry import trace

        provider: Any = trace.get_tracer_provider()
        provider.shutdown()


def request_span(scope: MutableMapping[str, Any]) -> AbstractContextManager[None]:
    """Record one HTTP request or socket, as a part of the caller's trace if it names one; probes are not recorded."""
    return _record(scope) if _is_on and scope.get("path") not in PROBES else _UNRECORDED


@contextmanager
def _record(scope: MutableMapping[str, Any]) -> Iterator[None]:
    from opentelemetry import propagate, trace

    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    method = scope.get("method", "WEBSOCKET")
    with trace.get_tracer("nova").start_as_current_span(
        method,
        context=propagate.extract(carrier),
        kind=trace.SpanKind.SERVER,
        attributes={"http.request.method": method, "url.scheme": scope.get("scheme", "http")},
    ):
        yield


def describe_request(*, method: str, route: str, status: int) -> None:
    """Name the current request's span by its route, which bounds the number of names; "" where none matched."""
    if not _is_on:
        return
    from opentelemetry import trace

    span = trace.get_current_span()
    span.set_attribute("http.response.status_code", status)
    if route:
        span.update_name(f"{method} {route}")
        span.set_attribute("http.route", route)
    if status >= 500:
        span.set_status(trace.StatusCode.ERROR)


def _instrument_libraries() -> None:
    from opentelemetry.instrumentation.celery import CeleryInstrumentor
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
    from opentelemetry.instrumentation.redis import RedisInstrumentor

    # The versions are pinned; the instrumentations' own upper bounds lag behind what works (and is tested).
    instrumentors: tuple[Any, ...] = (CeleryInstrumentor, PsycopgInstrumentor, RedisInstrumentor)
    for instrumentor in instrumentors:
        instrumentor().instrument(skip_dep_check=True)
