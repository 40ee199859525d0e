"""The origin's ASGI application: raw ASGI, since what it serves is bytes, and many of them."""

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PLAIN = "text/plain; charset=utf-8"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one HTTP request; the origin speaks no other protocol."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/livez":
        await _respond(send, HTTPStatus.OK, b"ok\n", _PLAIN)
    elif scope["path"] == "/metrics":
        await _respond(send, HTTPStatus.OK, generate_latest(), CONTENT_TYPE_LATEST)
    else:
        await _respond(send, HTTPStatus.NOT_FOUND, b"not found\n", _PLAIN)


async def _respond(send: Send, status: HTTPStatus, body: bytes, content_type: str) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": body})
