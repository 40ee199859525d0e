"""What the origin says besides media: headers that every answer has, problems, and the answer to a preflight."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from portal.api.problems import CONTENT_TYPE, problem_document
from portal.errors import MethodNotAllowed, PortalError
from portal.telemetry.asgi import Scope, Send

METHODS = ("GET", "HEAD", "OPTIONS")
_ALLOWED = ", ".join(METHODS)
# Media comes from another origin than the page, as it does from a CDN. No cookie takes part: the token is all that
# counts, so any page that has an address may use it, embedding ones included.
_FOR_ANY_PAGE = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Age, Content-Encoding, Content-Length, Content-Range, Date, ETag, "
    "Last-Modified, Retry-After, X-Request-ID",
    "timing-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}
_PREFLIGHT = {
    "access-control-allow-methods": _ALLOWED,
    "access-control-allow-headers": "Range, If-Range, If-None-Match, If-Modified-Since, X-Request-ID",
    "access-control-max-age": "86400",
    "cache-control": "public, max-age=86400",
}
_ENCODED_FOR_ANY_PAGE = tuple((name.encode(), value.encode()) for name, value in _FOR_ANY_PAGE.items())
# What the log shows instead of the token, too.
_SHOWN_PATH = "/m/…/{}"
_LONGEST_INSTANCE = 200


# As ASGI has them.
EncodedHeaders = Sequence[tuple[bytes, bytes]]


def encode_headers(headers: Mapping[str, str]) -> EncodedHeaders:
    """Return the headers of an answer that any page may read."""
    return (*((name.encode(), value.encode("latin-1")) for name, value in headers.items()), *_ENCODED_FOR_ANY_PAGE)


async def start(send: Send, status: HTTPStatus, headers: Mapping[str, str]) -> None:
    """Send status and headers of an answer that any page may read."""
    await send({"type": "http.response.start", "status": int(status), "headers": encode_headers(headers)})


async def finish(send: Send, body: bytes = b"") -> None:
    await send({"type": "http.response.body", "body": body})


async def send_preflight(send: Send) -> None:
    """Allow what players ask for, and let the browser remember it for a day."""
    await start(send, HTTPStatus.NO_CONTENT, _PREFLIGHT)
    await finish(send)


async def send_problem(scope: Scope, send: Send, error: PortalError) -> None:
    """Answer with a problem document, which nobody may keep: the next request may fare better."""
    body = json.dumps(problem_document(error, instance=_instance(scope))).encode()
    headers = {
        "content-type": CONTENT_TYPE,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        **{name.lower(): value for name, value in error.headers().items()},
    }
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = _ALLOWED
    await start(send, HTTPStatus(int(error.status)), headers)
    await finish(send, b"" if scope["method"] == "HEAD" else body)


def _instance(scope: Scope) -> str:
    """Return the path without its token: problems end up in reports and in logs."""
    path = str(scope["path"])
    if path.startswith("/m/"):
        path = _SHOWN_PATH.format(path.removeprefix("/m/").partition("/")[2])
    return path[:_LONGEST_INSTANCE]
