"""Tells the edge, which has the files itself, what it may give out (nginx: `auth_request`)."""

from http import HTTPStatus
from time import monotonic

from portal import clock
from portal.errors import PortalError
from portal.telemetry.asgi import Scope, Send
from streaming.errors import MediaNotFound, PlaybackTokenOutdated
from streaming.origin.addresses import parse_address
from streaming.origin.gate import Gate
from streaming.origin.live.delivery import Broadcasts

PATH = "/verdict"
_ASKED = b"x-original-uri"
# An answer of status 204 has no length.
_EMPTY = (b"content-length", b"0")


async def send_verdict(scope: Scope, send: Send, gate: Gate, live: Broadcasts) -> None:
    """Answer 204 and the package, or 403 and the code of the problem: no other status means no to nginx.

    Without the header that names what is asked for, which only the edge sends, there is nothing here.
    """
    asked = next((value for name, value in scope["headers"] if name == _ASKED), None)
    status, *told = (HTTPStatus.NOT_FOUND, _EMPTY) if asked is None else _judge(asked, gate, live)
    headers = [*told, (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _judge(asked: bytes, gate: Gate, live: Broadcasts) -> tuple[HTTPStatus, *tuple[tuple[bytes, bytes], ...]]:
    try:
        address = parse_address(asked.partition(b"?")[0])
        if address is None:
            raise MediaNotFound
        claims = gate.admit(address, at=clock.now())
        if claims.is_for_channel and live.oldest_of(claims.package) is None:
            # What is left of the stream is a film, which may be for nobody yet.
            raise PlaybackTokenOutdated
        broadcast = live.find(claims.package)
        if broadcast is not None:
            broadcast.onlookers.note(claims.session_id.int, at_s=monotonic())
    except PortalError as error:
        return HTTPStatus.FORBIDDEN, (b"x-nova-problem", error.code.encode()), _EMPTY
    return HTTPStatus.NO_CONTENT, (b"x-nova-package", claims.package.encode())
