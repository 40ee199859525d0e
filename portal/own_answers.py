"""What processes without Django's handlers say of themselves over HTTP: that they live, and their metrics."""

import asyncio
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from portal.telemetry.asgi import Scope, Send
from portal.telemetry.metrics import SIGNS_OF_A_PROXY, may_read_metrics

_PLAIN = "text/plain; charset=utf-8"


async def answer_own(scope: Scope, send: Send) -> None:
    """Answer `/livez` and, to whoever may read them, `/metrics`; nothing else is there."""
    if scope["method"] not in {"GET", "HEAD"}:
        await _respond(scope, send, HTTPStatus.METHOD_NOT_ALLOWED, b"read only\n", _PLAIN)
    elif scope["path"] == "/livez":
        await _respond(scope, send, HTTPStatus.OK, b"ok\n", _PLAIN)
    elif scope["path"] == "/metrics" and _may_read_metrics(scope):
        # In a thread: some of them are read from the database.
        await _respond(scope, send, HTTPStatus.OK, await asyncio.to_thread(generate_latest), CONTENT_TYPE_LATEST)
    else:
        await _respond(scope, send, HTTPStatus.NOT_FOUND, b"not found\n", _PLAIN)


def _may_read_metrics(scope: Scope) -> bool:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return may_read_metrics(
        authorization=headers.get("authorization", ""),
        peer=(scope.get("client") or ("",))[0],
        is_proxied=any(name.lower() in headers for name in SIGNS_OF_A_PROXY),
    )


async def _respond(scope: Scope, send: Send, status: HTTPStatus, body: bytes, content_type: str) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"allow", b"GET, HEAD"),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
