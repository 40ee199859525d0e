"""Telemetry around a raw ASGI application: the correlation id, a span, and (for origin) one line per request."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog

from portal.telemetry.correlation import HEADER, accept_request_id
from portal.telemetry.request_log import log_request
from portal.telemetry.tracing import describe_request, request_span

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADER = HEADER.lower().encode()


def with_spans(application: Application) -> Application:
    """Wrap web's application: a span for each request and socket, and the correlation id for sockets.

    Requests get their id and their line from RequestLogMiddleware, which knows the user.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            structlog.contextvars.clear_contextvars()
            structlog.contextvars.bind_contextvars(request_id=_presented_or_new_id(scope))
        with request_span(scope):
            await application(scope, receive, send)

    return answer


def with_request_log(application: Application) -> Application:
    """Wrap a raw ASGI application (origin's): correlation id in and out, a span, one line per request."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        structlog.contextvars.clear_contextvars()
        request_id = _presented_or_new_id(scope)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        with request_span(scope):
            await _answer_and_log(application, scope, receive, send, request_id=request_id)

    return answer


async def _answer_and_log(
    application: Application, scope: Scope, receive: Receive, send: Send, *, request_id: str
) -> None:
    # What the client sees when the application fails before it answers.
    status, started = 500, time.perf_counter()
    own_header = (_HEADER, request_id.encode())

    async def send_with_id(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = int(message["status"])
            message = {**message, "headers": [*message.get("headers", ()), own_header]}
        await send(message)

    try:
        await application(scope, receive, send_with_id)
    finally:
        describe_request(method=scope["method"], route="", status=status)
        log_request(method=scope["method"], path=scope["path"], status=status, started=started)


def _presented_or_new_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == _HEADER:
            return accept_request_id(value.decode("latin-1"))
    return accept_request_id(None)
