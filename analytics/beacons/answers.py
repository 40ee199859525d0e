"""What the door for beacons answers: problems, the request's id, and who may read it, as the rest of the API does."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from corsheaders.conf import conf as cors
from django.conf import settings

from analytics.beacons.membership import PATH
from portal.api.problems import CONTENT_TYPE, problem_document
from portal.errors import MethodNotAllowed, PortalError
from portal.telemetry.asgi import Send
from portal.telemetry.correlation import HEADER

Headers = list[tuple[bytes, bytes]]

_ALLOWED: Final = b"POST, OPTIONS"
_ALWAYS: Final[Headers] = [
    (b"cache-control", b"no-store"),
    (b"vary", b"origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
_OF_TEXT: Final[Headers] = [
    (b"content-security-policy", b"default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'")
]
_REQUEST_ID: Final = HEADER.lower().encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, its headers beside those of every answer, and a body."""

    status: int
    headers: Headers
    body: bytes = b""


TAKEN: Final = Answer(int(HTTPStatus.NO_CONTENT), [])


def slow_down(interval_s: int) -> Answer:
    """Answer that the beacon was taken, and that the next ones are wanted less often."""
    return Answer(int(HTTPStatus.OK), [(b"content-type", b"application/json")], b'{"hb":%d}' % interval_s)


def refusal(error: PortalError) -> Answer:
    """Answer with a problem document, whose id is that of the request under way."""
    document = problem_document(error, instance=PATH)
    headers = [(b"content-type", CONTENT_TYPE.encode()), *_OF_TEXT, *_encoded(error.headers())]
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", _ALLOWED))
    return Answer(int(error.status), headers, json.dumps(document).encode())


def options(*, is_preflight: bool) -> Answer:
    """Answer what may be sent here, and by whom: to a browser that asks for a page of another site, all of it."""
    headers = [(b"allow", _ALLOWED)]
    if is_preflight:
        headers += _encoded(
            {
                "access-control-allow-headers": ", ".join(cors.CORS_ALLOW_HEADERS),
                "access-control-allow-methods": "POST",
                "access-control-max-age": str(cors.CORS_PREFLIGHT_MAX_AGE),
            }
        )
    return Answer(int(HTTPStatus.NO_CONTENT), headers)


async def send_answer(send: Send, answer: Answer, *, request_id: str, origin: bytes) -> None:
    headers = [*_ALWAYS, *answer.headers, (_REQUEST_ID, request_id.encode())]
    # By the standard, an answer without content has no length.
    if answer.status != HTTPStatus.NO_CONTENT:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    if origin:
        headers += _for_other_sites(origin.decode("latin-1"), settings.CORS_ALLOWED_ORIGINS)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _for_other_sites(origin: str, sites: Collection[str]) -> Headers:
    if origin not in sites:
        return []
    return _encoded(
        {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": ", ".join(cors.CORS_EXPOSE_HEADERS),
        }
    )


def _encoded(headers: Mapping[str, str]) -> Headers:
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
