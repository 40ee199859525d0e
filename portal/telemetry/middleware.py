"""Give every request its correlation id before anything logs, and one line when it is answered."""

import time
from collections.abc import Callable
from typing import Any, cast

import structlog
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import LazyObject, empty

from portal.telemetry.correlation import HEADER, accept_request_id
from portal.telemetry.request_log import log_request
from portal.telemetry.tracing import describe_request


class RequestLogMiddleware:
    """Take the client's X-Request-ID if its form is acceptable, make one otherwise, and send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = _begin(request)
        return _finish(request, self._get_response(request), started)


# Sent when the response is closed, so that a streamed body still logs with its id.
@receiver(request_finished)
def _forget(**_: Any) -> None:
    structlog.contextvars.clear_contextvars()


def _begin(request: HttpRequest) -> float:
    structlog.contextvars.clear_contextvars()
    request_id = accept_request_id(request.headers.get(HEADER))
    request.META["HTTP_X_REQUEST_ID"] = request_id
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return time.perf_counter()


def _finish(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    response.headers[HEADER] = cast("str", request.META["HTTP_X_REQUEST_ID"])
    if (user_id := _known_user_id(request)) is not None:
        structlog.contextvars.bind_contextvars(user_id=user_id)
    describe_request(method=str(request.method), route=_route(request), status=response.status_code)
    log_request(method=str(request.method), path=request.path, status=response.status_code, started=started)
    return response


def _known_user_id(request: HttpRequest) -> int | None:
    """Return who asked, if somebody looked it up while answering: a log line is no reason for a query."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user.__dict__["_wrapped"] is empty:
        return None
    return getattr(user, "pk", None)


def _route(request: HttpRequest) -> str:
    return f"/{request.resolver_match.route}" if request.resolver_match else ""
