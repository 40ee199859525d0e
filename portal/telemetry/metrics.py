"""Who may read the metrics of a process, and how web answers with its own."""

import os

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
# A proxy on this machine connects from loopback, on behalf of anybody.
SIGNS_OF_A_PROXY = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


def answer_metrics(request: HttpRequest) -> HttpResponse:
    """Answer with the metrics, or as if there were none."""
    if not may_read_metrics(
        authorization=request.headers.get("Authorization", ""),
        peer=request.META.get("REMOTE_ADDR", ""),
        is_proxied=any(header in request.headers for header in SIGNS_OF_A_PROXY),
    ):
        return HttpResponseNotFound()
    return HttpResponse(generate_latest(shared_registry()), content_type=CONTENT_TYPE_LATEST)


def shared_registry() -> CollectorRegistry:
    """Return this process's metrics, or those of all processes that share a folder for them with it.

    The variable is the library's own. It makes each process count in a file, which also outlives a restart.
    """
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def may_read_metrics(*, authorization: str, peer: str, is_proxied: bool) -> bool:
    """Tell whether a request comes from this machine itself, or bears NOVA_METRICS_TOKEN."""
    scheme, _, presented = authorization.partition(" ")
    if settings.NOVA_METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(presented, settings.NOVA_METRICS_TOKEN)
    return peer in _LOOPBACK and not is_proxied
