"""The origin's ASGI application: raw ASGI, since what it serves is bytes, and many of them."""

from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from portal.telemetry.asgi import Application, Receive, Scope, Send
from portal.telemetry.metrics import SIGNS_OF_A_PROXY, may_read_metrics
from streaming.origin import clock, verdict
from streaming.origin.delivery import MediaDelivery
from streaming.origin.hooks import PREFIX as HOOKS

_PLAIN = "text/plain; charset=utf-8"


def build_application(media: MediaDelivery, hooks: Application | None = None) -> Application:
    """Return what answers HTTP requests; the origin speaks no other protocol on this port.

    `hooks` answers ingest servers; None: there are none.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(("/m/", "/packages/")):
            await media(scope, receive, send)
        elif hooks is not None and scope["path"].startswith(HOOKS):
            await hooks(scope, receive, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _respond(scope, send, HTTPStatus.METHOD_NOT_ALLOWED, b"read only\n", _PLAIN)
        elif scope["path"] == verdict.PATH:
            await verdict.send_verdict(scope, send, media.gate, media.live)
        elif scope["path"] == clock.PATH:
            await clock.send_time(scope, send)
        else:
            await _answer_own(scope, send)

    return application


async def _answer_own(scope: Scope, send: Send) -> None:
    """Answer what is about the origin itself."""
    if scope["path"] == "/livez":
        await _respond(scope, send, HTTPStatus.OK, b"ok\n", _PLAIN)
    elif scope["path"] == "/metrics" and _may_read_metrics(scope):
        await _respond(scope, send, HTTPStatus.OK, generate_latest(), CONTENT_TYPE_LATEST)
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
